"""The journal: a chain in which an altered, missing or torn line is seen."""

import errno
import json
import os
from pathlib import Path

import pytest

from playbook.errors import JournalBroken, JournalUnwritable
from playbook.incident.journal import RESERVE, Journal, parse, verify
from playbook.incident.records import BrokenOff, Did, Opened, TailCut
from playbook.mail.actions import SmtpStarted, SmtpStopped


def written(path: Path) -> Journal:
    journal = Journal("mail1", path)
    for number in range(3):
        journal.append(Did(SmtpStopped(), f"line {number}"), "stop_smtp")
    return journal


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    journal = written(path)
    assert Journal.load(path).records == journal.records
    assert verify(journal.records) == 3


def test_every_record_has_the_host(tmp_path: Path) -> None:
    assert {record.host for record in written(tmp_path / "j").records} == {"mail1"}


def test_an_altered_line_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    written(path)
    path.write_text(path.read_text().replace("line 1", "line 9"))
    with pytest.raises(JournalBroken, match="altered"):
        Journal.load(path)


def test_a_missing_line_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    written(path)
    first, _, third = path.read_text().splitlines()
    path.write_text(f"{first}\n{third}\n")
    with pytest.raises(JournalBroken, match="does not follow"):
        Journal.load(path)


@pytest.mark.parametrize("torn", [b'{"number": 4, "at"', b"\0" * 4096, b"x", b'{"a":' * 50_000])
def test_a_line_that_was_cut_is_taken_off_with_a_record_that_says_so(
    tmp_path: Path, torn: bytes
) -> None:
    path = tmp_path / "journal.jsonl"
    written(path)
    with path.open("ab") as file:
        file.write(torn)
    before = path.read_bytes()
    assert len(Journal.load(path).records) == 3
    assert path.read_bytes() == before
    journal = Journal.open(path)
    assert journal.records[-1].said == TailCut(len(torn))
    journal.append(Did(SmtpStarted(None), ""), "start_smtp")
    assert verify(Journal.load(path).records) == 5


def test_a_journal_that_cannot_be_written_stops_everything(tmp_path: Path) -> None:
    journal = Journal("mail1", tmp_path / "missing" / "journal.jsonl")
    with pytest.raises(JournalUnwritable):
        journal.append(Opened("compromised-account", (), "ada"))
    assert journal.records == ()


def test_what_is_read_is_not_written_to(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    written(path)
    journal = Journal.load(path)
    with pytest.raises(JournalUnwritable, match="not held"):
        journal.append(Opened("compromised-account", (), "ada"))
    held = Journal.open(path)
    held.append(Opened("compromised-account", (), "ada"))
    held.close()
    with pytest.raises(JournalUnwritable, match="not held"):
        held.append(Opened("compromised-account", (), "ada"))
    assert verify(Journal.load(path).records) == 4


def test_a_second_writer_is_seen_before_its_records_are_lost(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    first = written(path)
    Journal.open(path).append(Did(SmtpStopped(), "the second"), "stop_smtp")
    with pytest.raises(JournalBroken, match="another program"):
        first.append(Did(SmtpStopped(), "the first"), "stop_smtp")
    assert verify(Journal.load(path).records) == 4


class Disk:
    """A disk with room for so many bytes: a write that is too long is done as far as it goes."""

    def __init__(self, room: int, error: int = errno.ENOSPC) -> None:
        self.room, self.error = room, error

    def pwrite(self, descriptor: int, data: bytes, at: int) -> int:
        if not self.room:
            raise OSError(self.error, os.strerror(self.error))
        piece = data[: self.room]
        self.room -= len(piece)
        return _pwrite(descriptor, piece, at)


_pwrite = os.pwrite


@pytest.mark.parametrize("room", [0, 1, 200])
@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EDQUOT, errno.EIO])
def test_an_append_after_one_that_failed_never_continues_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: int, error: int
) -> None:
    path = tmp_path / "journal.jsonl"
    journal = written(path)
    with monkeypatch.context() as full:
        full.setattr(os, "pwrite", Disk(room, error).pwrite)
        for _ in range(2):
            with pytest.raises(JournalUnwritable, match="cannot be written"):
                journal.append(Did(SmtpStarted(None), "never"), "start_smtp")
    assert len(Journal.load(path).records) == 3
    journal.append(Did(SmtpStarted(None), "now"), "start_smtp")
    assert verify(Journal.load(path).records) == 4


def test_a_full_disk_leaves_room_for_the_last_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "journal.jsonl"
    journal = written(path)
    reserve = tmp_path / RESERVE
    reserve.write_bytes(b"\0")
    disk = Disk(10)

    def freed(descriptor: int, data: bytes, at: int) -> int:
        disk.room = disk.room if reserve.exists() else 10_000
        return disk.pwrite(descriptor, data, at)

    monkeypatch.setattr(os, "pwrite", freed)
    journal.append(BrokenOff("the disk is full"))
    assert not reserve.exists()
    assert Journal.load(path).records[-1].said == BrokenOff("the disk is full")


def test_no_record_is_a_broken_one() -> None:
    for line in ("", "{}", "[]", "nonsense", json.dumps({"number": 1})):
        with pytest.raises(JournalBroken):
            parse(line)
