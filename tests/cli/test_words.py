"""The words of a run: a dry run saw nothing, every command is whole, and a prompt fits."""

import io
import shlex
from typing import Any

import pytest
import typer
from rich.console import Console

from playbook.cli.desk import Call
from playbook.cli.ending import command_that_pays, counted, end
from playbook.cli.screen import Screen
from playbook.engine.entry import Entry
from playbook.engine.person import Answer, Asked, AtTerminal
from playbook.errors import ExitCode
from playbook.incident.incident import Incident
from playbook.incident.journal import Journal
from playbook.incident.records import Opened, RunEnded
from playbook.mail.actions import SmtpStarted, SmtpStopped
from playbook.operations import Ended
from playbook.outcome import Ending, Outcome
from playbook.plan import Change, EvidencePreserved, Irreversible, Obligation

BUILD: Any = None
ENTRY = Entry("stop_smtp", "Stop it.", "", BUILD, int, None)
STOP = Change(SmtpStopped(), "it must", SmtpStarted(None))
KEEP = Change(EvidencePreserved(), "it is lost", Irreversible("kept"))


def shown(*endings: Ending, makes: tuple[Change, ...] = (), foreseen: bool = True) -> str:
    written = io.StringIO()
    screen = Screen(Console(file=written, width=200), foreseen=foreseen)
    for change in makes:
        screen.makes(ENTRY, change)
    for ending in endings:
        screen.ends(ENTRY, ending)
    return written.getvalue()


@pytest.mark.parametrize(
    ("outcome", "makes", "words"),
    [
        (Outcome.HOLDS, (), "= holds it was read"),
        (Outcome.HOLDS, (KEEP,), "= holds it was read"),
        (Outcome.HOLDS, (STOP,), "= would hold it was read"),
        (Outcome.CHANGED, (STOP,), "+ would be changed"),
        (Outcome.REFUSED, (STOP,), "! would be refused it was read"),
        (Outcome.FAILED, (STOP,), "x would fail it was read"),
        (Outcome.UNPROVEN, (STOP,), "? cannot be foreseen it was read"),
    ],
)
def test_a_dry_run_says_of_nothing_that_it_was_seen_after_a_change(
    outcome: Outcome, makes: tuple[Change, ...], words: str
) -> None:
    last = shown(Ending(outcome, "it was read"), makes=makes).splitlines()[-1].strip()
    assert last == words


def test_a_remedy_is_a_line_of_its_own() -> None:
    text = shown(Ending(Outcome.FAILED, "It runs", "9533 stays", "Call again."), foreseen=False)
    assert [line.strip() for line in text.splitlines()] == [
        "x failed It runs, because 9533 stays",
        "Call again.",
    ]


@pytest.mark.parametrize("code", ExitCode)
def test_a_dry_run_never_says_green_and_a_run_says_its_code(code: ExitCode) -> None:
    case = Incident("20260101-000000-aaaa", Journal("mail1"))
    case.journal.append(Opened("compromised-account", ("a@b.example",), "ada"))
    case.journal.append(RunEnded({}))
    seen: Any = None
    for foreseen in (True, False):
        written = io.StringIO()
        call = Call("mail1", None, yes=True, interactive=False, override="")
        screen = Screen(Console(file=written, width=200))
        with pytest.raises(typer.Exit) as ended:
            end(call, screen, Ended(case, {}, code, seen), foreseen=foreseen)
        text = written.getvalue()
        if foreseen:
            assert "GREEN" not in text
            assert "nothing was changed. 0 changes would be made" in text
        else:
            assert code.meaning in text
            assert ended.value.exit_code == code


@pytest.mark.parametrize(
    ("pay", "command"),
    [
        ("respond resume", "respond resume case"),
        ("respond review", "respond review case"),
        ("respond compromised-account x@y.example", "respond compromised-account x@y.example"),
        ("respond discharge", "respond discharge 'a b;c' --because TEXT --incident case"),
    ],
)
def test_the_command_of_an_obligation_is_whole_and_quoted(pay: str, command: str) -> None:
    case = Incident("case", Journal("mail1"))
    found = command_that_pays(Obligation("a b;c", "it is owed", pay), case)
    assert found == command
    shlex.split(found)


@pytest.mark.parametrize(("count", "words"), [(0, "0 files"), (1, "1 file"), (1200, "1,200 files")])
def test_one_thing_is_no_things(count: int, words: str) -> None:
    assert counted(count, "file") == words


def test_a_prompt_fits_a_narrow_terminal_with_its_default_beside_the_keys() -> None:
    asked: list[str] = []

    def ask(question: str) -> str:
        asked.append(question)
        return "y" if len(asked) == 1 else ""

    def say(_: str) -> None: ...

    terminal = AtTerminal(ask, say, lambda _: "", lambda _: "", lambda _: "")
    final = Change(SmtpStopped(), "it must", Irreversible("it is gone"))
    assert terminal.agrees(Asked("stop_smtp", "Stop it.", final)) is Answer.NO
    assert all(len(each) < 80 and each.endswith("(no): ") for each in asked)
    assert len(asked) == 2
