"""What happened when: a sentence for each record of the journal, whatever its kind."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from playbook.incident.incident import Incident
from playbook.incident.records import (
    BrokenOff,
    Closed,
    Decided,
    Declined,
    Did,
    Discharged,
    EvidenceKept,
    Failed,
    Intended,
    Joined,
    Leased,
    Opened,
    Overridden,
    Owed,
    Reopened,
    RunEnded,
    Said,
    Saw,
    Settled,
    Split,
    TailCut,
    Taken,
    Undecided,
    Undid,
    UndoEnded,
    Undoing,
    Unreleased,
    Untold,
)
from playbook.text import counted


@dataclass(frozen=True)
class Moment:
    """One line of the timeline; `at` is the clock of the machine that acted, in UTC."""

    at: datetime
    step: str
    what: str


def timeline(incident: Incident) -> tuple[Moment, ...]:
    """What happened when, from the journal."""
    return tuple(_moments(incident))


def _moments(incident: Incident) -> Iterator[Moment]:
    for record in incident.journal.records:
        what = in_words(record.said)
        if what:
            yield Moment(record.at, record.step, what)


def in_words(said: Said) -> str:
    """What a record says to a person; "" for what the line of another record says already."""
    match said:
        case Saw() | Intended() | Undoing():
            return ""
        case Did() | Failed() | Declined() | Undid() | Closed() | Reopened() | EvidenceKept():
            return _of_a_step(said)
        case Decided() | Undecided() | Split() | Joined():
            return _of_a_review(said)
        case Owed() | Settled() | Discharged() | Overridden():
            return _of_a_debt(said)
        case _:
            return _of_a_run(said)


def _of_a_step(said: Did | Failed | Declined | Undid | Closed | Reopened | EvidenceKept) -> str:
    match said:
        case Did():
            return f"{said.do}: {said.said}"
        case Failed():
            return f"{said.do}: {said}"
        case Declined():
            return f"Not done, as it was not agreed to: {said.do}"
        case Undid():
            return f"Undone: {said.said}"
        case Closed():
            cause = f", because {said.cause}" if said.cause else ""
            return f"{said.outcome}: {said.because}{cause}"
        case Reopened():
            return f"Opened again: {', '.join(said.steps)}"
        case EvidenceKept():
            return f"Evidence was kept, with the manifest {said.manifest_sha256}"
        case _:
            assert_never(said)


def _of_a_review(said: Decided | Undecided | Split | Joined) -> str:
    match said:
        case Decided():
            files = counted(said.files, "file")
            return f"{said.who} decided {said.verdict.value}: {said.title} ({files})"
        case Undecided():
            back = f"; it is {said.before.value} again" if said.before else ""
            return f"{said.who} took back {said.verdict.value}: {said.title}{back}"
        case Split():
            parts = counted(len(said.parts), "part")
            return f"{said.who} split it by {said.by} into {parts}: {said.title}"
        case Joined():
            return f"{said.who} put it together again: {said.title}"
        case _:
            assert_never(said)


def _of_a_debt(said: Owed | Settled | Discharged | Overridden) -> str:
    match said:
        case Owed():
            return f"Owed from here on: {'; '.join(each.text for each in said.owes)}"
        case Settled():
            return f"Not owed any more: {', '.join(said.pays)}"
        case Discharged():
            return f"A person settled {', '.join(said.pays)}: {said.because}"
        case Overridden():
            return f"Gone on although {said.what}; reason given: {said.reason}"
        case _:
            assert_never(said)


_OfARun = Opened | Leased | Unreleased | Untold | RunEnded | BrokenOff | UndoEnded | TailCut | Taken


def _of_a_run(said: _OfARun) -> str:
    match said:
        case Opened():
            return f"Opened by {said.who} for {', '.join(said.accounts) or 'no account'}"
        case Leased():
            words = f"{said.who} holds the lease on the server, to {said.command}"
            return f"{words}: {said.because}" if said.because else words
        case Unreleased():
            return f"The lease was not given up: {said.because}"
        case Untold():
            return f"From here on nobody was shown the run: {said.because}"
        case RunEnded():
            return said.stopped or "The run came to its end"
        case BrokenOff():
            return f"Broken off: {said.what}"
        case UndoEnded():
            return said.stopped or "The undo came to its end"
        case TailCut():
            return f"The journal's last line had been cut; {said.size_bytes} bytes were taken off"
        case Taken():
            return _of_a_colleague(said)
        case _:
            assert_never(said)


def _of_a_colleague(said: Taken) -> str:
    who = ", ".join(said.who) or "somebody"
    records = counted(said.records, "record")
    parted = f"; {said.parted} of our own were set apart ({said.reason})" if said.parted else ""
    return f"{who} had gone on: {records} were taken from the server's copy{parted}"
