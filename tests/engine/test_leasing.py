"""How a command's end is written down: it ended, a person stopped it, or it was broken off."""

from typing import cast

import pytest

from playbook.engine.leasing import under_lease
from playbook.errors import (
    AnswerUnreadable,
    DeadlinePassed,
    JournalUnwritable,
    LeaseHeld,
    LineLost,
    StoppedByPerson,
)
from playbook.incident.incident import Incident
from playbook.incident.journal import Journal, Record
from playbook.incident.records import BrokenOff, Opened, RunEnded, Said, UndoEnded, Unreleased
from playbook.mail.lease import Lease
from playbook.mail.server import HeldServer
from playbook.outcome import Outcome


class Server:
    """A server that gives its lease, or raises something instead."""

    holder = None

    def __init__(
        self,
        take: BaseException | None = None,
        free: Exception | None = None,
        times: int = 9,
    ) -> None:
        self.held, self._take, self._free = False, take, free
        self._times = times
        self.taken: list[str] = []

    def survey(self) -> "Server":
        return self

    def take(self, wanted: Lease, *, over: bool) -> None:
        self.taken.append(wanted.token)
        if self._take and len(self.taken) <= self._times:
            raise self._take
        self.held = True

    def look_again(self) -> None: ...

    def release(self) -> None:
        if self._free:
            raise self._free
        self.held = False


def opened() -> Incident:
    case = Incident("case", Journal("mail1"))
    case.journal.append(Opened("compromised-account", (), "ada"))
    return case


def broken_by(case: Incident, server: Server, error: BaseException) -> None:
    with (
        pytest.raises(type(error)),
        under_lease(cast("HeldServer", server), case, "undo", "ada", ""),
    ):
        raise error


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (RuntimeError("no such thing"), "RuntimeError no such thing"),
        (SystemExit(1), "SystemExit 1"),
        (KeyboardInterrupt(), "a person interrupted it"),
        (BrokenPipeError(32, "Broken pipe"), "Broken pipe"),
        (LineLost("The line was lost"), "The line was lost"),
        (MemoryError(), "MemoryError"),
    ],
)
def test_whatever_tears_it_out_is_written_down_and_the_lease_is_free(
    error: BaseException, words: str
) -> None:
    case, server = opened(), Server()
    broken_by(case, server, error)
    assert isinstance(case.ending, BrokenOff)
    assert words in case.ending.what
    assert not server.held


def test_a_lease_that_is_not_given_breaks_it_off() -> None:
    case = opened()
    with (
        pytest.raises(LeaseHeld),
        under_lease(
            cast("HeldServer", Server(take=LeaseHeld("Another was faster"))),
            case,
            "undo",
            "ada",
            "",
        ),
    ):
        pass
    assert isinstance(case.ending, BrokenOff)


def test_a_journal_that_cannot_be_written_hides_no_other_fault() -> None:
    class Full(Journal):
        full = False

        def append(self, said: Said, step: str = "") -> Record:
            if self.full:
                raise JournalUnwritable("The disk is full")
            return super().append(said, step)

    case, server = opened(), Server()
    case.journal = journal = Full("mail1", None, case.journal.records)

    def full() -> None:
        with under_lease(cast("HeldServer", server), case, "undo", "ada", ""):
            journal.full = True
            raise LineLost("The line was lost")

    with pytest.raises(LineLost):
        full()
    assert not server.held


def test_a_person_who_stops_breaks_nothing_off() -> None:
    case = opened()
    broken_by(case, Server(), StoppedByPerson("Stopped"))
    assert case.ending is None


def test_a_lease_that_cannot_be_given_up_is_said() -> None:
    case = opened()
    server = cast("HeldServer", Server(free=LineLost("The line was lost")))
    with under_lease(server, case, "undo", "ada", ""):
        case.journal.append(UndoEnded())
    assert len(case.all(Unreleased)) == 1
    assert isinstance(case.ending, UndoEnded)


@pytest.mark.parametrize(
    ("said", "ending"),
    [
        ((), type(None)),
        ((RunEnded({"stop_smtp": Outcome.CHANGED}),), RunEnded),
        ((RunEnded({}), BrokenOff("x")), BrokenOff),
        ((BrokenOff("x"), RunEnded({})), RunEnded),
        ((RunEnded({}), UndoEnded()), UndoEnded),
        ((RunEnded({}), Opened("close-incident", (), "ada")), type(None)),
        ((RunEnded({}), Unreleased("x")), RunEnded),
    ],
)
def test_an_incident_stands_as_its_last_command_ended(said: tuple[Said, ...], ending: type) -> None:
    case = opened()
    for each in said:
        case.journal.append(each)
    assert type(case.ending) is ending


@pytest.mark.parametrize(
    "error", [LineLost("The line was lost"), DeadlinePassed("Late"), AnswerUnreadable("Odd")]
)
def test_a_line_lost_at_the_lease_is_asked_again_with_the_same_token(error: Exception) -> None:
    case, server = opened(), Server(take=error, times=1)
    with under_lease(cast("HeldServer", server), case, "undo", "ada", ""):
        assert server.held
    assert len(server.taken) == 2
    assert len(set(server.taken)) == 1
    lost = Server(take=error)
    with (
        pytest.raises(type(error)),
        under_lease(cast("HeldServer", lost), case, "undo", "ada", ""),
    ):
        pass
