"""Custody, with a transport that answers what a test says: lease, journal copy, refusals."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from playbook.errors import AnswerUnreadable, LeaseHeld, LineLost, ServerRefused
from playbook.mail.icewarp.pack import LINUX
from playbook.mail.lease import Lease
from playbook.mail.scripts.custody import Custody, journal_copy
from playbook.mail.scripts.remote import RemoteScripts
from playbook.progress import Tell, untold
from playbook.transports.base import Request
from playbook.transports.frame import ScriptRecord

OURS = Lease("20261124-021837-4dfe", "ada@desk", "0badcafe")
THEIRS = "20261124-011111-aaaa bob@desk 1763950000 5ec2e7ab"
COPIED = ScriptRecord("copied", ("1",))


@dataclass(frozen=True)
class Line:
    line: str


@dataclass
class Lines:
    """A journal of some lines, of which the server has so many."""

    records: tuple[Line, ...] = (Line("one"), Line("two"))
    there: int = 0

    def unsent(self) -> tuple[Line, ...]:
        return self.records[self.there :]

    def sent(self, number: int) -> None:
        self.there = number


@dataclass
class Told:
    """A transport that keeps what it is asked, and answers one thing after the other."""

    answers: list[tuple[ScriptRecord, ...] | Exception] = field(default_factory=list)
    asked: list[Request] = field(default_factory=list)

    def run(self, request: Request, tell: Tell = untold) -> tuple[ScriptRecord, ...]:
        self.asked.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def stream(self, request: Request, tell: Tell = untold) -> Iterator[ScriptRecord]:
        yield from self.run(request, tell)

    def close(self) -> None: ...


def custody(told: Told, lines: Lines | None = None) -> Custody:
    return Custody(
        RemoteScripts(told, LINUX), lines or Lines(), lambda: "/state", lambda records: None
    )


def refused(reason: str, words: str = "") -> tuple[ScriptRecord, ...]:
    return (ScriptRecord("refused", (reason, words)),)


def test_every_script_that_changes_has_the_token_and_the_lines_that_are_not_there_yet() -> None:
    told, lines = Told([(COPIED,), (ScriptRecord("copied", ("2",)),), ()]), Lines()
    kept = custody(told, lines)
    kept.take(OURS, 5, over=False)
    kept.change("change/stop_smtp", {}, 60)
    kept.attempt("change/remove_settled", {}, 60, untold, ("6162",))
    assert [each.values["token"] for each in told.asked] == [OURS.token] * 3
    assert [each.lines for each in told.asked] == [("one", "two"), ("two",), (".", "6162")]
    assert [each.values["journal_after"] for each in told.asked] == [0, 1, 2]


def test_a_line_that_is_lost_leaves_the_lines_to_be_sent_again() -> None:
    lines = Lines()
    kept = custody(Told([LineLost("gone"), (COPIED,)]), lines)
    with pytest.raises(LineLost):
        kept.change("change/stop_smtp", {}, 60)
    assert lines.there == 0
    kept.change("change/stop_smtp", {}, 60)
    assert lines.there == 1


@pytest.mark.parametrize("reason", ["held", "lease"])
@pytest.mark.parametrize("text", [THEIRS, "", "5ec2e7ab", "a b c 5ec2e7ab e"])
def test_nobody_is_shown_a_token(reason: str, text: str) -> None:
    kept = custody(Told([refused(reason, text)]))
    with pytest.raises((LeaseHeld, ServerRefused)) as error:
        kept.take(OURS, 5, over=False)
    assert "5ec2e7ab" not in str(error.value)
    assert kept.incident == ""


def test_a_lease_is_not_held_before_it_was_given_and_after_it_was_given_up() -> None:
    kept = custody(Told([refused("folder"), (COPIED,), ()]))
    with pytest.raises(ServerRefused):
        kept.take(OURS, 5, over=False)
    kept.release()
    kept.take(OURS, 5, over=False)
    assert kept.incident == OURS.incident
    kept.release()
    kept.release()
    assert kept.incident == ""


@pytest.mark.parametrize("name", ["../../etc", "/etc", "..", "a b", "-n", "a\nb", "x" * 99])
def test_a_copy_under_a_name_that_no_incident_has_is_not_taken(name: str) -> None:
    told = Told([(ScriptRecord("incident", (name,)), ScriptRecord("line", ("{}",)))])
    with pytest.raises(AnswerUnreadable):
        journal_copy(RemoteScripts(told, LINUX), "/state", "")


def test_a_copy_of_another_incident_than_the_one_asked_for_is_not_taken() -> None:
    told = Told([(ScriptRecord("incident", ("20261124-011111-aaaa",)),)])
    with pytest.raises(AnswerUnreadable):
        journal_copy(RemoteScripts(told, LINUX), "/state", OURS.incident)


@pytest.mark.parametrize("line", ["{\x1b[2J}", "{\x00}", "é", "{\udcff}"])
def test_a_copy_that_is_not_text_is_not_taken(line: str) -> None:
    told = Told([(ScriptRecord("incident", (OURS.incident,)), ScriptRecord("line", (line,)))])
    with pytest.raises(AnswerUnreadable):
        journal_copy(RemoteScripts(told, LINUX), "/state", "")
