"""The loop with a server of a few lines: faults at each boundary, patience, watchers, memory."""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import pytest

from playbook.engine.entry import Entry
from playbook.engine.operator import Unattended
from playbook.engine.person import Agreed, Answer
from playbook.engine.runner import Runner
from playbook.errors import (
    AnswerUnreadable,
    DeadlinePassed,
    HostUnreachable,
    LineLost,
    ServerRefused,
    StoppedByPerson,
)
from playbook.incident.incident import Incident
from playbook.incident.journal import Journal
from playbook.incident.records import Closed, Did, Failed, Intended, Overridden, Owed, Saw, Untold
from playbook.mail.actions import PasswordReset, SmtpStarted, SmtpStopped
from playbook.outcome import Outcome
from playbook.plan import Change, Hindrance, Obligation, Plan
from playbook.secret import PasswordShape
from tests.engine.test_runner_tries import Person, Step

STOP = Change(SmtpStopped(), "it must stand", SmtpStarted(None))
RESET = Change(
    PasswordReset("info@d.example", PasswordShape()), "it is known", SmtpStarted(None), once=True
)


@dataclass
class Server:
    """Runs until it is stopped; raises what it is told to, at the call of that name and number."""

    raises: dict[tuple[str, int], BaseException] = field(default_factory=dict)
    running: bool = True
    deaf: bool = False
    calls: list[str] = field(default_factory=list)

    def _called(self, name: str) -> None:
        self.calls.append(name)
        if error := self.raises.get((name, self.calls.count(name))):
            raise error

    def survey(self) -> int:
        self._called("survey")
        return int(self.running)

    def perform(self, action: object, tell: Callable[[str], None]) -> str:
        tell("at work")
        self.running = self.running and self.deaf
        self._called("perform")
        return "seen stopped"

    def look_again(self) -> None:
        self._called("look_again")


def stopping(patience_s: float = 0.0) -> Step:
    return Step(lambda seen: Plan((STOP,), "it runs") if seen else Plan((), "down"), patience_s)


def runs(case: Incident, server: Server, step: Any = None, **more: Any) -> None:
    made: Any = step or stopping()
    entry: Any = Entry(
        "stop", "Stop it.", "it must", lambda _: made, more.pop("reading", int), None
    )
    given: dict[str, Any] = {"person": Agreed(), "observer": Unattended(), "wait": lambda _: None}
    parts: Any = given | more
    mail: Any = server
    keeper: Any = None
    Runner(case, mail, keeper, **parts).run([entry], ())


def end(case: Incident) -> Outcome:
    return case.all(Closed)[-1].outcome


@pytest.fixture
def case() -> Incident:
    return Incident("case", Journal("mail"))


UNSETTLED = (LineLost("x"), DeadlinePassed("x"), AnswerUnreadable("x"))


@pytest.mark.parametrize("error", UNSETTLED, ids=lambda each: type(each).__name__)
@pytest.mark.parametrize(
    ("calls", "outcome"),
    [
        # Asked again, and answered.
        ([("survey", 1)], Outcome.CHANGED),
        # Asked twice for nothing: what is there is not known.
        ([("survey", 1), ("survey", 2)], Outcome.UNKNOWN),
        # Lost while it was done: what is there decides.
        ([("perform", 1)], Outcome.HOLDS),
        # Lost while it was done, and then nothing to be seen of it.
        ([("perform", 1), ("survey", 2), ("survey", 3)], Outcome.UNKNOWN),
        # Lost at the last look.
        ([("survey", 2)], Outcome.CHANGED),
    ],
)
def test_what_is_lost_is_settled_by_looking(
    case: Incident, error: Exception, calls: list[tuple[str, int]], outcome: Outcome
) -> None:
    server = Server(dict.fromkeys(calls, error))
    runs(case, server)
    assert end(case) is outcome
    assert server.calls.count("perform") <= 1
    assert len(case.all(Intended)) == server.calls.count("perform")


@pytest.mark.parametrize("at", [("survey", 1), ("survey", 2), ("perform", 1)])
def test_a_host_that_is_not_reached_fails_the_step(case: Incident, at: tuple[str, int]) -> None:
    runs(case, Server({at: HostUnreachable("mail1 is not reached", "no route")}))
    closed = case.all(Closed)[-1]
    assert closed.outcome is Outcome.FAILED
    assert (closed.because, closed.cause) == ("mail1 is not reached", "no route")


@pytest.mark.parametrize("at", [("survey", 1), ("survey", 2), ("perform", 1)])
@pytest.mark.parametrize("bug", [ZeroDivisionError("x"), KeyboardInterrupt(), MemoryError()])
def test_what_nobody_foresaw_closes_no_step(
    case: Incident, at: tuple[str, int], bug: BaseException
) -> None:
    with pytest.raises(type(bug)):
        runs(case, Server({at: bug}))
    assert not case.all(Closed)
    # What was intended stands in the journal, so that a resume looks what became of it.
    assert bool(case.all(Intended)) is (at != ("survey", 1))
    runs(case, Server(running=False))
    assert end(case) in (Outcome.HOLDS, Outcome.CHANGED)


