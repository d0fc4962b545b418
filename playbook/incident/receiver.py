"""Brings about what concerns the incident itself: evidence, the sorted queue, the report."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import assert_never

from playbook.incident import evidence
from playbook.incident.incident import Incident
from playbook.incident.manifest.store import Manifest
from playbook.incident.records import EvidenceKept
from playbook.incident.report import files
from playbook.incident.triage import sort_queue
from playbook.mail.server import Reader
from playbook.plan import (
    DoubtsDecided,
    EvidencePreserved,
    IncidentAction,
    QueueSorted,
    ReportWritten,
)
from playbook.progress import Tell

Review = Callable[[Incident, Manifest], str]
"""Lets a person decide the doubtful mail, and says in a sentence what was decided."""


@dataclass(frozen=True)
class IncidentReceiver:
    """Keeps what a run finds in the incident's folder.

    `accounts` are those held to be stolen when the queue is sorted.
    """

    incident: Incident
    server: Reader
    manifest: Manifest
    review: Review
    accounts: tuple[str, ...]

    def perform(self, action: IncidentAction, tell: Tell) -> str:
        """Bring it about, and say in a sentence what was kept."""
        match action:
            case EvidencePreserved():
                folder = (self.incident.folder or Path()) / "evidence"
                manifest = evidence.keep(self.server.evidence(), folder)
                self.incident.journal.append(EvidenceKept(manifest))
                return f"manifest {manifest}"
            case QueueSorted():
                said = tuple(record.said for record in self.incident.journal.records)
                folders, accounts = action.folders, self.accounts
                sort_queue(self.server, folders, accounts, self.manifest, tell, said)
                return str(self.manifest.counts())
            case DoubtsDecided():
                return self.review(self.incident, self.manifest)
            case ReportWritten():
                return str(files.write(self.incident, self.manifest))
            case _:
                assert_never(action)


@dataclass(frozen=True)
class RehearsingReceiver:
    """Sorts the queue as the run would, into a manifest in memory; everything else is foreseen."""

    server: Reader
    manifest: Manifest
    accounts: tuple[str, ...]

    def perform(self, action: IncidentAction, tell: Tell) -> str:
        """Count it as done."""
        if isinstance(action, QueueSorted):
            sort_queue(self.server, action.folders, self.accounts, self.manifest, tell)
            return str(self.manifest.counts())
        return "foreseen"
