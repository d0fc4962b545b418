"""What an incident owes because of its queue."""

from dataclasses import dataclass

from playbook.incident.manifest.store import Manifest
from playbook.plan import Obligation


@dataclass(frozen=True)
class Doubts:
    """What waits for a person: so many files in so many clusters, of these senders."""

    files: int
    clusters: int
    senders: tuple[str, ...]


def doubts_in(manifest: Manifest) -> Doubts:
    """What waits for a person in a manifest."""
    waiting = [each for each in manifest.clusters() if each.decided is None]
    senders = {sender: None for each in waiting for sender in each.senders}
    return Doubts(sum(each.files for each in waiting), len(waiting), tuple(senders)[:10])


def doubtful(seen: Doubts) -> Obligation:
    """What is owed while mail is in doubt."""
    return Obligation("doubtful", _words(seen), "respond review")


def _words(seen: Doubts) -> str:
    senders = ", ".join(each or "an empty sender" for each in seen.senders[:5])
    return (
        f"{seen.files:,} files in {seen.clusters} clusters are in doubt, neither sent nor "
        f"bounced, of {senders}"
    )
