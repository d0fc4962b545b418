"""What `--verify` sees, and what it says it cannot see."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from playbook.errors import BadInput, JournalBroken
from playbook.incident import evidence, store
from playbook.incident.incident import Incident
from playbook.incident.journal import Journal
from playbook.incident.records import Discharged, EvidenceKept, Leased, Opened
from playbook.incident.verification import anchor_from, anchor_of, in_words, verified
from playbook.mail.survey import Evidence

NAME = "20260101-030000-aaaa"


def kept(home: Path, records: int = 8, who: str = "ada") -> Incident:
    with store.held(store.create(NAME, "mail1", home)) as case:
        assert case.folder
        case.journal.append(Opened("compromised-account", (), who))
        items = (("logs", b"line"), ("settings", b"one"))
        hash_ = evidence.keep(Evidence(items), case.folder / "evidence")
        case.journal.append(EvidenceKept(hash_))
        for number in range(records - 2):
            case.journal.append(Discharged(("smtp",), f"reason {number}"))
    return case


def cut(home: Path, left: int) -> Incident:
    """The same incident with the end of its journal missing."""
    path = home / "incidents" / NAME / store.JOURNAL
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:left]))
    return store.load(NAME, home)


def written_anew(home: Path) -> Incident:
    """Another journal of the same incident, whose own chain holds."""
    folder = home / "incidents" / NAME
    shutil.rmtree(folder)
    return kept(home, who="eve")


def test_what_is_whole_is_said_with_what_is_not_known(tmp_path: Path) -> None:
    case = kept(tmp_path)
    lines = in_words(case, verified(case, None))
    assert "8 records, their chain is whole; the evidence is what was kept" in lines[0]
    assert "not asked for" in lines[1]
    assert "missing at the end" in lines[2]
    assert lines[-1].endswith(str(anchor_of(case.journal.records)))
    assert "not there" in in_words(case, verified(case, ()))[1]


CHANGES: dict[str, Callable[[Path], Incident]] = {
    "cut": lambda home: cut(home, 5),
    "all but one cut": lambda home: cut(home, 1),
    "written anew": written_anew,
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_missing_tail_and_a_new_chain_show_beside_the_copy_and_the_anchor(
    tmp_path: Path, change: str
) -> None:
    before = kept(tmp_path)
    theirs, anchor = before.journal.records, anchor_of(before.journal.records)
    now = CHANGES[change](tmp_path)
    assert not verified(now, None).wrong
    assert verified(now, theirs).wrong
    assert verified(now, None, (anchor,)).wrong
    with pytest.raises(JournalBroken, match="not what was written"):
        in_words(now, verified(now, theirs))


def test_copy_and_anchor_that_agree_say_so(tmp_path: Path) -> None:
    case = kept(tmp_path)
    anchor = anchor_from(str(anchor_of(case.journal.records[:4])))
    found = verified(case, case.journal.records[:6], (anchor,))
    assert not found.wrong
    assert not found.unknown
    assert "same up to record 6" in found.whole[2]
    assert "up to record 4" in found.whole[3]


def test_a_colleague_who_went_on_is_named(tmp_path: Path) -> None:
    case = kept(tmp_path)
    there = Journal("mail1", None, case.journal.records)
    there.append(Leased("compromised-account", "root@laptop2"))
    assert "root@laptop2 went on elsewhere" in verified(case, there.records).wrong[0]


def one_byte(folder: Path) -> None:
    (folder / "logs").write_bytes(b"lime")


def a_file_gone(folder: Path) -> None:
    (folder / "settings").unlink()


def the_manifest_gone(folder: Path) -> None:
    (folder / evidence.MANIFEST).unlink()


def both_together(folder: Path) -> None:
    (folder / "logs").write_bytes(b"lime")
    hashes = {"logs": "0" * 64}
    (folder / evidence.MANIFEST).write_text(json.dumps(hashes))


def an_empty_manifest(folder: Path) -> None:
    (folder / evidence.MANIFEST).write_text("{}")


@pytest.mark.parametrize(
    "change", [one_byte, a_file_gone, the_manifest_gone, both_together, an_empty_manifest]
)
def test_altered_evidence_is_seen_with_its_manifest(
    tmp_path: Path, change: Callable[[Path], None]
) -> None:
    case = kept(tmp_path)
    assert case.folder
    change(case.folder / "evidence")
    with pytest.raises(JournalBroken, match="evidence was altered"):
        in_words(case, verified(case, None))


@pytest.mark.parametrize("text", ["", "57", "57-x", "-1-0123456789abcdef", "1-0123456789ABCDEF"])
def test_what_is_no_anchor_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="no anchor"):
        anchor_from(text)
