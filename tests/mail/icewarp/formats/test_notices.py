"""What `respond triage` says beside the verdicts."""

import gzip
import json
import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from playbook.cli.app import app

STEM = "201307151332484447"
MAIL = b"original sender: info@d.example\nsender: <info@d.example>\n\nFrom: a@d.example\n\nx\n"
LOG = b"192.0.2.9 [0A] 10:00:00 Connected\r\n192.0.2.9 [0A] 10:00:01 Disconnected\r\n"


def said(*words: str) -> str:
    """Everything but the lines of the result."""
    result = CliRunner().invoke(app, ["triage", *words, "--json"])
    assert result.exit_code == 0, result.output
    for line in result.stdout.splitlines():
        json.loads(line)
    return result.stderr


@pytest.fixture
def queue(tmp_path: Path) -> Path:
    folder = tmp_path / "_outgoing"
    folder.mkdir()
    (folder / f"{STEM}.tmp").write_bytes(MAIL)
    return folder


def test_nothing_is_said_where_all_is_well(queue: Path, tmp_path: Path) -> None:
    (tmp_path / "s20130715-00.log").write_bytes(LOG)
    assert said(str(queue), "--logs", str(tmp_path / "s20130715-00.log")) == ""
    assert said(str(queue), "--account", "INFO") == ""


def test_what_is_no_queue_is_said(tmp_path: Path) -> None:
    assert "The folder is empty" in said(str(tmp_path))
    for number in range(9):
        (tmp_path / f"s2013071{number}-00.log").write_bytes(LOG)
    assert "9 files, none a queue file: is this the folder of the logs?" in said(str(tmp_path))


def test_what_is_not_read_of_a_queue_is_named(queue: Path) -> None:
    (queue / "linked").symlink_to("/etc")
    (queue / "a\x1b[31mb.tmp").symlink_to("nowhere")
    text = said(str(queue))
    assert "Not read and not judged" in text
    assert "linked" in text
    assert "\x1b" not in text


def test_an_account_that_occurs_nowhere_is_said(queue: Path) -> None:
    text = said(str(queue), "--account", "inof@d.example", "--account", "info@d.example")
    assert "inof@d.example occurs neither in the queue nor in the log" in text
    assert "info@d.example occurs" not in text


def test_logs_are_read_or_named(queue: Path, tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    assert "No SMTP log was found" in said(str(queue), "--logs", str(logs))
    (logs / "s20130715-00.log.gz").write_bytes(gzip.compress(LOG))
    (logs / "s20130714-00.log").write_bytes(LOG.decode().encode("utf-16"))
    (logs / "S20130713-00.LOG").write_bytes(LOG)
    assert said(str(queue), "--logs", str(logs)) == ""
    (logs / "s20130716-00.log.gz").write_bytes(gzip.compress(os.urandom(900))[:-99])
    (logs / "s20130717-00.log").symlink_to("s20130715-00.log.gz")
    (logs / "s20130718-00.log").write_bytes(LOG + b"192.0.2.9 (0A) 10:00:00 <<< EHLO pc\r\n")
    (logs / "mail.log").write_bytes(b"nothing of SMTP\n")
    text = said(str(queue), "--logs", str(logs))
    for name in ("s20130716-00.log.gz", "s20130717-00.log", "mail.log"):
        assert f"{name} was not read" in text
    assert "1 of 9 lines" in text
