"""Lays the decisions of a journal over a sorting that was made again, on this machine or another.

A decision is repeated only where the cluster holds the very files that were decided; all else is
in doubt again.
"""

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass, field

from playbook.errors import BadInput
from playbook.incident.manifest import decisions
from playbook.incident.manifest.questions import digest_of_cluster
from playbook.incident.manifest.store import Manifest
from playbook.incident.records import Decided, Joined, Said, Split, Undecided


@dataclass
class _Standing:
    """What of a review still stands: the splits in their order, and the decisions by cluster."""

    splits: list[Split] = field(default_factory=list)
    decided: dict[str, list[Decided]] = field(default_factory=dict)

    def take(self, said: Said) -> None:
        """Follow what one record says of a review."""
        match said:
            case Decided():
                self.decided.setdefault(said.cluster, []).append(said)
            case Undecided():
                stack = self.decided.get(said.cluster, [])
                while stack and (said.before is None or stack[-1].verdict is not said.before):
                    stack.pop()
            case Split():
                self.splits.append(said)
            case Joined():
                self.splits = [each for each in self.splits if each.cluster != said.cluster]
                for part in said.parts:
                    self.decided.pop(part, None)
            case _:
                pass


def repeat(manifest: Manifest, records: Iterable[Said]) -> int:
    """Split and decide again what still stands, and count the decisions that were repeated."""
    standing = _Standing()
    for said in records:
        standing.take(said)
    for each in standing.splits:
        whole = decisions.cluster(manifest, each.cluster)
        with contextlib.suppress(BadInput):
            if whole:
                decisions.split(manifest, whole, decisions.parts_of(manifest, whole, each.by))
    made = 0
    for id_, stack in standing.decided.items():
        if stack and digest_of_cluster(manifest, id_) == stack[-1].digest:
            with contextlib.suppress(BadInput):
                decisions.decide(manifest, id_, stack[-1].verdict, stack[-1].who)
                made += 1
    return made
