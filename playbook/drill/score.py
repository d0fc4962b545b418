"""The score of a drill, from the sink and the hidden truth alone."""

import os
import re
import smtplib
import socket
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from playbook.drill.delivery import delivered_at
from playbook.drill.layout import Layout
from playbook.drill.process import locked
from playbook.drill.scenario import THIEF_ADDRESS, Scenario
from playbook.drill.senders import log_in
from playbook.drill.settings import read_settings
from playbook.drill.truth import Truth, TruthFile

_HEAD_BYTES = 8_192
_IDENTITY = re.compile(rb"^Message-ID: (<[^<>\s]{1,200}>)\r?$", re.MULTILINE)


@dataclass(frozen=True)
class Score:
    """How a drill went.

    Times are seconds. `leak_open_s` runs from the start to the last moment at which a spam left or
    was taken from the thief. Spam counts as before or after the moment that the responder names.
    A good mail waits where it lies in a queue or in a folder set aside, and is lost where it is
    neither delivered nor waiting. A mail was sent twice where it left twice, good or not.
    """

    leak_open_s: float
    spam_left_before: int
    spam_left_after: int
    spam_accepted_after: int
    good_total: int
    good_delivered: int
    good_waiting: int
    mails_lost: int
    mails_sent_twice: int
    smtp_answers: bool
    watchdog_as_before: bool
    stolen_passwords_refused: bool


@dataclass(frozen=True)
class _Delivered:
    place: str
    identity: str
    at: float


def score(layout: Layout, scenario: Scenario, began_at: float, contained_at: float) -> Score:
    """Count the drill's outcome; `contained_at` is when the responder says that the leak closed.

    The service delivers nothing while it is counted, and what is accepted meanwhile does not
    count; whoever responds must have come to an end.
    """
    with locked(layout.moving):
        truths = TruthFile(layout.truth).all()
        delivered = tuple(_deliveries(layout))
        queued = set(_waiting(layout))
    spam_left = [one.at for one in delivered if _is_spam(truths, one.identity)]
    spam_taken = [
        one.accepted_at for one in truths.values() if not one.good and one.accepted_at is not None
    ]
    good = {one.identity for one in truths.values() if one.good and one.accepted_at is not None}
    arrived = good & {one.identity for one in delivered}
    waiting = (good & queued) - arrived
    copies = Counter((one.place, one.identity) for one in delivered)
    return Score(
        leak_open_s=max([0.0, *(at - began_at for at in (*spam_left, *spam_taken))]),
        spam_left_before=sum(at <= contained_at for at in spam_left),
        spam_left_after=sum(at > contained_at for at in spam_left),
        spam_accepted_after=sum(at > contained_at for at in spam_taken),
        good_total=len(good),
        good_delivered=len(arrived),
        good_waiting=len(waiting),
        mails_lost=len(good - arrived - waiting),
        mails_sent_twice=sum(count - 1 for count in copies.values()),
        smtp_answers=_smtp_answers(scenario),
        watchdog_as_before=_watchdog(layout) == "1",
        stolen_passwords_refused=all(_is_refused(scenario, one) for one in scenario.stolen),
    )


def identity_in(file: Path) -> str | None:
    """The `Message-ID` in the first bytes of a file, if there is one."""
    try:
        with file.open("rb") as opened:
            found = _IDENTITY.search(opened.read(_HEAD_BYTES))
    except FileNotFoundError:
        return None
    return found[1].decode("latin-1") if found else None


def _is_spam(truths: dict[str, Truth], identity: str) -> bool:
    return identity in truths and not truths[identity].good


def _deliveries(layout: Layout) -> Iterator[_Delivered]:
    for folder in (layout.sink, *layout.mailboxes()):
        for file in folder.iterdir():
            identity = identity_in(file)
            if identity is not None:
                yield _Delivered(str(folder), identity, delivered_at(file.name))


def _waiting(layout: Layout) -> Iterator[str]:
    """What lies anywhere below the root except where deliveries end."""
    ends = {layout.sink, *layout.mailboxes()}
    for folder, subfolders, names in os.walk(layout.root):
        here = Path(folder)
        subfolders[:] = [name for name in subfolders if here / name not in ends]
        for name in names:
            identity = identity_in(here / name)
            if identity is not None:
                yield identity


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
