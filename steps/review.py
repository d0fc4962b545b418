"""Let a person decide the doubtful mail."""

from dataclasses import dataclass
from typing import ClassVar

from playbook.engine.findings import QueueInOrder
from playbook.engine.step import Step
from playbook.incident.manifest.store import Manifest
from playbook.incident.obligations import DOUBTFUL, Doubts, doubtful, doubts_in, doubts_in_words
from playbook.mail.server import Reader
from playbook.plan import Action, Change, DoubtsDecided, Irreversible, Plan
from playbook.text import counted


@dataclass(frozen=True)
class Review(Step[Doubts, None]):
    """Decide the doubtful mail, one decision for each cluster of files that belong together.

    It can wait for the morning: what is left doubtful stays where it is, neither sent nor
    bounced, and is counted as owed until somebody decides it.
    """

    patience_s: ClassVar[float] = 0.0
    acts: ClassVar[tuple[type[Action], ...]] = (DoubtsDecided,)
    by_hand: ClassVar[tuple[str, ...]] = (
        "open what is in doubt in an editor; good mail has its own words and usual recipients",
    )

    sorted: QueueInOrder
    manifest: Manifest

    def probe(self, server: Reader) -> Doubts:
        """What the manifest holds undecided."""
        return doubts_in(self.manifest)

    def plan(self, seen: Doubts) -> Plan:
        """Offer to decide now; what is left is owed."""
        if not seen.files:
            return Plan((), "nothing is in doubt", pays=(DOUBTFUL,))
        offer = Change(
            DoubtsDecided(),
            f"{counted(seen.files, 'file waits', 'files wait')} for "
            f"{counted(seen.clusters, 'decision')}",
            Irreversible("a decision can be taken back until its mail was given back"),
            once=True,
            offered=True,
        )
        return Plan((offer,), doubts_in_words(seen), owes=(doubtful(seen),))
