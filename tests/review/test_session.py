"""Decisions: written at once, undone in order, taken up by a later session."""

from pathlib import Path

import pytest

from playbook.errors import BadInput
from playbook.incident.journal import Journal
from playbook.incident.manifest.store import Manifest
from playbook.incident.manifest.values import Cluster, Trait
from playbook.incident.records import Decided, Settled, Undecided
from playbook.review import told
from playbook.review.evidence import brief_facts, facts, reasons
from playbook.review.session import Session
from playbook.triage.verdicts import Verdict
from tests.support.doubtful_incident import again, doubtful, opened


def cluster(session: Session, name: str) -> Cluster:
    found = session.manifest.cluster(name)
    assert found
    return found


def test_the_evidence_counts_what_the_files_have_in_common(tmp_path: Path) -> None:
    session = opened(tmp_path)
    evidence = session.evidence(cluster(session, "alpha"))
    assert list(reasons(evidence)) == ["sent as info@b.example", "but its text is shared"]
    rows = dict(facts(evidence))
    assert rows["subjects"] == "Offer 0 (2), Offer 1 (2)"
    assert rows["leads to"] == "lure.example"
    assert rows["domains"] == "elsewhere.example"
    assert rows["sizes"] == "1,000 to 1,003 bytes"
    assert rows["when"] == "2024-10-04 00:00 to 2024-10-05 12:00 (server's clock)"
    brief = dict(brief_facts(evidence))
    assert "accounts" not in brief
    assert brief["to"] == "4 addresses at elsewhere.example"
    assert len(evidence.examples) == 3
    assert brief["beside"] == "1 doubtful by the same account and IP"
    assert {each.subject for each in evidence.examples} == {"Offer 0", "Offer 1"}
    beta = session.evidence(cluster(session, "beta"))
    assert dict(brief_facts(beta))["senders"] == "s10@b.example (1), s11@b.example (1)"


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
    assert later.undo() == ("alpha", "spam taken back")
    assert cluster(later, "alpha").decided is Verdict.GOOD
    assert later.undo() == ("beta", "spam taken back")
    assert again(tmp_path).undo() == ("alpha", "good taken back")
    assert again(tmp_path).undo() is None
    kinds = [type(each.said) for each in again(tmp_path).case.journal.records[2:]]
    assert kinds == [*3 * [Decided], *3 * [Undecided]]


def test_a_decision_that_a_crash_took_is_not_undone(tmp_path: Path) -> None:
    session = opened(tmp_path)
    session.decide(cluster(session, "beta"), Verdict.SPAM)
    session.case.journal.append(Decided("alpha", Verdict.GOOD, None, 4, "ada"), "review")
    assert again(tmp_path).undo() == ("beta", "spam taken back")


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
    names = session.split(whole, by)
    assert len(names) == parts
    assert sum(cluster(session, each).files for each in names) == whole.files
    session.decide(cluster(session, names[0]), Verdict.SPAM)
    later = again(tmp_path)
    assert later.undo() == (names[0], "spam taken back")
    assert later.undo() == (name, "put together again")
    assert cluster(later, name) == whole


def test_a_split_by_many_values_keeps_the_rare_ones_together(tmp_path: Path) -> None:
    session = opened(tmp_path, [doubtful(n, "wide", subject=f"S{n}") for n in range(30)])
    names = session.split(cluster(session, "wide"), "subject")
    assert len(names) == 13
    assert cluster(session, names[-1]).files == 18
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
    Manifest(session.manifest.path).split("alpha", Trait.SUBJECT, {"Offer 0": "a0"}, "alpha")
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
    assert [obligation.text for obligation in session.case.obligations()] == ["mail is doubtful"]
