"""Those who submit mail during the drill: the thief and the ordinary senders."""

import smtplib
import time
from dataclasses import dataclass, replace
from random import Random
from threading import Event, Thread

from playbook.drill.layout import Layout
from playbook.drill.mails import Text, good, seeded, spam
from playbook.drill.scenario import (
    OFFICE_ADDRESS,
    ORDINARY_ACCOUNTS,
    THIEF_ADDRESS,
    VICTIM,
    Scenario,
    first_password,
)
from playbook.drill.truth import Truth, TruthFile

TIMEOUT_S = 5.0
SWARM_INTERVAL_S = 0.3


def log_in(scenario: Scenario, account: str, address: str) -> smtplib.SMTP:
    """An SMTP session of an account with the password of the first day.

    Raises `OSError` where nobody answers (`smtplib`'s own errors are `OSError`s), and
    `smtplib.SMTPAuthenticationError` where the login is refused.
    """
    smtp = smtplib.SMTP("127.0.0.1", scenario.smtp_port, "User", TIMEOUT_S)
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


@dataclass(frozen=True)
class Habit:
    """How somebody submits mail: as which accounts in turn, and in one session or in many."""

    accounts: tuple[str, ...]
    address: str
    thief: bool
    holds_session: bool

    def text(self, random: Random, account: str) -> Text:
        """The next message of an account."""
        now = time.time()
        if self.thief:
            return spam(random, now)
        return good(random, now, account, local=random.random() < 0.3)


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
        random = seeded(self._scenario.seed, self._habit)
        while not self._ended.wait(SWARM_INTERVAL_S * (0.5 + random.random())):
            account = random.choice(self._habit.accounts)
            try:
                self._submit(account, self._habit.text(random, account))
            except OSError:
                self._hang_up()
            if not self._habit.holds_session:
                self._hang_up()
        self._hang_up()

    def _submit(self, account: str, text: Text) -> None:
        if self._session is None:
            self._session = log_in(self._scenario, account, self._habit.address)
        attempt = Truth(text.identity, text.good, account, accepted_at=None)
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
        truth = TruthFile(layout.truth)
        self._ended = Event()
        habits = [
            Habit((account,), THIEF_ADDRESS, thief=True, holds_session=holds)
            for account in (scenario.stolen if thief else ())
            for holds in (True, False)
        ]
        if scenario.deliveries_per_s > 0:
            everybody = (VICTIM, *ORDINARY_ACCOUNTS)
            habits.append(Habit(everybody, OFFICE_ADDRESS, thief=False, holds_session=False))
        senders = [Sender(scenario, truth, habit, self._ended) for habit in habits]
        self._threads = [Thread(target=sender.run, daemon=True) for sender in senders]

    def start(self) -> None:
        """Begin to submit."""
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        """Stop submitting; returns when nobody does any more."""
        self._ended.set()
        for thread in self._threads:
            if thread.is_alive():
                thread.join()
