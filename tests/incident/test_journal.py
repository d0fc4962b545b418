"""The journal: a chain in which an altered, missing or torn line is seen."""

import json
from pathlib import Path

import pytest

from playbook.errors import JournalBroken, JournalUnwritable
from playbook.incident.journal import Journal, parse, verify
from playbook.incident.records import Did, Opened
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


def test_a_line_that_a_crash_cut_never_was(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    written(path)
    with path.open("a") as file:
        file.write('{"number": 4, "at"')
    journal = Journal.load(path)
    assert len(journal.records) == 3
    journal.append(Did(SmtpStarted(None), ""), "start_smtp")
    assert verify(Journal.load(path).records) == 4


def test_a_journal_that_cannot_be_written_stops_everything(tmp_path: Path) -> None:
    journal = Journal("mail1", tmp_path / "missing" / "journal.jsonl")
    with pytest.raises(JournalUnwritable):
        journal.append(Opened("compromised-account", (), "ada"))
    assert journal.records == ()


def test_no_record_is_a_broken_one() -> None:
    for line in ("", "{}", "[]", "nonsense", json.dumps({"number": 1})):
        with pytest.raises(JournalBroken):
            parse(line)