def test_a_refusal_once_is_an_occasion_to_look_and_twice_the_end(case: Incident) -> None:
    refused = ServerRefused("running", "It is still there", "9533", "Call it again.")
    server = Server({("perform", 1): refused}, deaf=True)
    runs(case, server, stopping(patience_s=-1))
    assert (end(case), len(case.all(Failed)), len(case.all(Did))) == (Outcome.FAILED, 1, 1)
    runs(case, Server({("perform", 1): refused, ("perform", 2): refused}, deaf=True))
    assert (end(case), case.all(Closed)[-1].next) == (Outcome.FAILED, "Call it again.")


@pytest.mark.parametrize(("patience_s", "tries"), [(-1.0, 1), (3.0, 4), (10.0, 11)])
def test_patience_ends_by_the_clock(case: Incident, patience_s: float, tries: int) -> None:
    server = Server(deaf=True)
    clock = count().__next__
    runs(case, server, stopping(patience_s), now=clock)
    assert (end(case), server.calls.count("perform")) == (Outcome.FAILED, tries)
    assert case.all(Closed)[-1].because == "it still does not hold: it runs"


@pytest.mark.parametrize("how", ["at the question", "at the boundary"])
def test_whoever_quits_leaves_nothing_half_done(case: Incident, how: str) -> None:
    server = Server()
    quits: dict[str, Any] = {"person": Person([Answer.QUIT])}
    if how == "at the boundary":
        quits = {"interrupted": lambda: "a person interrupted it"}
    with pytest.raises(StoppedByPerson):
        runs(case, server, **quits)
    assert "perform" not in server.calls
    assert not case.all(Intended)
    assert not case.all(Closed)


class Raising(Unattended):
    """Whoever watches, and is gone: every call raises."""

    def __getattribute__(self, name: str) -> Any:
        raise BrokenPipeError(name)


@pytest.mark.parametrize("outcome", [Outcome.CHANGED, Outcome.FAILED, Outcome.UNKNOWN])
def test_whoever_watches_may_raise_at_every_call(case: Incident, outcome: Outcome) -> None:
    raises: dict[tuple[str, int], BaseException] = {
        Outcome.CHANGED: {},
        Outcome.FAILED: {("survey", 1): HostUnreachable("x")},
        Outcome.UNKNOWN: dict.fromkeys([("survey", 1), ("survey", 2)], LineLost("x")),
    }[outcome]  # type: ignore[assignment]
    runs(case, Server(raises), observer=Raising())
    assert end(case) is outcome
    assert len(case.all(Untold)) == 1


def test_what_was_left_out_is_owed_until_it_is_done(case: Incident) -> None:
    runs(case, Server(), person=Person([Answer.SKIP]))
    assert [each.key for each in case.obligations()] == ["left-out:stop"]
    runs(case, Server())
    assert case.obligations() == ()


def test_what_a_refused_step_saw_is_owed_all_the_same(case: Incident) -> None:
    owed = Obligation("suspect:x", "x looks compromised", "respond")
    seen = Plan((), "", Hindrance("No account", "Name one."), owes=(owed,))
    runs(case, Server(), Step(lambda _: seen))
    assert (end(case), case.obligations()) == (Outcome.REFUSED, (owed,))
    runs(case, Server(), Step(lambda _: seen))
    assert len(case.all(Owed)) == 1


class Watch(Step):
    """Sees a number of logins, and adds what it saw before."""

    def joined(self, earlier: int, seen: int) -> int:
        return earlier + seen


def watching(case: Incident, logins: int, person: Any = None) -> Outcome:
    def plan(seen: int) -> Plan:
        open_ = Hindrance("logins were seen", "Close it.", overridable=True)
        return Plan((), "quiet", refuses=open_ if seen else None)

    step = Watch(plan, remembers=True)
    runs(case, Server(running=bool(logins)), step, person=person or Agreed())
    return end(case)


def test_what_was_seen_once_counts_until_something_was_changed_against_it(case: Incident) -> None:
    assert watching(case, 1) is Outcome.REFUSED
    assert watching(case, 0) is Outcome.REFUSED
    case.journal.append(Did(SmtpStopped(), "down"), "stop_smtp")
    case.journal.append(Did(SmtpStarted(None), "up"), "start_smtp")
    assert watching(case, 0) is Outcome.REFUSED
    case.journal.append(Did(RESET.do, "done"), "reset_password")
    assert watching(case, 0) is Outcome.HOLDS
    assert len(case.all(Saw)) == 4


def test_a_persons_reason_settles_what_was_seen_before_and_not_what_is_seen_now(
    case: Incident,
) -> None:
    assert watching(case, 1) is Outcome.REFUSED
    assert watching(case, 0, Agreed("changed in the directory")) is Outcome.HOLDS
    assert [each.reason for each in case.all(Overridden)] == ["changed in the directory"]
    other = Incident("other", Journal("mail"))
    assert watching(other, 1) is Outcome.REFUSED
    assert other.remembered("stop") == 1
