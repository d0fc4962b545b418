"""`respond review` without a terminal: the list, JSON, the spreadsheet, and the exit codes."""

import json
import sys
from pathlib import Path

import pytest

from playbook.cli import main
from playbook.cli.commands.review import _alone
from playbook.errors import ExitCode
from playbook.incident.manifest.store import MANIFEST
from tests.support.doubtful_incident import again, opened


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RESPOND_HOME", str(tmp_path))
    return tmp_path


def respond(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr(sys, "argv", ["respond", "review", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


def test_it_lists_what_waits(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    opened(home)
    assert respond(monkeypatch) == ExitCode.OWED
    said = capsys.readouterr()
    assert "open       4        alpha" in said.out
    assert "--export FILE" in said.err
    assert "0 clusters decided, 3 left with 7 files" in said.err


def test_it_says_it_as_json(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    opened(home)
    assert respond(monkeypatch, "--json") == ExitCode.OWED
    whole = json.loads(capsys.readouterr().out)
    assert whole["progress"] == {"decided": 0, "clusters": 3, "decided_files": 0, "files": 7}
    assert whole["clusters"][0]["facts"]["leads to"] == "lure.example"


def test_a_sheet_goes_out_and_comes_in(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    opened(home)
    path = home / "decisions.csv"
    assert respond(monkeypatch, "--export", str(path)) == ExitCode.OWED
    assert path.stat().st_mode & 0o777 == 0o600
    assert respond(monkeypatch, "--export", str(path)) == ExitCode.USAGE
    lines = path.read_text("utf-8-sig").splitlines()
    filled = [line.replace('","","', '","spam","') for line in lines]
    path.write_text("\n".join(filled))
    assert respond(monkeypatch, "--import", str(path)) == ExitCode.GREEN
    assert again(home).case.obligations() == ()
    path.write_text("\n".join((*filled, "c-1,d-1,good")))
    capsys.readouterr()
    assert respond(monkeypatch, "--import", str(path)) == ExitCode.USAGE
    said = capsys.readouterr().err
    assert "Line 5: there is no cluster 'c-1'." in said
    assert "was applied" in said


def test_what_cannot_be_reviewed_is_said(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    session = opened(home)
    assert respond(monkeypatch, "--export", "a", "--import", "b") == ExitCode.USAGE
    assert respond(monkeypatch, "--import", str(home / "nothing")) == ExitCode.USAGE
    with _alone(""):
        assert respond(monkeypatch) == ExitCode.REFUSED
    assert "acts in" in capsys.readouterr().err
    assert session.case.folder
    (session.case.folder / MANIFEST).unlink()
    assert respond(monkeypatch) == ExitCode.USAGE
    assert "was not sorted" in capsys.readouterr().err
