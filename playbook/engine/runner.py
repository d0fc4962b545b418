"""The one loop that runs the steps of a runbook.

A step that is closed in the journal is history. Any other is probed, planned, and its changes
are made one by one: asked, written down, made, written down. Then it is probed again, until its
plan is empty or its patience ends. What is lost on the way is settled by looking again.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import msgspec

from playbook.engine.entry import AnyStep, Entry, Findings
from playbook.engine.observer import Guarded, Observer
from playbook.engine.person import Answer, Asked, Person
from playbook.errors import (
    AnswerUnreadable,
    DeadlinePassed,
    LineLost,
    ServerRefused,
    StoppedByPerson,
    TransportError,
)
from playbook.incident.incident import Incident
from playbook.incident.records import Declined, Did, Failed, Overridden, Owed, Saw, Settled, Untold
from playbook.mail.server import MailServer
from playbook.outcome import Outcome
from playbook.plan import (
    Action,
    Change,
    IncidentAction,
    Obligation,
    Plan,
)
from playbook.progress import Tell


class Receiver(Protocol):
    """Brings about what concerns the incident itself."""

    def perform(self, action: IncidentAction, tell: Tell) -> str:
        """Do it, and say in a sentence what was kept."""


class _Stop(Exception):
    def __init__(self, outcome: Outcome, because: str) -> None:
        super().__init__(because)
        self.outcome = outcome
        self.because = because


_UNSETTLED = (LineLost, DeadlinePassed, AnswerUnreadable)


@dataclass(frozen=True)
class Runner:
    """The engine with everything that it drives, each behind a protocol of its own."""

    incident: Incident
    server: MailServer
    receiver: Receiver
    person: Person
    observer: Observer
    interrupted: Callable[[], str] = lambda: ""
    now: Callable[[], float] = time.monotonic
    wait: Callable[[float], None] = time.sleep

    def run(self, entries: Iterable[Entry], inputs: Iterable[object]) -> dict[str, Outcome]:
        """Take the steps in order and return how each ended; a failed one stops the run.

        Raises `StoppedByPerson` at a boundary where a person quits, and `JournalError`; every
        other fault becomes the outcome of its step.
        """
        findings: dict[type, object] = {type(each): each for each in inputs}
        outcomes: dict[str, Outcome] = {}
        for entry in entries:
            outcome, finding = self._closed(entry) or self._take(entry, findings)
            outcomes[entry.name] = outcome
            if finding is not None:
                findings[type(finding)] = finding
            if outcome in _STOPPING and not (entry.goes_on and outcome is not Outcome.UNKNOWN):
                break
        return outcomes

    @cached_property
    def _shown(self) -> Observer:
        def note(because: str) -> None:
            self.incident.journal.append(Untold(because))

        return Guarded(self.observer, note)

    def _closed(self, entry: Entry) -> tuple[Outcome, object] | None:
        closed = self.incident.closed(entry.name)
        if not closed:
            return None
        finding = closed.finding
        if finding is not None and entry.finding:
            finding = msgspec.convert(finding, entry.finding)
        return closed.outcome, finding

    def _take(self, entry: Entry, findings: Findings) -> tuple[Outcome, object]:
        self._boundary(entry)
        self._shown.begins(entry)
        finding: object = None
        try:
            step = entry.build(findings)
            if isinstance(step, str):
                outcome, because = Outcome.REFUSED, f"it needs {step}, which no step before it left"
            else:
                outcome, because, finding = self._bring_about(entry, step)
        except _Stop as stop:
            outcome, because = stop.outcome, stop.because
        except _UNSETTLED as error:
            outcome, because = Outcome.UNKNOWN, str(error)
        except (ServerRefused, TransportError) as error:
            outcome, because = Outcome.FAILED, str(error)
        self.incident.closes(entry.name, outcome, because, _as_json(finding))
        self._shown.ends(entry, outcome, because)
        return outcome, finding

    def _bring_about(self, entry: Entry, step: AnyStep) -> tuple[Outcome, str, object]:
        """Probe, plan and change until nothing is left to change."""
        patience_ends = self.now() + step.patience_s
        tried, refused = False, False
        while True:
            seen = self._probe(entry, step)
            plan = step.plan(seen)
            todo = [each for each in map(self._remaining(entry), plan.changes) if each]
            if not tried:
                self._shown.plans(entry, plan)
                self._refused(entry, plan)
            if not todo or (tried and self.now() > patience_ends):
                break
            refused = self._make_all(entry, todo, refused)
            tried = True
        self._owe(entry, plan.owes)
        if plan.fails:
            raise _Stop(Outcome.FAILED, f"{plan.fails.what}. {plan.fails.next}")
        if todo or self._left_open(entry, plan):
            raise _Stop(Outcome.FAILED, f"it still does not hold: {plan.because}")
        self._settle(entry, plan.pays)
        finding = step.finding(self._first(entry, seen), seen)
        changed = self.incident.changed(entry.name)
        return (Outcome.CHANGED if changed else Outcome.HOLDS), plan.because, finding

    def _make_all(self, entry: Entry, todo: list[Change], refused: bool) -> bool:  # noqa: FBT001
        """Make the changes; one refusal is an occasion to look again, for what came in between."""
        for change in todo:
            try:
                self._make(entry, change)
            except ServerRefused:
                if refused:
                    raise
                return True
        return False

    def _probe(self, entry: Entry, step: AnyStep) -> object:
        """What the step sees; the first reading in an incident is written down."""
        try:
            seen = step.probe(self.server)
        except _UNSETTLED as error:
            self._shown.tells(f"{error.what}; asking again")
            self.wait(1.0)
            self.server.look_again()
            seen = step.probe(self.server)
        if self.incident.first_reading(entry.name) is None:
            self.incident.journal.append(Saw(_as_json(seen)), entry.name)
        return seen

    def _first(self, entry: Entry, seen: object) -> object:
        first = self.incident.first_reading(entry.name)
        return seen if first is None else msgspec.convert(first, entry.reading)

    def _remaining(self, entry: Entry) -> Callable[[Change], Change | None]:
        """What is left of a change: itself, what replaces it where it was refused, or nothing.

        An offer that a person declined in this incident is not made again.
        """

        def remaining(change: Change) -> Change | None:
            if change.once and self.incident.did(entry.name, change.do):
                return None
            if change.otherwise and self.incident.failed(entry.name, change.do):
                return remaining(change.otherwise)
            if change.offered and self.incident.declined(entry.name, change.do):
                return None
            return change

        return remaining

    def _left_open(self, entry: Entry, plan: Plan) -> bool:
        """Whether a person said no to what was offered instead of something that was refused."""
        instead = (each.otherwise for each in plan.changes if each.otherwise)
        return any(
            each.offered and self.incident.declined(entry.name, each.do) is not None
            for each in instead
        )

    def _refused(self, entry: Entry, plan: Plan) -> None:
        if not plan.refuses:
            return
        reason = self.person.overrides(entry.name, plan.refuses) if plan.refuses.overridable else ""
        if not reason:
            raise _Stop(Outcome.REFUSED, f"{plan.refuses.what}. {plan.refuses.next}")
        self.incident.journal.append(Overridden(plan.refuses.what, reason), entry.name)

    def _make(self, entry: Entry, change: Change) -> None:
        """Ask, write the intention down, make the change, write down that it was made."""
        self._boundary(entry)
        match self.person.agrees(Asked(entry.name, entry.sentence, change)):
            case Answer.QUIT:
                raise StoppedByPerson(f"Stopped before {entry.name}", "a person said so")
            case Answer.SKIP:
                raise _Stop(Outcome.SKIPPED, "a person left it out")
            case Answer.NO:
                self.incident.journal.append(Declined(change.do), entry.name)
                if not change.offered:
                    raise _Stop(Outcome.SKIPPED, f"a person said no to: {change.do}")
            case Answer.YES:
                self._perform(entry, change)

    def _perform(self, entry: Entry, change: Change) -> None:
        self.incident.intends(entry.name, change)
        self._shown.makes(entry, change)
        try:
            said = self._receive(change.do, self._shown.tells)
        except ServerRefused as error:
            refusal = Failed(change.do, error.reason, error.what, error.because, error.next)
            self.incident.journal.append(refusal, entry.name)
            self._shown.made(entry, change, str(error))
            self.server.look_again()
            if change.otherwise is None:
                raise
            return
        except _UNSETTLED as error:
            self._shown.tells(f"{error.what}; looking what is there")
            self.server.look_again()
            return
        self.incident.journal.append(Did(change.do, said, change.pays), entry.name)
        self._shown.made(entry, change, said)

    def _receive(self, action: Action, tell: Tell) -> str:
        if isinstance(action, IncidentAction):
            return self.receiver.perform(action, tell)
        return self.server.perform(action, tell)

    def _owe(self, entry: Entry, obligations: tuple[Obligation, ...]) -> None:
        known = {obligation.key for obligation in self.incident.obligations()}
        new = tuple(each for each in obligations if each.key not in known)
        if new:
            self.incident.journal.append(Owed(new), entry.name)

    def _settle(self, entry: Entry, keys: tuple[str, ...]) -> None:
        """What was seen pays, also where a crash took the record of the change that did."""
        owed = tuple(each.key for each in self.incident.obligations() if each.key in keys)
        if owed:
            self.incident.journal.append(Settled(owed), entry.name)

    def _boundary(self, entry: Entry) -> None:
        if because := self.interrupted():
            raise StoppedByPerson(f"Stopped before {entry.name}", because)


_STOPPING = (Outcome.REFUSED, Outcome.FAILED, Outcome.UNKNOWN)


def _as_json(value: object) -> object:
    return msgspec.to_builtins(value)
