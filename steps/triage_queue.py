"""Sort the queue that was set aside."""

from dataclasses import dataclass
from typing import ClassVar

from playbook.engine.findings import CompromisedAccounts, QueueInOrder, QueuesSetAside
from playbook.engine.inputs import ClosedElsewhere
from playbook.engine.step import Step
from playbook.incident.manifest.store import Manifest
from playbook.incident.manifest.values import Counts
from playbook.incident.obligations import good, suspect, unsorted_key
from playbook.mail.server import Reader
from playbook.mail.survey import SetAside
from playbook.plan import Action, Change, Irreversible, Obligation, Plan, QueueSorted
from steps.shared.reinjection import open_accounts
from steps.shared.setting_aside import SORTED_ROLES


@dataclass(frozen=True)
class SortingState:
    """How far the sorting is: the counts, and the compromised accounts and caveats that it found.

    `filed` are the folders that it was of, `good` how much good mail of each is not given back.
    """

    is_sorted: bool
    counts: Counts
    stolen: tuple[str, ...]
    caveats: tuple[str, ...]
    filed: tuple[str, ...] = ()
    good: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class TriageQueue(Step[SortingState, QueueInOrder]):
    """Sort every file of the renamed queue into spam, good and doubtful, with reasons.

    What decides is who submitted a file and from where, by its envelope, its trace line and the
    SMTP log; the size of the files, which the vendor's note goes by, is one sign among others
    (source: IceWarp KB 320). Missing evidence makes doubt. Nothing is moved.
    """

    patience_s: ClassVar[float] = 0.0
    acts: ClassVar[tuple[type[Action], ...]] = (QueueSorted,)
    by_hand: ClassVar[tuple[str, ...]] = (
        "copy the renamed folder to a machine that has this program, with the logs, and there:",
        "respond triage FOLDER --account ACCOUNT --logs FOLDER",
    )

    aside: QueuesSetAside
    stolen: CompromisedAccounts
    manifest: Manifest
    elsewhere: ClosedElsewhere | None = None

    def probe(self, server: Reader) -> SortingState:
        """What the manifest holds already."""
        return SortingState(
            self.manifest.is_sorted,
            self.manifest.counts(),
            self.manifest.notes("stolen"),
            self.manifest.notes("caveat"),
            self.manifest.notes("folder"),
            tuple((each.path, self.manifest.still_good(each.path)[1]) for each in self._folders()),
        )

    def plan(self, seen: SortingState) -> Plan:
        """Sort it, unless it is sorted; a compromised account that nobody named is owed."""
        folders = self._folders()
        if not folders:
            return Plan((), "no queue folder is set aside")
        if seen.is_sorted and all(each.path in seen.filed for each in folders):
            others = open_accounts(seen.stolen, self.stolen, self.elsewhere)
            return Plan(
                (),
                _words(seen),
                owes=(
                    *map(_suspect, others),
                    *(good(folder, left) for folder, left in seen.good if left),
                ),
                pays=tuple(unsorted_key(each.path) for each in folders),
            )
        change = Change(
            QueueSorted(folders),
            "good mail lies among the spam, and only who sent it tells them apart",
            Irreversible("verdicts are kept on this machine, and nothing is moved"),
        )
        return Plan((change,), "the queue is not sorted")

    def _folders(self) -> tuple[SetAside, ...]:
        return tuple(each for each in self.aside.folders if each.role in SORTED_ROLES)

    def finding(self, before: SortingState, after: SortingState) -> QueueInOrder:
        """The counts."""
        return QueueInOrder(after.counts, after.stolen)


def _words(seen: SortingState) -> str:
    return "; ".join((str(seen.counts), *seen.caveats))


def _suspect(account: str) -> Obligation:
    return suspect(account, ", by the mail in the queue")
