"""What an attacker wrote is shown without what a terminal obeys, and makes no line of its own."""

import io
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner

from playbook.cli import main
from playbook.cli.app import app
from playbook.cli.output import note, out
from playbook.cli.screen import Screen
from playbook.engine.entry import Entry
from playbook.errors import BadInput
from playbook.incident import store
from playbook.incident.records import Closed, Declined, Opened, Owed
from playbook.mail.actions import FolderSetAside
from playbook.mail.survey import Role
from playbook.outcome import Ending, Outcome
from playbook.plan import Change, Irreversible, Obligation, Plan

HOSTILE = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202egnp.exe\nGREEN: all is well\r\n[red]x[/red]"


def is_harmless(text: str) -> bool:
    return all(sign.isprintable() or sign == "\n" for sign in text)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RESPOND_HOME", str(tmp_path))
    case = store.create("20260101-000000-aaaa", "mail1", tmp_path)
    journal = case.journal
    journal.append(Opened("compromised-account", (HOSTILE,), HOSTILE))
    journal.append(Owed((Obligation(HOSTILE, HOSTILE, HOSTILE),)))
    journal.append(Declined(FolderSetAside(Role.OUTGOING, HOSTILE, HOSTILE)), "rename_outgoing")
    journal.append(Closed(Outcome.FAILED, HOSTILE), "rename_outgoing")
    return tmp_path


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("words", [["incidents"], ["incidents", "--json"], ["journal"]])
def test_what_lies_in_a_journal_is_harmless(words: list[str]) -> None:
    said = CliRunner().invoke(app, words)
    assert said.exit_code == 0
    assert is_harmless(said.stdout)
    assert not [line for line in said.stdout.splitlines() if line.startswith("GREEN")]


def test_what_a_run_shows_is_harmless() -> None:
    written = io.StringIO()
    build: Any = None
    entry = Entry("stop_smtp", "Stop it.", "", build, int, None)
    change = Change(FolderSetAside(Role.OUTGOING, HOSTILE, HOSTILE), HOSTILE, Irreversible(HOSTILE))
    for foreseen in (True, False):
        screen = Screen(Console(file=written), foreseen=foreseen)
        screen.begins(entry)
        screen.plans(entry, Plan((change,), HOSTILE))
        screen.makes(entry, change)
        screen.tells(HOSTILE)
        screen.made(entry, change, HOSTILE)
        screen.refused(entry, change, HOSTILE)
        screen.ends(entry, Ending(Outcome.FAILED, HOSTILE, HOSTILE, HOSTILE))
    assert is_harmless(written.getvalue())
    assert not [line for line in written.getvalue().splitlines() if line.startswith("GREEN")]
    assert "[red]x[/red]" in written.getvalue()


def test_notes_and_results_are_harmless(capsys: pytest.CaptureFixture[str]) -> None:
    note(HOSTILE)
    out(HOSTILE)
    said = capsys.readouterr()
    assert is_harmless(said.out)
    assert is_harmless(said.err)
    assert said.err.count("\n") == 1


def test_an_error_is_harmless(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> None:
        raise BadInput(HOSTILE, HOSTILE)

    monkeypatch.setattr("playbook.cli.app.app", fail)
    with pytest.raises(SystemExit):
        main()
    assert is_harmless(capsys.readouterr().err)
