"""What a report says, as typed facts; each format only writes them down."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from playbook.incident.evidence import MANIFEST
from playbook.incident.incident import Incident
from playbook.incident.manifest.questions import Tallies, misuse, tallies, waiting
from playbook.incident.manifest.removal import sums
from playbook.incident.manifest.store import Manifest
from playbook.incident.manifest.values import Counts, Misuse, Trait, Waiting
from playbook.incident.obligations import PERSISTENCE
from playbook.incident.records import Did, Opened, Undid, owes
from playbook.incident.report.mail_state import MailState, mail_state
from playbook.incident.report.timeline import Moment, timeline
from playbook.incident.report.to_do import ToDo, to_do
from playbook.mail.actions import (
    EmptyFolderRemoved,
    FolderRestored,
    FolderSetAside,
    PasswordReset,
    SmtpStarted,
    SmtpStopped,
    SubmissionSet,
)
from playbook.mail.survey import Role
from playbook.plan import Action, Obligation, QueueSorted

_LOOKS_FOR_PERSISTENCE: Final = "check_persistence"


@dataclass(frozen=True)
class Speed:
    """Seconds from the opening of the incident until something was done first, or None."""

    smtp_down: float | None
    account_closed: float | None
    queue_set_aside: float | None
    smtp_up: float | None


@dataclass(frozen=True)
class Persistence:
    """What the attacker left to stay, and how far somebody looked for it: "" where nobody did."""

    looked: str
    found: tuple[str, ...]


@dataclass(frozen=True)
class QueueFacts:
    """What the queue held, by the sorting that is kept here, and what became of it.

    `removed` files were spam, or given back, and are gone from the server with their sums kept.
    """

    counts: Counts
    waiting: Waiting
    removed: int
    stolen: tuple[str, ...]
    caveats: tuple[str, ...]
    by: dict[str, Tallies]


@dataclass(frozen=True)
class Facts:
    """Everything that a report says.

    `queue` and `misuse` are None where no sorting is kept here; `sorted_before` is then what the
    last one said, "" where there was none. `is_aside` tells whether a queue was set aside.
    """

    incident: str
    host: str
    opened: Opened
    opened_at: datetime
    speed: Speed
    misuse: Misuse | None
    mail: MailState
    is_aside: bool
    queue: QueueFacts | None
    sorted_before: str
    persistence: Persistence
    owed: tuple[Obligation, ...]
    to_do: tuple[ToDo, ...]
    timeline: tuple[Moment, ...]
    evidence: dict[str, str]


def gather(incident: Incident, manifest: Manifest | None = None) -> Facts:
    """The facts by the journal, the manifest and the evidence, as they are now."""
    queue = _queue(manifest) if manifest and manifest.is_sorted else None
    is_aside = _is_aside(incident)
    return Facts(
        incident=incident.name,
        host=incident.host,
        opened=incident.opening,
        opened_at=incident.journal.records[0].at,
        speed=Speed(
            smtp_down=seconds_to(incident, SmtpStopped),
            account_closed=_seconds_to_closed(incident),
            queue_set_aside=seconds_to(incident, FolderSetAside),
            smtp_up=seconds_to(incident, SmtpStarted),
        ),
        misuse=misuse(manifest) if manifest and queue else None,
        mail=mail_state(incident),
        is_aside=is_aside,
        queue=queue,
        sorted_before=_sorted_before(incident),
        persistence=_persistence(incident),
        owed=incident.obligations(),
        to_do=to_do(incident, queue.waiting if queue else None, is_aside=is_aside),
        timeline=timeline(incident),
        evidence=_evidence(incident),
    )


def seconds_to(incident: Incident, *actions: type[Action]) -> float | None:
    """Seconds from the opening to the first time that one of these actions was done, or None."""
    return _first(incident, [each for each in _done(incident) if isinstance(each[1], actions)])


def _seconds_to_closed(incident: Incident) -> float | None:
    closing: list[tuple[datetime, Action]] = [
        (at, do)
        for at, do in _done(incident)
        if isinstance(do, PasswordReset) or (isinstance(do, SubmissionSet) and not do.allowed)
    ]
    return _first(incident, closing)


def _done(incident: Incident) -> list[tuple[datetime, Action]]:
    records = incident.journal.records
    return [(each.at, each.said.do) for each in records if isinstance(each.said, Did)]


def _first(incident: Incident, done: list[tuple[datetime, Action]]) -> float | None:
    begun = incident.journal.records[0].at
    return (done[0][0] - begun).total_seconds() if done else None


def _is_aside(incident: Incident) -> bool:
    """Whether a queue lies aside, as far as the journal tells: mail may wait in it.

    What SMTP was receiving when it stopped is no queue: its senders send it again.
    """
    adopted = incident.opening.adopted
    folders = {adopted.path} if adopted else set()
    for record in incident.journal.records:
        match record.said:
            case Did(do=FolderSetAside() as do) if do.role is not Role.TEMPORARY:
                folders.add(do.aside)
            case Undid(do=FolderRestored() as do):
                folders.discard(do.aside)
            case Did(do=EmptyFolderRemoved() as do):
                folders.discard(do.aside)
            case _:
                pass
    return bool(folders)


def _sorted_before(incident: Incident) -> str:
    said = [each.said for each in incident.all(Did) if isinstance(each.do, QueueSorted)]
    return said[-1] if said else ""


def _queue(manifest: Manifest) -> QueueFacts:
    traits = (Trait.ACCOUNT, Trait.SENDER, Trait.RECIPIENT_DOMAIN)
    return QueueFacts(
        counts=manifest.counts(),
        waiting=waiting(manifest),
        removed=sum(1 for _ in sums(manifest)),
        stolen=manifest.notes("stolen"),
        caveats=manifest.notes("caveat"),
        by={each.value: tallies(manifest, each) for each in traits},
    )


def _persistence(incident: Incident) -> Persistence:
    records = incident.journal.records
    ever = {
        each.key: each.text
        for record in records
        for each in owes(record.said)
        if each.key.startswith(PERSISTENCE)
    }
    closed = incident.closed(_LOOKS_FOR_PERSISTENCE)
    looked = closed.because if closed and closed.outcome.good else ""
    return Persistence(looked, tuple(ever.values()))


def _evidence(incident: Incident) -> dict[str, str]:
    kept = incident.folder / "evidence" / MANIFEST if incident.folder else None
    if kept is None or not kept.exists():
        return {}
    return {str(name): str(digest) for name, digest in json.loads(kept.read_text()).items()}
