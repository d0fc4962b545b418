"""Decisions: written at once, undone in order, taken up by a later session."""

from pathlib import Path

import pytest

from playbook.errors import BadInput
from playbook.incident.journal import Journal
from playbook.incident.manifest.decisions import parts_of, split
from playbook.incident.manifest.store import Manifest
from playbook.incident.manifest.values import Cluster
from playbook.incident.records import Decided, Owed, Settled, Undecided
from playbook.review import told
from playbook.review.facts import brief_rows, reasons, rows
from playbook.review.session import ReviewSession
from playbook.review.titles import title
from playbook.triage.verdicts import Verdict
from tests.support.doubtful_incident import again, doubtful, opened, undone


def cluster(session: ReviewSession, name: str) -> Cluster:
    found = [each for each in session.clusters() if title(each) == name]
    return found[0]


def test_the_evidence_counts_what_the_files_have_in_common(tmp_path: Path) -> None:
    session = opened(tmp_path)
    found = session.facts(cluster(session, "alpha"))
    assert list(reasons(found)) == ["sent as info@b.example", "but its text is shared"]
    row = dict(rows(found))
    assert row["subjects"] == "Offer 0 (2), Offer 1 (2)"
    assert row["leads to"] == "lure.example"
    assert row["domains"] == "elsewhere.example"
    assert row["sizes"] == "1,000 to 1,003 bytes"
    assert row["when"] == "2024-10-04 00:00 to 2024-10-05 12:00 (server's clock)"
    brief = dict(brief_rows(found))
    assert "accounts" not in brief
    assert brief["to"] == "4 addresses at elsewhere.example"
    assert len(found.examples) == 3
    assert brief["beside"] == "1 doubtful by the same account and IP"
    assert {each.subject for each in found.examples} == {"Offer 0", "Offer 1"}
    beta = session.facts(cluster(session, "beta"))
    assert dict(brief_rows(beta))["senders"] == "s10@b.example (1), s11@b.example (1)"


def test_a_decision_is_journaled_before_it_counts(tmp_path: Path) -> None:
    session = opened(tmp_path)

    class Full(Journal):
        def _write(self, path: Path, line: bytes) -> None:
            raise OSError("no space")

    session.case.journal = Full("mail1", tmp_path / "j", session.case.journal.records)
    with pytest.raises(OSError, match="no space"):
        session.decide(cluster(session, "alpha"), Verdict.GOOD)
    assert cluster(session, "alpha").decided is None


def test_what_was_decided_is_there_the_next_time_and_can_be_undone_then(tmp_path: Path) -> None:
    session = opened(tmp_path)
    session.decide(cluster(session, "alpha"), Verdict.GOOD)
    session.decide(cluster(session, "beta"), Verdict.SPAM)
    session.decide(cluster(session, "alpha"), Verdict.SPAM)
    session.manifest.close()
    later = again(tmp_path)
    assert str(later.progress()) == "2 of 3 clusters decided, 6 of 7 files"
    assert told(later.progress()) == "2 clusters decided, 1 left with 1 files"
    assert undone(later) == ("alpha", "spam taken back")
    assert cluster(later, "alpha").decided is Verdict.GOOD
    assert undone(later) == ("beta", "spam taken back")
    assert undone(again(tmp_path)) == ("alpha", "good taken back")
    assert undone(again(tmp_path)) is None
    kinds = [type(each.said) for each in again(tmp_path).case.journal.records[2:]]
    assert kinds == [*3 * [Decided], *3 * [Undecided]]


def test_a_decision_that_a_crash_took_is_not_undone(tmp_path: Path) -> None:
    session = opened(tmp_path)
    session.decide(cluster(session, "beta"), Verdict.SPAM)
    session.case.journal.append(Decided("c-1", "alpha", Verdict.GOOD, None, 4, "", "ada"), "review")
    assert undone(again(tmp_path)) == ("beta", "spam taken back")


