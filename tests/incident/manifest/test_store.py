"""The manifest: what was sorted, what a person decided, what was given back."""

from pathlib import Path

import pytest

from playbook.errors import BadInput, JournalUnwritable
from playbook.incident.manifest.store import Manifest
from playbook.incident.manifest.values import Trait
from playbook.triage.clusters import ClusterKey
from playbook.triage.features import Features, FileKind
from playbook.triage.judgement import Judged
from playbook.triage.verdicts import Verdict

ASIDE = "/srv/mail/_outgoing.CASE"


def one(
    path: str, verdict: Verdict, cluster: str = "", sender: str = "a@b.example"
) -> tuple[Features, Judged]:
    raw = path.encode()
    features = Features(
        raw, FileKind.MESSAGE, 100, at_s=len(path), sender=sender, leads=("x.example",)
    )
    key = ClusterKey(cluster) if cluster else None
    return features, Judged(raw, verdict, key, ("because",), "info@b.example", "192.0.2.1")


def filled(path: Path | None = None) -> Manifest:
    manifest = Manifest(path)
    sorting = [
        one("1.tmp", Verdict.SPAM),
        one("22.tmp", Verdict.GOOD),
        one("retry/33.tmp", Verdict.DOUBTFUL, "alone"),
        one("retry/444.tmp", Verdict.DOUBTFUL, "many"),
        one("retry/5555.tmp", Verdict.DOUBTFUL, "many", "c@d.example"),
        one("notes.txt", Verdict.NOT_A_MESSAGE),
    ]
    manifest.fill("outgoing", ASIDE, sorting)
    return manifest


def test_it_counts_each_file_once_and_is_whole_only_when_sealed() -> None:
    manifest = filled()
    assert not manifest.is_sorted
    manifest.seal()
    assert manifest.is_sorted
    counts = manifest.counts()
    assert (counts.spam, counts.good, counts.doubtful, counts.not_a_message) == (1, 1, 3, 1)
    assert (counts.whole, counts.decisions_open, counts.given) == (6, 2, 0)


def test_filing_a_folder_again_replaces_it(tmp_path: Path) -> None:
    manifest = filled(tmp_path / "queue.sqlite")
    manifest.fill("outgoing", ASIDE, [one("1.tmp", Verdict.GOOD)])
    manifest.fill("retry", "/elsewhere/retry.CASE", [one("1.tmp", Verdict.SPAM)])
    assert manifest.counts().whole == 2
    assert (tmp_path / "queue.sqlite").stat().st_mode & 0o777 == 0o600


def test_a_persons_decision_is_laid_over_the_verdict_and_can_be_taken_back() -> None:
    manifest = filled()
    before = manifest.digest(Verdict.GOOD)
    assert [each.name for each in manifest.clusters()] == ["many", "alone"]
    assert manifest.decide("many", Verdict.GOOD, "ada") == 2
    assert manifest.counts().good == 3
    assert manifest.digest(Verdict.GOOD) != before
    assert [each.path for each in manifest.to_give_back("outgoing", 2)] == [
        b"22.tmp",
        b"retry/444.tmp",
    ]
    manifest.take_back("many")
    assert manifest.digest(Verdict.GOOD) == before
    assert manifest.counts().decisions_open == 2


def test_a_cluster_is_split_and_its_parts_decided_apart() -> None:
    manifest = filled()
    manifest.split("many", Trait.SENDER, {"c@d.example": "first"}, "rest")
    assert [each.name for each in manifest.clusters()] == ["alone", "first", "rest"]
    manifest.decide("first", Verdict.SPAM, "ada")
    assert [each.verdict for each in manifest.members("rest")] == [Verdict.DOUBTFUL]
    manifest.join(("first", "rest"), "many")
    assert [each.verdict for each in manifest.members("many")] == [Verdict.DOUBTFUL] * 2


def test_examples_are_of_different_subjects_first() -> None:
    manifest = filled()
    assert [each.path for each in manifest.examples("many", 1)] == [b"retry/444.tmp"]
    assert manifest.rows("SELECT count(*) FROM files WHERE cluster = ?", "many") == [(2,)]


def test_what_was_given_back_is_not_given_again_and_its_decision_stays() -> None:
    manifest = filled()
    manifest.decide("alone", Verdict.GOOD, "ada")
    manifest.mark("outgoing", [b"22.tmp", b"retry/33.tmp"], "published")
    assert manifest.to_give_back("outgoing") == ()
    assert manifest.counts().given == 2
    with pytest.raises(BadInput, match="given back already"):
        manifest.take_back("alone")


def test_it_tallies_by_account() -> None:
    tallies = filled().tallies(Trait.ACCOUNT)
    assert tallies[0] == ("info@b.example", "doubtful", 3)
    assert {ruling for _, ruling, _ in tallies} == {"doubtful", "good", "spam"}


@pytest.mark.parametrize("verdict", [Verdict.DOUBTFUL, Verdict.NOT_A_MESSAGE])
def test_only_good_and_spam_decide(verdict: Verdict) -> None:
    with pytest.raises(BadInput):
        filled().decide("many", verdict, "ada")


def test_a_cluster_that_is_not_there_is_not_decided() -> None:
    with pytest.raises(BadInput):
        filled().decide("nothing", Verdict.GOOD, "ada")


def test_a_base_that_cannot_be_opened_is_said(tmp_path: Path) -> None:
    with pytest.raises(JournalUnwritable):
        Manifest(tmp_path)
