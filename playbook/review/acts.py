"""What was done in the reviews of an incident and was not taken back: what `undo` takes back."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from playbook.incident.records import Decided, Joined, Said, Split, Undecided
from playbook.triage.verdicts import Verdict


@dataclass(frozen=True)
class DecidedAct:
    """A cluster was decided; `before` is the decision that stood until then."""

    cluster: str
    title: str
    verdict: Verdict
    before: Verdict | None


@dataclass(frozen=True)
class SplitAct:
    """A cluster was split into these parts."""

    cluster: str
    title: str
    parts: tuple[str, ...]


Act = DecidedAct | SplitAct


def acts_of(records: Iterable[Said]) -> Iterator[Act]:
    """What stands of what the journal says, oldest first."""
    acts: list[Act] = []
    for said in records:
        match said:
            case Decided(cluster, title, verdict, before):
                acts.append(DecidedAct(cluster, title, verdict, before))
            case Split(cluster, title, _, parts):
                acts.append(SplitAct(cluster, title, parts))
            case Undecided():
                forget(acts, DecidedAct, said.cluster, all_of_them=said.before is None)
            case Joined():
                forget(acts, SplitAct, said.cluster, all_of_them=False)
            case _:
                pass
    yield from acts


def forget(acts: list[Act], kind: type[Act], cluster: str, *, all_of_them: bool) -> None:
    """Take the newest act of a kind about a cluster off the list, or all of them."""
    for place in range(len(acts) - 1, -1, -1):
        if acts[place].cluster == cluster and isinstance(acts[place], kind):
            del acts[place]
            if not all_of_them:
                return
