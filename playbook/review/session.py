"""The state of a review: decisions are written as they are made, so it can end at any time.

A decision is in the journal, on disk, before it is in the manifest. What can be undone is read
from the journal too, so a session that is opened again goes on where the one before ended.
"""

from dataclasses import dataclass
from typing import Final

from playbook.errors import BadInput
from playbook.incident.incident import Incident
from playbook.incident.manifest import decisions
from playbook.incident.manifest.decisions import SPLITS
from playbook.incident.manifest.questions import digest_of_cluster, examples, good_left, spread_of
from playbook.incident.manifest.store import Manifest
from playbook.incident.manifest.values import Cluster, QueuedFile
from playbook.incident.obligations import DOUBTFUL, doubtful, doubts_in, good, good_key
from playbook.incident.records import Decided, Joined, Owed, Said, Settled, Split, Undecided
from playbook.review.acts import Act, DecidedAct, SplitAct, acts_of, forget
from playbook.review.facts import SAMPLES, ClusterFacts, facts_of
from playbook.review.titles import title
from playbook.triage.verdicts import Verdict

STEP: Final = "review"
_STANDS: Final = ("Its mail was given back already", "", "The decision stands.")


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


def progress_of(clusters: tuple[Cluster, ...]) -> Progress:
    """How far a review of these clusters is."""
    decided = [each for each in clusters if each.decided]
    files = sum(each.files for each in clusters)
    return Progress(len(decided), len(clusters), sum(each.files for each in decided), files)


class ReviewSession:
    """A review of an incident's manifest by one person, who may be the third in a row."""

    def __init__(self, case: Incident, manifest: Manifest, who: str) -> None:
        self.case = case
        self.manifest = manifest
        self.who = who
        self._acts = list(acts_of(record.said for record in case.journal.records))
        self._clusters: dict[str, Cluster] = {}

    def clusters(self) -> tuple[Cluster, ...]:
        """What is to be decided, the largest first, and what was decided already."""
        if not self._clusters:
            self._clusters = {each.id: each for each in decisions.clusters(self.manifest)}
        return tuple(self._clusters.values())

    def progress(self) -> Progress:
        """How far this review is."""
        return progress_of(self.clusters())

    def facts(self, cluster: Cluster) -> ClusterFacts:
        """What speaks for and against a cluster; time is linear in its files."""
        return facts_of(self.manifest, cluster)

    def examples(self, cluster: Cluster, most: int = SAMPLES) -> tuple[QueuedFile, ...]:
        """A few of its files to look at."""
        return examples(self.manifest, cluster.id, most)

    def digest(self, cluster: Cluster) -> str:
        """The digest of the files of the cluster, whatever was decided of them."""
        return digest_of_cluster(self.manifest, cluster.id)

    def decide(self, shown: Cluster, verdict: Verdict) -> None:
        """Decide a cluster as it was shown.

        Raises `BadInput` where it is not that cluster any more, or where its mail was given back.
        """
        now = self._as_shown(shown)
        words, digest = title(now), self.digest(now)
        self._record(Decided(now.id, words, verdict, now.decided, now.files, digest, self.who))
        decisions.decide(self.manifest, now.id, verdict, self.who)
        self._look_again(now.id)
        self._acts.append(DecidedAct(now.id, words, verdict, now.decided))

    def reopen(self, shown: Cluster) -> None:
        """Take the decision of a cluster back, whenever it was made."""
        now = self._as_shown(shown)
        if now.decided:
            self._undecide(DecidedAct(now.id, title(now), now.decided, None))
            forget(self._acts, DecidedAct, now.id, all_of_them=True)

    def parts(self, cluster: Cluster, by: str) -> int:
        """How many values the cluster's files have of one of `SPLITS`."""
        return spread_of(self.manifest, cluster.id, SPLITS[by], 1).different

    def split(self, shown: Cluster, by: str) -> tuple[str, ...]:
        """Make several clusters of one, by one of `SPLITS`, and give their ids.

        Raises `BadInput` where it was decided, or where all its files have the same value.
        """
        now = self._as_shown(shown)
        if now.decided:
            raise BadInput("It was decided already", "", "Undo the decision first.")
        parts = decisions.parts_of(self.manifest, now, by)
        ids = tuple(decisions.id_of_part(now, each) for each in parts)
        self._record(Split(now.id, title(now), by, ids, self.who))
        decisions.split(self.manifest, now, parts)
        self._clusters.clear()
        self._acts.append(SplitAct(now.id, title(now), ids))
        return ids

    def undo(self) -> tuple[Act, str] | None:
        """Take the last act back; the act and a sentence, or None where there is none left.

        Raises `BadInput` where the mail was given back meanwhile.
        """
        while self._acts:
            act = self._acts[-1]
            if self._has_effect(act):
                said = self._take_back(act)
                self._acts.pop()
                return act, said
            self._acts.pop()
        return None

    def settle(self) -> None:
        """Write down what waits now: files in doubt, and good mail that is not given back.

        What is owed as it stands already, or is not owed any more as before, makes no record.
        """
        doubts = doubts_in(self.manifest)
        wanted = [good(folder, left) for folder, left in good_left(self.manifest)]
        wanted += [doubtful(doubts)] if doubts.files else []
        owed = {each.key: each for each in self.case.obligations()}
        ours = {DOUBTFUL, *(good_key(folder) for folder in self.manifest.folders())}
        paid = ours & owed.keys() - {each.key for each in wanted}
        if paid:
            self._record(Settled(tuple(sorted(paid))))
        if new := tuple(each for each in wanted if owed.get(each.key) != each):
            self._record(Owed(new))

    def _as_shown(self, shown: Cluster) -> Cluster:
        now = decisions.cluster(self.manifest, shown.id)
        if now is None or now.files != shown.files:
            raise BadInput("The cluster is not what it was any more", "", "Open the review again.")
        if decisions.stands(self.manifest, now.id):
            raise BadInput(*_STANDS)
        return now

    def _has_effect(self, act: Act) -> bool:
        """Whether the act did what it says: the journal may be one act ahead after a crash."""
        if isinstance(act, SplitAct):
            return any(decisions.cluster(self.manifest, part) for part in act.parts)
        now = decisions.cluster(self.manifest, act.cluster)
        return bool(now and now.decided is act.verdict)

    def _take_back(self, act: Act) -> str:
        parts = act.parts if isinstance(act, SplitAct) else (act.cluster,)
        if any(decisions.stands(self.manifest, each) for each in parts):
            raise BadInput(*_STANDS)
        if isinstance(act, DecidedAct):
            self._undecide(act)
            return f"{act.verdict.value} taken back"
        self._record(Joined(act.cluster, act.title, act.parts, self.who))
        decisions.join(self.manifest, act.parts, act.cluster)
        self._clusters.clear()
        return "put together again"

    def _undecide(self, act: DecidedAct) -> None:
        """The decision before it holds again, if there was one."""
        self._record(Undecided(act.cluster, act.title, act.verdict, act.before, self.who))
        if act.before:
            decisions.decide(self.manifest, act.cluster, act.before, self.who)
        else:
            decisions.take_back(self.manifest, act.cluster)
        self._look_again(act.cluster)

    def _look_again(self, id_: str) -> None:
        """One cluster was decided: with many thousands of files the others are not counted anew."""
        now = decisions.cluster(self.manifest, id_)
        if now and id_ in self._clusters:
            self._clusters[id_] = now

    def _record(self, said: Said) -> None:
        self.case.journal.append(said, STEP)
