"""Brings about what concerns the incident itself: evidence, the sorted queue, the report."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import assert_never

from playbook import evidence, report
from playbook.change import (
    DoubtsDecided,
    EvidencePreserved,
    IncidentAction,
    QueueSorted,
    ReportWritten,
)
from playbook.incident import Incident
from playbook.mail.server import Reader
from playbook.manifest import Manifest
from playbook.sorting import sort_queue
from playbook.transports.base import Tell

Review = Callable[[Incident, Manifest], str]
"""Lets a person decide the doubtful mail, and says in a sentence what was decided."""


@dataclass(frozen=True)
class IncidentKeeper:
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
                return f"manifest {evidence.keep(self.server.evidence(), folder)}"
            case QueueSorted():
                return _sort(self.server, self.manifest, self.accounts, action, tell)
            case DoubtsDecided():
                return self.review(self.incident, self.manifest)
            case ReportWritten():
                return str(report.write(self.incident, self.manifest))
            case _:
                assert_never(action)


@dataclass(frozen=True)
class RehearsingKeeper:
    """Sorts the queue as the run would, into a manifest in memory; everything else is foreseen."""

    server: Reader
    manifest: Manifest
    accounts: tuple[str, ...]

    def perform(self, action: IncidentAction, tell: Tell) -> str:
        """Count it as done."""
        if isinstance(action, QueueSorted):
            return _sort(self.server, self.manifest, self.accounts, action, tell)
        return "foreseen"


def _sort(
    server: Reader, manifest: Manifest, accounts: tuple[str, ...], action: QueueSorted, tell: Tell
) -> str:
    sort_queue(server, action.folders, accounts, manifest, tell)
    return str(manifest.counts())
