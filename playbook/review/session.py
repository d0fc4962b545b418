"""The state of a review: decisions are written as they are made, so it can end at any time.

A decision is in the journal, on disk, before it is in the manifest. What can be undone is read
from the journal too, so a session that is opened again goes on where the one before ended.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from playbook.errors import BadInput
from playbook.incident.incident import Incident
from playbook.incident.manifest.questions import digest_of, spread_of
from playbook.incident.manifest.store import Manifest
from playbook.incident.manifest.values import Cluster, Trait
from playbook.incident.obligations import DOUBTFUL
from playbook.incident.records import (
    Decided,
    Joined,
    Owed,
    Said,
    Settled,
    Split,
    Undecided,
    owes,
)
from playbook.plan import Obligation
from playbook.review.evidence import ClusterEvidence, evidence_of
from playbook.review.mail import header_text
from playbook.text import one_line
from playbook.triage.verdicts import Verdict

STEP: Final = "review"
SPLITS: Final = {
    "sender": Trait.SENDER,
    "subject": Trait.SUBJECT,
    "address": Trait.ADDRESS,
    "day": Trait.DAY,
}
# The most frequent values of a trait become clusters of their own, the others one together.
_MOST_PARTS: Final = 12


@dataclass(frozen=True)
class Progress:
    """How far a review is: clusters and files, decided and all."""

    decided: int
    clusters: int
    decided_files: int
    files: int

    def __str__(self) -> str:
        return (
            f"{self.decided} of {self.clusters} clusters decided, "
            f"{self.decided_files:,} of {self.files:,} files"
        )


@dataclass(frozen=True)
class _Decided:
    cluster: str
    verdict: Verdict
    before: Verdict | None


@dataclass(frozen=True)
class _Split:
    cluster: str
    parts: tuple[str, ...]


class Session:
    """A review of an incident's manifest by one person."""

    def __init__(self, case: Incident, manifest: Manifest, who: str) -> None:
        self.case = case
        self.manifest = manifest
        self.who = who
        self._acts = list(_acts(case))
        self._clusters: dict[str, Cluster] = {}

    def clusters(self) -> tuple[Cluster, ...]:
        """What is to be decided, the largest first, and what was decided already."""
        if not self._clusters:
            self._clusters = {each.name: each for each in self.manifest.clusters()}
        return tuple(self._clusters.values())

    def progress(self) -> Progress:
        """How far it is."""
        return self.progress_of(self.clusters())

    @staticmethod
    def progress_of(clusters: tuple[Cluster, ...]) -> Progress:
        """How far it is, by clusters that were just asked for."""
        decided = [each for each in clusters if each.decided]
        files = sum(each.files for each in clusters)
        return Progress(len(decided), len(clusters), sum(each.files for each in decided), files)

    def evidence(self, cluster: Cluster) -> ClusterEvidence:
        """What speaks for and against it."""
        return evidence_of(self.manifest, cluster)

    def digest(self, cluster: Cluster) -> str:
        """SHA-256 over the files of the cluster, whatever was decided of them."""
        return digest_of(self.manifest, cluster.name)

    def decide(self, shown: Cluster, verdict: Verdict) -> None:
        """Decide a cluster as it was shown.

        Raises `BadInput` where it is not that cluster any more, or where its mail was given back.
        """
        cluster = self._as_shown(shown)
        before = cluster.decided
        self._record(Decided(cluster.name, verdict, before, cluster.files, self.who))
        self.manifest.decide(cluster.name, verdict, self.who)
        self._look_again(cluster.name)
        self._acts.append(_Decided(cluster.name, verdict, before))

    def reopen(self, shown: Cluster) -> None:
        """Take the decision of a cluster back, whenever it was made."""
        cluster = self._as_shown(shown)
        if cluster.decided:
            self._undecide(cluster.name, cluster.decided, None)
            _forget(self._acts, _Decided, cluster.name, all_of_them=True)

    def parts(self, cluster: Cluster, by: str) -> int:
        """How many values the cluster's files have of one of `SPLITS`."""
        return spread_of(self.manifest, cluster.name, SPLITS[by], 1).different

    def split(self, shown: Cluster, by: str) -> tuple[str, ...]:
        """Make several clusters of one, by one of `SPLITS`, and name them.

        Raises `BadInput` where it was decided, or where all its files have the same value.
        """
        cluster = self._as_shown(shown)
        if cluster.decided:
            raise BadInput("It was decided already", "", "Undo the decision first.")
        spread = spread_of(self.manifest, cluster.name, SPLITS[by], _MOST_PARTS)
        if spread.different < 2:
            raise BadInput(f"All its files have the same {by}")
        named = {
            value: f"{cluster.name} / {by} {number}: {one_line(header_text(value), 60) or '(none)'}"
            for number, (value, _) in enumerate(spread.values, 1)
        }
        rest = f"{cluster.name} / {by}: the others"
        parts = (*named.values(), *((rest,) if spread.different > len(named) else ()))
        self._record(Split(cluster.name, by, parts, self.who))
        self.manifest.split(cluster.name, SPLITS[by], named, rest)
        self._clusters.clear()
        self._acts.append(_Split(cluster.name, parts))
        return parts

    def undo(self) -> tuple[str, str] | None:
        """Take the last act back; the cluster it was about and a sentence, or None without one.

        Raises `BadInput` where the mail was given back meanwhile.
        """
        while self._acts:
            act = self._acts[-1]
            if self._stands(act):
                said = self._take_back(act)
                self._acts.pop()
                return act.cluster, said
            self._acts.pop()
        return None

    def settle(self) -> None:
        """Pay for doubtful files when none is left; owe them again when one came back."""
        owed = {obligation.key for obligation in self.case.obligations()}
        is_open = self.manifest.counts().doubtful > 0
        if DOUBTFUL in owed and not is_open:
            self._record(Settled((DOUBTFUL,)))
        elif DOUBTFUL not in owed and is_open and (obligation := _obligation_of(self.case)):
            self._record(Owed((obligation,)))

    def _as_shown(self, shown: Cluster) -> Cluster:
        now = self.manifest.cluster(shown.name)
        if now is None or now.files != shown.files:
            raise BadInput("The cluster is not what it was any more", "", "Open the review again.")
        if self.manifest.is_given_back(now.name):
            raise BadInput("Its mail was given back already", "", "The decision stands.")
        return now

    def _stands(self, act: "_Decided | _Split") -> bool:
        """Whether the act had its effect: the journal may be one act ahead after a crash."""
        if isinstance(act, _Split):
            return any(self.manifest.cluster(part) for part in act.parts)
        now = self.manifest.cluster(act.cluster)
        return bool(now and now.decided and now.decided is act.verdict)

    def _take_back(self, act: "_Decided | _Split") -> str:
        if isinstance(act, _Split):
            if any(self.manifest.is_given_back(part) for part in act.parts):
                raise BadInput("Mail of a part was given back already")
            self._record(Joined(act.cluster, act.parts, self.who))
            self.manifest.join(act.parts, act.cluster)
            self._clusters.clear()
            return "put together again"
        if self.manifest.is_given_back(act.cluster):
            raise BadInput("Its mail was given back already", "", "The decision stands.")
        self._undecide(act.cluster, act.verdict, act.before)
        return f"{act.verdict.value} taken back"

    def _undecide(self, cluster: str, verdict: Verdict, before: Verdict | None) -> None:
        """`before` is the decision that holds again, if one does."""
        self._record(Undecided(cluster, verdict, before, self.who))
        if before:
            self.manifest.decide(cluster, before, self.who)
        else:
            self.manifest.take_back(cluster)
        self._look_again(cluster)

    def _look_again(self, name: str) -> None:
        """One cluster was decided: with many thousands of files the others are not counted anew."""
        now = self.manifest.cluster(name)
        if now and name in self._clusters:
            self._clusters[name] = now

    def _record(self, said: Said) -> None:
        self.case.journal.append(said, STEP)


def _acts(case: Incident) -> Iterator["_Decided | _Split"]:
    """What was done in this incident's reviews and not taken back, oldest first."""
    acts: list[_Decided | _Split] = []
    for said in (record.said for record in case.journal.records):
        match said:
            case Decided(cluster, verdict, before):
                acts.append(_Decided(cluster, verdict, before))
            case Split(cluster, _, parts):
                acts.append(_Split(cluster, parts))
            case Undecided(cluster, _, before):
                _forget(acts, _Decided, cluster, all_of_them=before is None)
            case Joined(cluster):
                _forget(acts, _Split, cluster, all_of_them=False)
            case _:
                pass
    yield from acts


def _forget(
    acts: list["_Decided | _Split"], kind: type, cluster: str, *, all_of_them: bool
) -> None:
    for place in range(len(acts) - 1, -1, -1):
        if acts[place].cluster == cluster and isinstance(acts[place], kind):
            del acts[place]
            if not all_of_them:
                return


def _obligation_of(case: Incident) -> Obligation | None:
    """The obligation of doubtful files as it was owed last, or None."""
    owed = (each for record in case.journal.records for each in owes(record.said))
    return next((each for each in reversed(tuple(owed)) if each.key == DOUBTFUL), None)
