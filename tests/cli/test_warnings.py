"""What somebody must not miss is shown: what is owed from now on, and what to know before a yes."""

import io
from typing import Any

import pytest
from rich.console import Console

from playbook.cli.screen import Screen
from playbook.engine.entry import Entry
from playbook.engine.person import Answer, Asked, AtTerminal
from playbook.mail.actions import SmtpStarted, SmtpStopped
from playbook.plan import Change, Obligation

WARNING = "shop@d.example looks compromised too\x1b[2J"
START = Change(SmtpStarted(None), "mail goes on", SmtpStopped(), warns=(WARNING,))
STEP: Any = Entry("start_smtp", "Start it.", "", lambda _: int, int, None)


def shown(*, foreseen: bool = False) -> tuple[Screen, io.StringIO]:
    out = io.StringIO()
    return Screen(Console(file=out, width=200, force_terminal=False), foreseen=foreseen), out


@pytest.mark.parametrize("foreseen", [True, False])
def test_a_warning_stands_before_the_change_and_is_harmless(foreseen: bool) -> None:
    screen, out = shown(foreseen=foreseen)
    screen.makes(STEP, START)
    text = out.getvalue()
    assert text.index("beware") < text.index(str(START.do))
    assert "shop@d.example looks compromised too" in text
    assert "\x1b" not in text


@pytest.mark.parametrize(("foreseen", "word"), [(True, "would be owed"), (False, "! owed")])
def test_what_is_owed_is_told_with_its_command(foreseen: bool, word: str) -> None:
    screen, out = shown(foreseen=foreseen)
    owed = Obligation("good:/q", "3 good mails wait in [/red]/q\x1b[2J", "respond reinject")
    screen.owes(STEP, (owed,))
    text = out.getvalue()
    assert word in text
    assert "3 good mails wait in [/red]/q" in text
    assert "respond reinject" in text
    assert "\x1b" not in text


def test_a_person_is_warned_before_the_question() -> None:
    heard: list[str] = []

    def ask(question: str) -> str:
        heard.append(question)
        return ""

    person = AtTerminal(ask, heard.append, lambda _: "", lambda _: "", lambda _: "")
    assert person.agrees(Asked("start_smtp", "Start it.", START)) is Answer.NO
    assert heard[1] == f"Beware: {WARNING}"
    assert heard[2].startswith("Do it?")
