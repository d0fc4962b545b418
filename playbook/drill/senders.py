"""Those who submit mail during the drill: the thief and the ordinary senders."""

import smtplib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import count
from random import Random
from threading import Event, Thread

from playbook.drill.layout import Layout
from playbook.drill.mails import Post, Text, seeded
from playbook.drill.scenario import Scenario, first_password
from playbook.drill.truth import Truth, TruthFile
from playbook.drill.writers import Writers

TIMEOUT_S = 20.0
SWARM_INTERVAL_S = 0.3
PATIENCE = 200


def log_in(scenario: Scenario, account: str, address: str, client: str = "User") -> smtplib.SMTP:
    """An SMTP session of an account with the password of the first day.

    Raises `OSError` where nobody answers (`smtplib`'s own errors are `OSError`s), and
    `smtplib.SMTPAuthenticationError` where the login is refused.
    """
    smtp = smtplib.SMTP("127.0.0.1", scenario.smtp_port, client, TIMEOUT_S)
    try:
        smtp.docmd("XCLIENT", f"ADDR={address}")
        smtp.ehlo()
        smtp.user, smtp.password = account, first_password(account, scenario.seed)
        smtp.auth("LOGIN", smtp.auth_login, initial_response_ok=False)
    except OSError:
        smtp.close()
        raise
    return smtp


def hand_over(session: smtplib.SMTP, text: Text) -> float:
    """Submit a message; the Unix time at which its content began to leave the client.

    When the answer is read tells nothing on a machine with much to do: it may be long after the
    server took the message and was stopped. Raises `OSError` where it was not taken.
    """
    _must(session.mail(text.sender))
    for recipient in text.recipients:
        _must(session.rcpt(recipient))
    at = time.time()
    _must(session.data(text.content))
    return at


def _must(answer: tuple[int, bytes]) -> None:
    code, said = answer
    if code != 250:
        raise smtplib.SMTPResponseException(code, said)


def pause_s(random: Random, tried: int) -> float:
    """How long a sender waits before his next message, by how many he has tried to submit.

    After `PATIENCE` messages he is at half his pace, after twice as many at a third: a drill that
    is left running for an hour does not fill the disk.
    """
    return SWARM_INTERVAL_S * (0.5 + random.random()) * (1 + tried / PATIENCE)


@dataclass(frozen=True)
class Habit:
    """Who submits mail, what comes next of him, and whether in one session or in ever new ones."""

    who: str
    writes: Callable[[Random], Post]
    holds_session: bool


class Sender:
    """Somebody who submits mail, in a thread, until told to end."""

    def __init__(self, scenario: Scenario, truth: TruthFile, habit: Habit, ended: Event) -> None:
        self._scenario = scenario
        self._truth = truth
        self._habit = habit
        self._ended = ended
        self._session: smtplib.SMTP | None = None

    def run(self) -> None:
        """Submit message after message; what fails is tried again with the next one."""
        random = seeded(self._scenario.seed, self._habit.who, self._habit.holds_session)
        for tried in count():
            if self._ended.wait(pause_s(random, tried)):
                break
            try:
                self._submit(self._habit.writes(random))
            except OSError:
                self._hang_up()
            if not self._habit.holds_session:
                self._hang_up()
        self._hang_up()

    def _submit(self, post: Post) -> None:
        if self._session is None:
            self._session = log_in(self._scenario, post.account, post.address, post.client)
        text = post.text
        attempt = Truth(text.identity, text.good, post.account, accepted_at=None)
        self._truth.tell([attempt])
        handed_over_at = hand_over(self._session, text)
        self._truth.tell([replace(attempt, accepted_at=handed_over_at)])

    def _hang_up(self) -> None:
        if self._session is not None:
            self._session.close()
            self._session = None


class Crowd:
    """All the senders of a drill.

    For each stolen account there is the thief twice, once in a session that he keeps open and once
    in ever new ones; everybody else, the victim included, shares one thread, and sends nothing
    where the queue is to stand still.
    """

    def __init__(self, layout: Layout, scenario: Scenario, *, thief: bool) -> None:
        self._truth = TruthFile(layout.truth)
        self._scenario = scenario
        self._stolen = scenario.stolen if thief else ()
        self._ended = Event()
        self._threads: list[Thread] = []

    def start(self, writers: Writers) -> None:
        """Begin to submit."""
        for habit in self._habits(writers):
            sender = Sender(self._scenario, self._truth, habit, self._ended)
            self._threads.append(Thread(target=sender.run, daemon=True))
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        """Stop submitting; returns when nobody does any more."""
        self._ended.set()
        for thread in self._threads:
            if thread.is_alive():
                thread.join()

    def _habits(self, writers: Writers) -> Iterator[Habit]:
        for account in self._stolen:
            steal = partial(_steal, writers, account)
            yield Habit(f"thief as {account}", steal, holds_session=True)
            yield Habit(f"thief as {account}", steal, holds_session=False)
        if self._scenario.deliveries_per_s > 0:
            yield Habit("company", partial(_work, writers), holds_session=False)


def _steal(writers: Writers, account: str, random: Random) -> Post:
    return writers.spam(random, time.time(), account)


def _work(writers: Writers, random: Random) -> Post:
    return writers.good(random, time.time(), local=random.random() < 0.3)
