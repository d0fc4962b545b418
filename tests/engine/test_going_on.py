"""The same command again, a colleague, an older copy: found and said before anything is changed."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from playbook.engine import going_on
from playbook.engine.person import Agreed, Asked
from playbook.engine.person import Answer as Said
from playbook.errors import IncidentOpen, JournalBroken, JournalForked
from playbook.incident import store
from playbook.incident.incident import Incident
from playbook.incident.journal import Journal
from playbook.incident.obligations import smtp_stopped, suspect
from playbook.incident.records import (
    BrokenOff,
    Closed,
    Did,
    Discharged,
    Intended,
    Leased,
    Opened,
    Owed,
    RunEnded,
    Taken,
    UndoEnded,
)
from playbook.incident.records import Said as Kind
from playbook.incident.standing import goes_on_with, in_words, is_open, watchdog_was_on
from playbook.mail.actions import FolderSetAside, IncidentForgotten, SmtpStarted, SmtpStopped
from playbook.mail.survey import Role
from playbook.outcome import Outcome
from playbook.plan import Hindrance

FIRST, SECOND = "20260101-030000-aaaa", "20260102-030000-bbbb"
STOPPED = Intended(SmtpStopped(), "nothing leaves", SmtpStarted(watchdog=True), (smtp_stopped(),))


@dataclass
class Asking:
    """A person with one answer and one reason, who remembers what was asked."""

    yes: bool = False
    reason: str = ""
    asked: list[str] = field(default_factory=list)

    def agrees(self, asked: Asked) -> Said:
        raise AssertionError

    def overrides(self, step: str, hindrance: Hindrance) -> str | None:
        self.asked.append(f"{hindrance.what}. {hindrance.next}")
        return self.reason or None

    def takes_up(self, what: str) -> bool:
        self.asked.append(what)
        return self.yes


def opened(home: Path, name: str, *said: Kind, host: str = "mail1") -> Incident:
    with store.held(store.create(name, host, home)) as case:
        case.journal.append(Opened("compromised-account", ("info@b.example",), "ada"))
        for each in said:
            case.journal.append(each, "stop_smtp")
    return case


def nothing(name: str) -> tuple[str, tuple[str, ...]]:
    return "", ()


ENDED = RunEnded({"stop_smtp": Outcome.CHANGED})
STANDINGS: tuple[tuple[tuple[Kind, ...], bool, str], ...] = (
    ((), True, "broken off"),
    ((Leased("compromised-account", "ada"),), True, "broken off"),
    ((ENDED,), False, "ended"),
    ((STOPPED, ENDED), True, "ended, and something is owed"),
    ((STOPPED, ENDED, Discharged(("smtp",), "by hand")), False, "ended"),
    ((RunEnded({"stop_smtp": Outcome.REFUSED}),), True, "refused at stop_smtp"),
    ((RunEnded({}, "Stopped"),), True, "stopped by a person"),
    ((BrokenOff("the line was lost"),), True, "broken off, because the line was lost"),
    ((ENDED, UndoEnded()), True, "taken back by a person"),
    ((STOPPED, Did(IncidentForgotten(FIRST), "gone"), ENDED), False, "closed"),
)


@pytest.mark.parametrize(("said", "open_", "words"), STANDINGS)
def test_an_incident_is_open_until_nothing_is_left_to_do(
    tmp_path: Path, said: tuple[Kind, ...], open_: bool, words: str
) -> None:
    case = opened(tmp_path, FIRST, *said)
    assert is_open(case) is open_
    assert in_words(case) == words
    assert goes_on_with(case) == (f"respond resume {FIRST}" if open_ else "")
    assert in_words(case, running=True).startswith("running")


def test_what_is_being_closed_goes_on_with_close(tmp_path: Path) -> None:
    case = opened(tmp_path, FIRST, Leased("close-incident", "ada"), BrokenOff("x"))
    assert goes_on_with(case) == f"respond close {FIRST}"


@pytest.mark.parametrize("account", ["info@b.example", "other@b.example"])
def test_the_same_command_again_goes_on_refuses_or_has_a_reason(
    tmp_path: Path, account: str
) -> None:
    opened(tmp_path, FIRST, BrokenOff("the line was lost"))
    opened(tmp_path, SECOND, BrokenOff("elsewhere"), host="mail2")
    found = going_on.others(tmp_path, "mail1", nothing)
    assert [each.name for each in found.open] == [FIRST]
    person = Asking(yes=True)
    case, reason = going_on.another(found, (account,), person)
    assert (case and case.name, reason) == (FIRST, "")
    assert "the line was lost" in person.asked[0]
    assert "info@b.example" in person.asked[0]
    with pytest.raises(IncidentOpen, match=f"respond resume {FIRST}"):
        going_on.another(found, (account,), Agreed())
    assert going_on.another(found, (account,), Agreed("it is another one")) == (
        None,
        "it is another one",
    )


def test_what_another_incident_left_is_shown(tmp_path: Path) -> None:
    aside = FolderSetAside(Role.OUTGOING, "/mail/_outgoing", f"/mail/_outgoing.{FIRST}")
    opened(tmp_path, FIRST, STOPPED, Did(aside, "renamed"), BrokenOff("x"))
    person = Asking(yes=True)
    going_on.another(going_on.others(tmp_path, "mail1", nothing), (), person)
    for words in ("ada", "info@b.example", f"_outgoing.{FIRST}", smtp_stopped().text):
        assert words in person.asked[0]


def test_an_account_that_an_incident_asks_for_needs_no_other_reason(tmp_path: Path) -> None:
    owed = Owed((suspect("Other@b.example", ""),))
    opened(tmp_path, FIRST, owed, ENDED)
    found = going_on.others(tmp_path, "mail1", nothing)
    assert going_on.another(found, ("other@B.example",), Agreed()) == (None, "")
    with pytest.raises(IncidentOpen):
        going_on.another(found, ("third@b.example",), Agreed())


def test_what_only_the_server_knows_is_open_too(tmp_path: Path) -> None:
    case = opened(tmp_path / "there", FIRST, STOPPED, BrokenOff("x"))
    lines = tuple(each.line for each in case.journal.records)
    found = going_on.others(tmp_path / "here", "mail1", lambda name: (FIRST, lines))
    assert [each.name for each in found.open] == [FIRST]
    assert watchdog_was_on(found.open)


@pytest.mark.parametrize(
    ("name", "lines"),
    [("../../x", None), (FIRST, ("nonsense",)), (FIRST, ("[" * 100_000,)), (FIRST, ("{}",))],
)
def test_what_a_server_lies_is_left_aside_and_said(
    tmp_path: Path, name: str, lines: tuple[str, ...] | None
) -> None:
    case = opened(tmp_path / "there", FIRST)
    lines = lines or tuple(each.line for each in case.journal.records)
    found = going_on.others(tmp_path / "here", "mail1", lambda _: (name, lines))
    assert found.open == ()
    assert "left aside" in found.notes[0]
    assert not (tmp_path / "here").exists()


def test_a_broken_one_is_named(tmp_path: Path) -> None:
    folder = opened(tmp_path, FIRST).folder
    assert folder
    (folder / store.JOURNAL).write_text("nonsense\n")
    found = going_on.others(tmp_path, "mail1", nothing)
    assert found.open == ()
    assert FIRST in found.notes[0]


@pytest.mark.parametrize(
    ("said", "on"),
    [
        ((STOPPED,), True),
        ((STOPPED, Did(SmtpStarted(watchdog=True), "up", ("smtp",))), False),
        ((Intended(SmtpStopped(), "", SmtpStarted(watchdog=False), (smtp_stopped(),)),), False),
        ((STOPPED, STOPPED), True),
        ((), False),
    ],
)
def test_the_watchdog_is_known_from_who_switched_it_off(
    tmp_path: Path, said: tuple[Kind, ...], on: bool
) -> None:
    assert watchdog_was_on([opened(tmp_path, FIRST, *said)]) is on


@pytest.mark.parametrize(
    ("said", "first", "words"),
    [
        ((Did(IncidentForgotten(FIRST), "gone"), ENDED), "stop_smtp", "is closed"),
        ((Leased("close-incident", "ada"), ENDED), "", "respond close"),
        ((Leased("close-incident", "ada"), ENDED), "stop_smtp", ""),
        ((Leased("compromised-account", "ada"), ENDED), "", ""),
        ((Leased("undo", "ada"), UndoEnded()), "", ""),
    ],
)
def test_what_was_ended_is_not_begun_again_by_a_resume(
    tmp_path: Path, said: tuple[Kind, ...], first: str, words: str
) -> None:
    case = opened(tmp_path, FIRST, *said)
    if words:
        with pytest.raises(IncidentOpen, match=words):
            going_on.may_resume(case, first)
    else:
        going_on.may_resume(case, first)


def test_smtp_that_an_incident_left_stopped_is_not_closed_over(tmp_path: Path) -> None:
    case = opened(tmp_path, FIRST, STOPPED, ENDED)
    with pytest.raises(IncidentOpen, match=r"left SMTP stopped.*discharge smtp"):
        going_on.may_close(case, Agreed())
    assert going_on.may_close(case, Agreed("it is meant to be")) == "it is meant to be"
    with store.held(case):
        case.journal.append(Discharged(("smtp",), "started by hand"))
    assert going_on.may_close(case, Agreed()) == ""


def parted(home: Path, *theirs: Kind) -> tuple[Incident, tuple[str, ...]]:
    """An incident here, and the copy of it where others went on."""
    case = opened(home, FIRST, Leased("compromised-account", "ada"))
    there = Journal("mail1", None, case.journal.records)
    for each in theirs:
        there.append(each, "start_smtp")
    return case, tuple(each.line for each in there.records)


WENT_ON = (Leased("compromised-account", "root@laptop2"), Closed(Outcome.CHANGED, "up"), ENDED)


def test_the_newer_copy_is_taken_and_said(tmp_path: Path) -> None:
    case, lines = parted(tmp_path, *WENT_ON)
    with store.held(case):
        said = going_on.newest(case, lambda name: (name, lines), Agreed())
        assert said.startswith("root@laptop2 went on at")
        assert "3 records were taken" in said
        assert case.closed("start_smtp")
        assert len(case.journal.unsent()) == 1
    assert store.load(FIRST, tmp_path).journal.records[-1].said == Taken(3, ("root@laptop2",))
    assert isinstance(case.ending, RunEnded)


def test_an_older_copy_there_changes_nothing(tmp_path: Path) -> None:
    case, lines = parted(tmp_path)
    with store.held(case):
        case.journal.append(BrokenOff("x"))
        assert going_on.newest(case, lambda name: (name, lines), Agreed()) == ""
        assert len(case.journal.unsent()) == 1
        assert going_on.newest(case, nothing, Agreed()) == ""


def test_a_fork_is_refused_with_both_ways_and_taken_with_a_reason(tmp_path: Path) -> None:
    case, lines = parted(tmp_path, *WENT_ON)
    with store.held(case):
        case.journal.append(Leased("undo", "ada"))
        before = case.journal.records
        with pytest.raises(JournalForked, match=r"by ada .* by root@laptop2") as refused:
            going_on.newest(case, lambda name: (name, lines), Agreed())
        assert "after record 2" in str(refused.value)
        assert case.journal.records == before
        going_on.newest(case, lambda name: (name, lines), Agreed("they are right"))
    now = store.load(FIRST, tmp_path)
    assert now.journal.records[-1].said == Taken(3, ("root@laptop2",), 1, "they are right")
    assert now.folder
    assert [each.name[:7] for each in now.folder.glob("parted-*")] == ["parted-"]


@pytest.mark.parametrize("line", ["nonsense", "{}", "[" * 100_000])
def test_a_copy_that_cannot_be_read_is_not_taken(tmp_path: Path, line: str) -> None:
    case, lines = parted(tmp_path, *WENT_ON)
    with store.held(case), pytest.raises(JournalBroken):
        going_on.newest(case, lambda name: (name, (*lines, line)), Agreed())
    assert len(store.load(FIRST, tmp_path).journal.records) == 2