@pytest.mark.parametrize(
    ("by", "name", "parts"),
    [("subject", "alpha", 2), ("day", "alpha", 2), ("sender", "beta", 2), ("address", "beta", 2)],
)
def test_a_cluster_is_split_decided_in_parts_and_put_together(
    tmp_path: Path, by: str, name: str, parts: int
) -> None:
    session = opened(tmp_path)
    whole = cluster(session, name)
    assert session.parts(whole, by) == parts
    ids = session.split(whole, by)
    found = [each for each in session.clusters() if each.id in ids]
    assert len(ids) == len(found) == parts
    assert sum(each.files for each in found) == whole.files
    session.decide(found[0], Verdict.SPAM)
    later = again(tmp_path)
    assert undone(later) == (title(found[0]), "spam taken back")
    assert undone(later) == (name, "put together again")
    assert cluster(later, name) == whole


def test_a_split_by_many_values_keeps_the_rare_ones_together(tmp_path: Path) -> None:
    session = opened(tmp_path, [doubtful(n, "wide", subject=f"S{n}") for n in range(30)])
    ids = session.split(cluster(session, "wide"), "subject")
    assert len(ids) == 13
    assert cluster(session, "wide / subject: the others").files == 18
    assert session.manifest.counts().doubtful == 30


def test_what_is_the_same_or_decided_is_not_split(tmp_path: Path) -> None:
    session = opened(tmp_path)
    with pytest.raises(BadInput, match="same sender"):
        session.split(cluster(session, "alpha"), "sender")
    session.decide(cluster(session, "alpha"), Verdict.SPAM)
    with pytest.raises(BadInput, match="decided already"):
        session.split(cluster(session, "alpha"), "subject")


def test_a_cluster_that_is_not_what_was_shown_is_not_decided(tmp_path: Path) -> None:
    session = opened(tmp_path)
    shown = cluster(session, "alpha")
    other = Manifest(session.manifest.path)
    split(other, shown, parts_of(other, shown, "subject"))
    with pytest.raises(BadInput, match="not what it was"):
        session.decide(shown, Verdict.GOOD)


def test_mail_that_was_given_back_keeps_its_decision(tmp_path: Path) -> None:
    session = opened(tmp_path)
    session.decide(cluster(session, "gamma"), Verdict.GOOD)
    session.manifest.mark("outgoing", [b"retry/20.tmp"], "published")
    before = len(session.case.journal.records)
    with pytest.raises(BadInput, match="given back already"):
        session.undo()
    with pytest.raises(BadInput, match="given back already"):
        session.decide(cluster(session, "gamma"), Verdict.SPAM)
    assert len(session.case.journal.records) == before


def test_the_debt_is_settled_with_the_last_decision_and_owed_again_after_undo(
    tmp_path: Path,
) -> None:
    session = opened(tmp_path)
    for each in session.clusters():
        session.settle()
        assert [obligation.key for obligation in session.case.obligations()] == ["doubtful"]
        session.decide(each, Verdict.SPAM)
    session.settle()
    session.settle()
    assert session.case.obligations() == ()
    assert len(session.case.all(Settled)) == 1
    session.undo()
    session.settle()
    (owed,) = session.case.obligations()
    assert owed.text.startswith("1 file in 1 cluster is in doubt")


def test_good_mail_that_a_person_decided_is_owed_until_it_is_given_back(tmp_path: Path) -> None:
    session = opened(tmp_path)
    session.decide(cluster(session, "alpha"), Verdict.GOOD)
    for name in ("beta", "gamma"):
        session.decide(cluster(session, name), Verdict.SPAM)
    session.settle()
    session.settle()
    (owed,) = session.case.obligations()
    assert owed.text.startswith("4 good mails wait in ")
    assert owed.pay == "respond reinject"
    assert len(session.case.all(Owed)) == 2
    paths = [each.path for each in session.manifest.files(Verdict.GOOD)]
    session.manifest.mark("outgoing", paths, "published")
    session.settle()
    assert session.case.obligations() == ()
