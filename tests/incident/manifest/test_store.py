"""The manifest: what was sorted, what a person decided, what was given back."""

import re
from pathlib import Path

import pytest

from playbook.errors import BadInput, JournalUnwritable
from playbook.incident.manifest import decisions
from playbook.incident.manifest.questions import digest_of_cluster, examples, tallies, waiting
from playbook.incident.manifest.removal import emptied, removed, settled, settled_paths, sums
from playbook.incident.manifest.store import Manifest
from playbook.incident.manifest.values import Cluster, Trait, Waiting
from playbook.mail.digest import digest_of
from playbook.triage.clusters import ClusterKey
from playbook.triage.features import Features, FileKind
from playbook.triage.judgement import Judged
from playbook.triage.verdicts import Verdict

ASIDE = "/srv/mail/_outgoing.CASE"
MANY, ALONE = ClusterKey("many"), ClusterKey("alone")


def one(
    path: str, verdict: Verdict, key: ClusterKey | None = None, sender: str = "a@b.example"
) -> tuple[Features, Judged]:
    raw = path.encode()
    features = Features(
        raw, FileKind.MESSAGE, 100, at_s=len(path), sender=sender, leads=("x.example",)
    )
    return features, Judged(raw, verdict, key, ("because",), "info@b.example", "192.0.2.1")


SORTING = (
    one("1.tmp", Verdict.SPAM),
    one("22.tmp", Verdict.GOOD),
    one("retry/33.tmp", Verdict.DOUBTFUL, ALONE),
    one("retry/444.tmp", Verdict.DOUBTFUL, MANY),
    one("retry/5555.tmp", Verdict.DOUBTFUL, MANY, "c@d.example"),
    one("notes.txt", Verdict.NOT_A_MESSAGE),
)


def filled(path: Path | None = None) -> Manifest:
    manifest = Manifest(path)
    manifest.fill("outgoing", ASIDE, SORTING)
    return manifest


def cluster(manifest: Manifest, key: ClusterKey) -> Cluster:
    found = decisions.cluster(manifest, key.id)
    assert found
    return found


def paths(manifest: Manifest, verdict: Verdict) -> list[bytes]:
    return [each.path for each in manifest.files(verdict)]


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


def test_a_filing_that_is_cut_leaves_what_was_there() -> None:
    manifest = filled()
    before = manifest.counts()

    def cut() -> object:
        yield one("1.tmp", Verdict.GOOD)
        raise OSError("the line is lost")

    with pytest.raises(OSError, match="the line"):
        manifest.fill("outgoing", ASIDE, cut())  # type: ignore[arg-type]
    assert manifest.counts() == before


def test_what_became_of_a_file_outlives_another_filing_of_the_same_file() -> None:
    manifest = filled()
    manifest.mark("outgoing", [b"22.tmp", b"retry/33.tmp"], "published")
    removed(manifest, ASIDE, [(b"1.tmp", "5a5a")])
    larger = Features(b"retry/33.tmp", FileKind.MESSAGE, 101)
    another = larger, Judged(b"retry/33.tmp", Verdict.DOUBTFUL, ALONE, ())
    manifest.fill("outgoing", ASIDE, [one("22.tmp", Verdict.DOUBTFUL, MANY), another])
    counts = manifest.counts()
    assert (counts.good, counts.given, counts.doubtful) == (1, 1, 1)
    assert list(sums(manifest)) == [("5a5a", ASIDE, b"1.tmp")]


def test_a_persons_decision_is_laid_over_the_verdict_and_can_be_taken_back() -> None:
    manifest = filled()
    before = manifest.digest(Verdict.GOOD)
    assert [each.key for each in decisions.clusters(manifest)] == [MANY, ALONE]
    assert decisions.decide(manifest, MANY.id, Verdict.GOOD, "ada") == 2
    assert manifest.counts().good == 3
    assert manifest.digest(Verdict.GOOD) != before
    assert paths(manifest, Verdict.GOOD) == [b"22.tmp", b"retry/444.tmp", b"retry/5555.tmp"]
    decisions.take_back(manifest, MANY.id)
    assert manifest.digest(Verdict.GOOD) == before
    assert manifest.counts().decisions_open == 2


def test_a_cluster_is_split_and_its_parts_decided_apart() -> None:
    manifest = filled()
    whole = cluster(manifest, MANY)
    parts = decisions.parts_of(manifest, whole, "sender")
    decisions.split(manifest, whole, parts)
    first, rest = (decisions.id_of_part(whole, each) for each in parts)
    assert decisions.cluster(manifest, MANY.id) is None
    assert {each.id for each in decisions.clusters(manifest)} == {ALONE.id, first, rest}
    decisions.decide(manifest, first, Verdict.SPAM, "ada")
    assert len(paths(manifest, Verdict.DOUBTFUL)) == 2
    decisions.join(manifest, (first, rest), MANY.id)
    assert cluster(manifest, MANY) == whole
    assert len(paths(manifest, Verdict.DOUBTFUL)) == 3


