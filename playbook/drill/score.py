"""The score of a drill, from the sink and the hidden truth alone."""

import smtplib
import socket
from collections import Counter
from dataclasses import dataclass

from playbook.drill.found import Found, look
from playbook.drill.layout import Layout
from playbook.drill.scenario import THIEF_ADDRESS, Scenario
from playbook.drill.senders import log_in
from playbook.drill.settings import read_settings


@dataclass(frozen=True)
class Score:
    """How a drill went.

    Times are seconds. `leak_open_s` runs from the start to the last moment at which a spam left or
    was taken from the thief. "Before" and "after" mean the moment at which the responder says that
    the leak was closed. A live queue is one that the service delivers from: `_outgoing`, its retry
    queue and `_incoming`, wherever `path.dat` has them.

    spam_left_before, spam_left_after
        Spam that reached the sink.
    spam_accepted_after
        Spam that the thief handed over after and that was taken from him.
    spam_reinjected
        Spam that left after, or lies in a live queue at the end.
    good_total
        Good mail that was the server's: queued when the drill began, or accepted since.
    good_delivered, good_waiting
        Of it, what reached the sink or a mailbox, and what did not but lies somewhere: in a live
        queue, or in a folder set aside.
    good_given_back
        Of it, what was the server's before, and left after or lies in a live queue at the end.
    good_still_aside
        Of it, what was neither delivered nor lies in a live queue, but elsewhere.
    mails_lost
        Of it, what neither arrived nor lies anywhere.
    mails_sent_twice
        Copies, good or not, beyond the first that reached one place, those that a live queue is
        about to send there included.
    """

    leak_open_s: float
    spam_left_before: int
    spam_left_after: int
    spam_accepted_after: int
    spam_reinjected: int
    good_total: int
    good_delivered: int
    good_waiting: int
    good_given_back: int
    good_still_aside: int
    mails_lost: int
    mails_sent_twice: int
    smtp_answers: bool
    watchdog_as_before: bool
    stolen_passwords_refused: bool


def score(layout: Layout, scenario: Scenario, began_at: float, contained_at: float) -> Score:
    """Count the drill's outcome; `contained_at` is when the responder says that the leak closed.

    The service delivers nothing while it is counted, and what is accepted meanwhile does not
    count; whoever responds must have come to an end.
    """
    found = look(layout)
    spam_left = [one.at for one in found.delivered if _is_spam(found, one.identity)]
    spam_taken = _taken(found, good=False).values()
    left_after = {one.identity for one in found.delivered if one.at > contained_at}
    good = _taken(found, good=True)
    arrived = good.keys() & {one.identity for one in found.delivered}
    live = {identity for _, identity in found.live}
    somewhere = live | found.aside
    known_before = {identity for identity, at in good.items() if at <= contained_at}
    copies = Counter((one.place, one.identity) for one in found.delivered) + Counter(found.live)
    return Score(
        leak_open_s=max([0.0, *(at - began_at for at in (*spam_left, *spam_taken))]),
        spam_left_before=sum(at <= contained_at for at in spam_left),
        spam_left_after=sum(at > contained_at for at in spam_left),
        spam_accepted_after=sum(at > contained_at for at in spam_taken),
        spam_reinjected=sum(_is_spam(found, identity) for identity in left_after | live),
        good_total=len(good),
        good_delivered=len(arrived),
        good_waiting=len((good.keys() & somewhere) - arrived),
        good_given_back=len(known_before & (left_after | (live - arrived))),
        good_still_aside=len((good.keys() & somewhere) - arrived - live),
        mails_lost=len(good.keys() - arrived - somewhere),
        mails_sent_twice=sum(count - 1 for count in copies.values()),
        smtp_answers=_smtp_answers(scenario),
        watchdog_as_before=_watchdog(layout) == "1",
        stolen_passwords_refused=all(_is_refused(scenario, one) for one in scenario.stolen),
    )


def _is_spam(found: Found, identity: str) -> bool:
    return identity in found.truths and not found.truths[identity].good


def _taken(found: Found, *, good: bool) -> dict[str, float]:
    """When each good mail, or each spam, became the server's."""
    return {
        one.identity: one.accepted_at
        for one in found.truths.values()
        if one.good is good and one.accepted_at is not None
    }


def _smtp_answers(scenario: Scenario) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", scenario.smtp_port), timeout=15) as connection:
            return connection.recv(100).startswith(b"220")
    except OSError:
        return False


def _watchdog(layout: Layout) -> str:
    return read_settings(layout.settings).system["c_system_tools_watchdog_smtp"]


def _is_refused(scenario: Scenario, account: str) -> bool:
    try:
        log_in(scenario, account, THIEF_ADDRESS).close()
    except (smtplib.SMTPAuthenticationError, ConnectionRefusedError):
        return True
    except OSError:
        return False
    return False
