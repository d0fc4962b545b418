"""What a run tries, leaves and tries again: refusals, offers, and nobody to be asked."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from playbook.engine.entry import Entry
from playbook.engine.operator import Unattended
from playbook.engine.person import Agreed, Answer, Asked
from playbook.engine.runner import Runner
from playbook.errors import ServerRefused
from playbook.incident.incident import Incident
from playbook.incident.journal import Journal
from playbook.incident.records import Closed, Declined, Did, Failed
from playbook.mail.actions import SmtpStarted, SmtpStopped
from playbook.outcome import Outcome
from playbook.plan import Change, Hindrance, Plan

STOP = Change(SmtpStopped(), "it must stand", SmtpStarted(None))
FORCE = Change(
    SmtpStopped(kill=True), "it does not stop", SmtpStarted(None), offered=True, consent="--kill"
)
OPEN = Hindrance("the leak is open", "Look at the account.")


@dataclass
class Server:
    """Counts what it is asked; refuses what it is told to."""

    refuses: list[object] = field(default_factory=list)
    seen: list[int] = field(default_factory=lambda: [0])
    done: list[object] = field(default_factory=list)

    def survey(self) -> int:
        return self.seen.pop(0) if len(self.seen) > 1 else self.seen[0]

    def perform(self, action: object, tell: Callable[[str], None]) -> str:
        if action in self.refuses:
            raise ServerRefused("running", "It is still there", "9533", "Call it again.")
        self.done.append(action)
        self.seen = [0]
        return "seen stopped"

    def look_again(self) -> None: ...


@dataclass
class Step:
    """A step whose plan is a function of a number."""

    plans: Callable[[int], Plan]
    patience_s: float = 0.0
    remembers: bool = False

    def probe(self, server: Any) -> int:
        return int(server.survey())

    def plan(self, seen: int) -> Plan:
        return self.plans(seen)

    def finding(self, before: int, after: int) -> None: ...


@dataclass
class Person:
    """A person who gives these answers, then yes."""

    answers: list[Answer]
    asked: int = 0

    def agrees(self, asked: Asked) -> Answer:
        self.asked += 1
        return self.answers.pop(0) if self.answers else Answer.YES

    def overrides(self, step: str, hindrance: Hindrance) -> str | None:
        return None

    def takes_up(self, what: str) -> bool:
        return False


def stops_while(running: int, *changes: Change, fails: Hindrance | None = None) -> Step:
    """A plan of these changes while so many are seen running."""
    return Step(lambda seen: Plan(changes, "it runs", fails=fails) if seen else Plan((), "down"))


def run(
    case: Incident, step: Step, server: Server, person: Any = None, *, name: str = "stop"
) -> Closed:
    made: Any = step
    entry: Any = Entry(name, "Stop it.", "it must", lambda _: made, int, None)
    mail: Any = server
    keeper: Any = None
    Runner(case, mail, keeper, person or Agreed(), Unattended(), wait=lambda _: None).run(
        [entry], ()
    )
    return case.all(Closed)[-1]


@pytest.fixture
def case() -> Incident:
    return Incident("case", Journal("mail"))


def test_a_refusal_keeps_its_parts_and_is_never_told_as_done(case: Incident) -> None:
    end = run(case, stops_while(1, STOP), Server([STOP.do], [1]))
    assert end.outcome is Outcome.FAILED
    assert (end.because, end.cause, end.next) == ("It is still there", "9533", "Call it again.")
    assert not case.all(Did)
    assert len(case.all(Failed)) == 2


def test_a_refused_change_is_tried_again_on_resume(case: Incident) -> None:
    step = stops_while(1, STOP)
    assert run(case, step, Server([STOP.do], [1])).outcome is Outcome.FAILED
    assert run(case, step, Server([], [1])).outcome is Outcome.CHANGED


def test_what_was_offered_instead_is_named_with_the_command_that_offers_it(case: Incident) -> None:
    gently = Change(STOP.do, STOP.why, STOP.undo, otherwise=FORCE)
    end = run(case, stops_while(1, gently), Server([STOP.do], [1]))
    assert (end.because, end.cause) == ("It is still there", "9533")
    assert end.next.startswith(f"`respond resume case --interactive` offers: {FORCE.do}; ")
    assert "`respond resume case --kill` agrees to it" in end.next


def test_what_replaces_a_refused_change_is_not_tried_first_on_resume(case: Incident) -> None:
    gently = Change(STOP.do, STOP.why, STOP.undo, otherwise=FORCE)
    step = stops_while(1, gently)
    assert run(case, step, Server([STOP.do], [1])).outcome is Outcome.FAILED
    server = Server([], [1])
    assert run(case, step, server).outcome is Outcome.CHANGED
    assert server.done == [STOP.do]


def test_an_offer_that_nobody_was_asked_about_is_no_no(case: Incident) -> None:
    offer = Change(STOP.do, STOP.why, STOP.undo, offered=True)
    end = run(case, stops_while(1, offer), Server([], [1]))
    assert end.outcome is Outcome.HOLDS
    assert not case.all(Declined)


def test_what_was_seen_wrong_stays_where_nothing_was_changed_against_it(case: Incident) -> None:
    """The second look would be quiet; it is not taken, and the first one counts."""
    offer = Change(STOP.do, STOP.why, STOP.undo, offered=True)
    for person in (Agreed(), Person([Answer.NO])):
        end = run(case, stops_while(1, offer, fails=OPEN), Server([], [1, 0]), person)
        assert end.outcome is Outcome.FAILED
        assert end.because == OPEN.what


def test_a_declined_offer_is_asked_again_on_resume(case: Incident) -> None:
    offer = Change(STOP.do, STOP.why, STOP.undo, offered=True)
    step = stops_while(1, offer, fails=OPEN)
    run(case, step, Server([], [1]), Person([Answer.NO]))
    assert len(case.all(Declined)) == 1
    person = Person([])
    assert run(case, step, Server([], [1]), person).outcome is Outcome.CHANGED
    assert person.asked == 1


def test_a_skipped_step_is_offered_again_on_resume(case: Incident) -> None:
    step = stops_while(1, STOP)
    assert run(case, step, Server([], [1]), Person([Answer.SKIP])).outcome is Outcome.SKIPPED
    assert run(case, step, Server([], [1])).outcome is Outcome.CHANGED


def test_what_cannot_be_seen_is_not_proven_and_looked_for_again_on_resume(case: Incident) -> None:
    doubt = Hindrance("the log does not grow", "Look again.")
    blind = Step(lambda _: Plan((), "quiet", unproven=doubt))
    end = run(case, blind, Server())
    assert (end.outcome, end.because, end.next) == (Outcome.UNPROVEN, doubt.what, doubt.next)
    assert run(case, Step(lambda _: Plan((), "quiet")), Server()).outcome is Outcome.HOLDS


def test_a_step_that_builds_upon_another_names_it_and_the_command(case: Incident) -> None:
    step: Any = Step(lambda _: Plan((), "down"))
    giver: Any = Entry("stop_smtp", "Stop it.", "", lambda _: step, int, str)
    taker: Any = Entry("start_smtp", "Start it.", "", lambda _: str, int, None)
    mail: Any = Server()
    keeper: Any = None
    Runner(case, mail, keeper, Agreed(), Unattended()).run([giver, taker], ())
    end = case.all(Closed)[-1]
    assert end.outcome is Outcome.REFUSED
    assert end.because == "it builds upon stop_smtp, which is not done"
    assert end.next == "respond resume case --from stop_smtp"