def test_parts_of_parts_have_names_of_their_own() -> None:
    manifest = filled()
    whole = cluster(manifest, MANY)
    decisions.split(manifest, whole, decisions.parts_of(manifest, whole, "sender"))
    with pytest.raises(BadInput, match="same sender"):
        decisions.parts_of(manifest, decisions.clusters(manifest)[0], "sender")
    assert {each.parts[0].value for each in decisions.clusters(manifest) if each.parts} == {
        "a@b.example",
        "c@d.example",
    }


def test_examples_are_of_different_subjects_first() -> None:
    assert [each.path for each in examples(filled(), MANY.id, 1)] == [b"retry/444.tmp"]


def test_what_was_given_back_is_not_given_again_and_its_decision_stays() -> None:
    manifest = filled()
    decisions.decide(manifest, ALONE.id, Verdict.GOOD, "ada")
    manifest.mark("outgoing", [b"22.tmp", b"retry/33.tmp"], "published")
    assert manifest.still_good(ASIDE) == (2, 0)
    assert manifest.counts().given == 2
    with pytest.raises(BadInput, match="given back already"):
        decisions.take_back(manifest, ALONE.id)


@pytest.mark.parametrize("given", [[b"1.tmp"], [b"retry/33.tmp", b"retry/444.tmp"], [b"notes.txt"]])
def test_what_was_given_back_is_good_whatever_the_sorting_holds(given: list[bytes]) -> None:
    manifest = filled()
    manifest.mark("outgoing", given, "published")
    counts = manifest.counts()
    assert counts.given == len(given)
    assert counts.given <= counts.good == 1 + len(given)
    assert counts.whole == 6
    asked = [each for each in decisions.clusters(manifest) if not each.decided]
    assert sum(each.files for each in asked) == counts.doubtful


def test_what_waits_is_counted_by_why_it_waits() -> None:
    manifest = filled()
    assert waiting(manifest) == Waiting(good=1, decided=0, kept=0, doubtful=3, clusters=2)
    decisions.decide(manifest, MANY.id, Verdict.GOOD, "ada")
    assert waiting(manifest) == Waiting(good=3, decided=2, kept=0, doubtful=1, clusters=1)
    manifest.mark("outgoing", [b"22.tmp"], "kept")
    manifest.mark("outgoing", [b"retry/444.tmp"], "published")
    found = waiting(manifest)
    assert found == Waiting(good=1, decided=1, kept=1, doubtful=1, clusters=1)
    assert found.whole == 3


def test_what_is_settled_is_known_by_the_digest_of_its_list() -> None:
    manifest = filled()
    (one_folder,) = settled(manifest)
    assert one_folder.digest == digest_of(settled_paths(manifest, ASIDE))
    removed(manifest, ASIDE, [(b"1.tmp", "5a5a")])
    assert settled(manifest) == ()
    assert emptied(manifest) == ()


def test_a_list_is_not_another_one_of_the_same_bytes() -> None:
    lists = [(b"a", b"b"), (b"ab",), (b"a\0b",), (b"", b"ab"), (b"b", b"a"), ()]
    assert len({digest_of(each) for each in lists}) == len(lists)


def test_the_digest_of_a_cluster_changes_with_its_files_alone() -> None:
    manifest, other = filled(), filled()
    decisions.decide(other, MANY.id, Verdict.GOOD, "ada")
    other.mark("outgoing", [b"retry/444.tmp"], "published")
    assert digest_of_cluster(manifest, MANY.id) == digest_of_cluster(other, MANY.id)
    other.fill("outgoing", ASIDE, SORTING[:-2])
    assert digest_of_cluster(manifest, MANY.id) != digest_of_cluster(other, MANY.id)


def test_it_tallies_by_account_and_says_what_it_left_out() -> None:
    found = tallies(filled(), Trait.ACCOUNT)
    assert found.rows[0] == ("info@b.example", "doubtful", 3)
    assert {ruling for _, ruling, _ in found.rows} == {"doubtful", "good", "spam"}
    assert found.left_out == 0
    assert tallies(filled(), Trait.ACCOUNT, 1).left_out == 2


@pytest.mark.parametrize("verdict", [Verdict.DOUBTFUL, Verdict.NOT_A_MESSAGE])
def test_only_good_and_spam_decide(verdict: Verdict) -> None:
    with pytest.raises(BadInput):
        decisions.decide(filled(), MANY.id, verdict, "ada")


@pytest.mark.parametrize("name", ["nothing", "", "many"])
def test_a_cluster_that_is_not_there_is_not_decided(name: str) -> None:
    with pytest.raises(BadInput):
        decisions.decide(filled(), name, Verdict.GOOD, "ada")


def test_a_base_that_cannot_be_opened_is_said(tmp_path: Path) -> None:
    with pytest.raises(JournalUnwritable):
        Manifest(tmp_path)


def test_no_other_room_speaks_sql() -> None:
    root = Path(__file__).parents[3]
    words = re.compile(
        r"\b(SELECT|INSERT INTO|DELETE FROM|UPDATE files)\b|\bsqlite3\b|\.database\b"
    )
    room = root / "playbook/incident/manifest"
    found = [
        path
        for top in ("playbook", "steps")
        for path in (root / top).rglob("*.py")
        if room not in path.parents and words.search(path.read_text(encoding="utf-8"))
    ]
    assert found == []
