"""The incidents kept here: held by one program, set apart where damaged, named safely."""

import errno
import multiprocessing
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from playbook.errors import BadInput, JournalBroken, JournalUnwritable, LeaseHeld
from playbook.incident import copies, store
from playbook.incident.incident import Incident
from playbook.incident.journal import verify
from playbook.incident.records import Discharged, Opened

FIRST, SECOND = "20260101-030000-aaaa", "20260102-030000-bbbb"


def opened(home: Path, name: str = FIRST) -> Incident:
    with store.held(store.create(name, "mail1", home)) as case:
        case.journal.append(Opened("compromised-account", ("info@b.example",), "ada"))
    return case


def _appends(home: Path, count: int) -> None:
    case = store.load(FIRST, home)
    for _ in range(count):
        with store.held(case):
            case.journal.append(Discharged(("smtp",), "by hand"))


def test_two_programs_write_into_one_journal_and_its_chain_holds(tmp_path: Path) -> None:
    opened(tmp_path)
    context = multiprocessing.get_context("spawn")
    others = [context.Process(target=_appends, args=(tmp_path, 20)) for _ in range(2)]
    for each in others:
        each.start()
    for each in others:
        each.join(60)
        assert each.exitcode == 0
    assert verify(store.load(FIRST, tmp_path).journal.records) == 41


def test_what_is_decided_by_is_read_under_the_lock(tmp_path: Path) -> None:
    stale = store.load(opened(tmp_path).name, tmp_path)
    with store.held(store.load(FIRST, tmp_path)) as other:
        other.journal.append(Discharged(("smtp",), "by hand"))
    with store.held(stale):
        assert len(stale.journal.records) == 2
        stale.journal.append(Discharged(("smtp",), "by me"))
    assert verify(store.load(FIRST, tmp_path).journal.records) == 3


def test_who_does_not_hold_it_writes_nothing_and_it_is_shown_as_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "_PATIENCE_S", 0.0)
    case = opened(tmp_path)
    assert case.folder
    assert not store.is_held(case.folder)
    with store.held(case):
        assert store.is_held(case.folder)
        with pytest.raises(LeaseHeld, match=FIRST), store.held(store.load(FIRST, tmp_path)):
            pass
    assert not store.is_held(case.folder)
    with pytest.raises(JournalUnwritable):
        case.journal.append(Discharged(("smtp",), "too late"))


def test_a_damaged_one_is_taken_from_the_servers_copy_and_kept_beside(tmp_path: Path) -> None:
    whole = opened(tmp_path)
    lines = tuple(each.line for each in whole.journal.records)
    assert whole.folder
    path = whole.folder / store.JOURNAL
    path.write_text("nonsense\n")
    with pytest.raises(JournalBroken, match=f"resume {FIRST} --host"):
        store.load(FIRST, tmp_path)
    case = copies.adopt(FIRST, copies.read_copy(lines), tmp_path)
    assert case.journal.records == whole.journal.records
    assert (whole.folder / "broken-1.jsonl").read_text() == "nonsense\n"


def altered(path: Path) -> None:
    path.write_text(path.read_text().replace("ada", "eve"))


def empty(path: Path) -> None:
    path.write_bytes(b"")


def torn(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:40])


def joined(path: Path) -> None:
    path.write_bytes(path.read_bytes().rstrip(b"\n") + path.read_bytes())


def nested(path: Path) -> None:
    path.write_text("[" * 100_000 + "\n")


def nulls(path: Path) -> None:
    path.write_bytes(b"\0" * 100 + b"\n")


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


DAMAGES: tuple[Callable[[Path], None], ...] = (
    altered,
    empty,
    torn,
    joined,
    nested,
    nulls,
    a_folder,
)


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_journal_keeps_nobody_from_another_incident(
    tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    folder = opened(tmp_path, SECOND).folder
    opened(tmp_path)
    assert folder
    damage(folder / store.JOURNAL)
    sound, broken = store.kept(tmp_path)
    assert [each.name for each in sound] == [FIRST]
    assert [each.name for each in broken] == [SECOND]
    assert store.load("", tmp_path).name == FIRST
    with pytest.raises((JournalBroken, JournalUnwritable), match=SECOND):
        store.load(SECOND, tmp_path)
    with pytest.raises(BadInput, match="There is no incident"):
        store.load("2031", tmp_path)


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        "../../etc",
        "/etc",
        "20260101-030000-aaaa/..",
        "20260101-030000-AAAA",
        "20260101-030000-aaaa\n",
        "x",
        "20260101-030000-aaaa\0",
        "٢٠٢٦٠١٠١-030000-aaaa",
    ],
)
def test_a_name_that_a_server_says_becomes_no_path(tmp_path: Path, name: str) -> None:
    with pytest.raises(JournalBroken, match="not the name"):
        store.folder_of(name, tmp_path)
    with pytest.raises(JournalBroken):
        store.create(name, "mail1", tmp_path)
    assert not list(tmp_path.iterdir())


def test_every_new_name_is_one() -> None:
    assert store.checked_name(store.new_name())


def test_without_room_nothing_is_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, data: bytes) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(JournalUnwritable, match="No space left"):
        store.create(FIRST, "mail1", tmp_path)
    assert store.kept(tmp_path) == ((), ())
    assert not list((tmp_path / "incidents").iterdir())


def test_room_is_told_of_a_folder_that_is_not_there_yet(tmp_path: Path) -> None:
    assert store.free_bytes(tmp_path / "not" / "yet") > 0


def test_each_state_folder_has_a_name_of_its_own_that_stays(tmp_path: Path) -> None:
    def named(home: Path, name: str) -> str:
        with store.held(opened(home, name)) as case:
            return case.identity

    first = named(tmp_path / "a", FIRST)
    assert named(tmp_path / "a", SECOND) == first
    assert named(tmp_path / "b", FIRST) != first
    (tmp_path / "a" / "identity").write_text("../../x")
    with store.held(store.load(FIRST, tmp_path / "a")) as case:
        assert len(case.identity) == 8
