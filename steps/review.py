"""Let a person decide the doubtful mail."""

from dataclasses import dataclass
from typing import ClassVar

from playbook.engine.step import Step
from playbook.incident.manifest.store import Manifest
from playbook.mail.server import Reader
from playbook.plan import Change, Debt, DoubtsDecided, Irreversible, Plan
from steps.triage_queue import QueueInOrder


@dataclass(frozen=True)
class Doubts:
    """What waits for a person: so many files in so many clusters, of these senders."""

    files: int
    clusters: int
    senders: tuple[str, ...]


@dataclass(frozen=True)
class Review(Step[Doubts, None]):
    """Decide the doubtful mail, one decision for each cluster of files that belong together.

    It can wait for the morning: what is left doubtful stays where it is, neither sent nor
    bounced, and is counted as owed until somebody decides it.
    """

    patience_s: ClassVar[float] = 0.0
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
            return Plan((), "nothing is in doubt", pays=("doubtful",))
        offer = Change(
            DoubtsDecided(),
            f"{seen.files:,} files wait for {seen.clusters} decisions",
            Irreversible("a decision can be taken back until its mail was given back"),
            once=True,
            offered=True,
        )
        return Plan((offer,), _words(seen), owes=(doubtful(seen),))


def doubts_in(manifest: Manifest) -> Doubts:
    """What waits for a person in a manifest."""
    waiting = [each for each in manifest.clusters() if each.decided is None]
    senders = {sender: None for each in waiting for sender in each.senders}
    return Doubts(sum(each.files for each in waiting), len(waiting), tuple(senders)[:10])


def doubtful(seen: Doubts) -> Debt:
    """What is owed while mail is in doubt."""
    return Debt("doubtful", _words(seen), "respond review")


def _words(seen: Doubts) -> str:
    senders = ", ".join(each or "an empty sender" for each in seen.senders[:5])
    return (
        f"{seen.files:,} files in {seen.clusters} clusters are in doubt, neither sent nor "
        f"bounced, of {senders}"
    )
