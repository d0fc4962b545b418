"""Brings about what concerns the incident itself: evidence, the sorted queue, the report."""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import assert_never

from playbook.errors import BadInput
from playbook.incident import evidence
from playbook.incident.incident import Incident
from playbook.incident.manifest.store import Manifest
from playbook.incident.records import Decided, EvidenceKept, Undecided
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
                sort_queue(self.server, action.folders, self.accounts, self.manifest, tell)
                _decide_again(self.incident, self.manifest)
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


def _decide_again(incident: Incident, manifest: Manifest) -> None:
    """Lay the decisions of the journal over a new sorting, where their clusters are there again.

    A cluster of other files, and the parts of one that a person split, are in doubt again.
    """
    for record in incident.journal.records:
        with contextlib.suppress(BadInput):
            match record.said:
                case Decided(cluster, verdict, _, files, who):
                    now = manifest.cluster(cluster)
                    if now and now.files == files:
                        manifest.decide(cluster, verdict, who)
                case Undecided(cluster, _, before, who):
                    manifest.take_back(cluster)
                    if before:
                        manifest.decide(cluster, before, who)
                case _:
                    pass
