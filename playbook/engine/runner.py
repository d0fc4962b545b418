"""The one loop that runs the steps of a runbook.

A step that is closed in the journal is history. Any other is probed, planned, and its changes
are made one by one: asked, written down, made, written down. Then it is probed again, until its
plan is empty or its patience ends. What is lost on the way is settled by looking again.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

import msgspec

from playbook.engine.entry import AnyStep, Entry, Findings
from playbook.engine.making import UNSETTLED, Made, Maker, Receiver, Stop, Tries
from playbook.engine.observer import Guarded, Observer
from playbook.engine.person import Person
from playbook.errors import RespondError, ServerRefused, StoppedByPerson, TransportError
from playbook.incident.incident import Incident
from playbook.incident.obligations import left_out, left_out_key
from playbook.incident.records import Overridden, Owed, Saw, Settled, Untold
from playbook.mail.server import MailServer
from playbook.outcome import Ending, Outcome
from playbook.plan import Change, Obligation, Plan


@dataclass(frozen=True)
class Runner:
    """The engine with everything that it drives, each behind a protocol of its own.

    `interrupted` says why the run is to stop at the next boundary, or "".
    """

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
        givers: dict[type, str] = {}
        for entry in entries:
            outcome, finding = self._closed(entry) or self._take(entry, findings, givers)
            outcomes[entry.name] = outcome
            if entry.finding:
                givers[entry.finding] = entry.name
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

    @cached_property
    def _maker(self) -> Maker:
        return Maker(
            self.incident, self.server, self.receiver, self.person, self._shown, self._boundary
        )

    def _closed(self, entry: Entry) -> tuple[Outcome, object] | None:
        closed = self.incident.closed(entry.name)
        if not closed:
            return None
        finding = closed.finding
        if finding is not None and entry.finding:
            finding = msgspec.convert(finding, entry.finding)
        return closed.outcome, finding

    def _take(
        self, entry: Entry, findings: Findings, givers: dict[type, str]
    ) -> tuple[Outcome, object]:
        self._boundary(entry)
        self._shown.begins(entry)
        finding: object = None
        try:
            step = entry.build(findings)
            if isinstance(step, type):
                ending = self._missing(givers.get(step))
            else:
                ending, finding = self._bring_about(entry, step)
        except Stop as stop:
            ending = stop.ending
            if ending.outcome is Outcome.SKIPPED:
                self._owe(entry, (left_out(entry.name, entry.sentence),))
        except UNSETTLED as error:
            ending = _ending(Outcome.UNKNOWN, error)
        except (ServerRefused, TransportError) as error:
            ending = _ending(Outcome.FAILED, error)
        self.incident.closes(entry.name, ending, msgspec.to_builtins(finding))
        self._shown.ends(entry, ending)
        return ending.outcome, finding

    def _missing(self, giver: str | None) -> Ending:
        """A step cannot be taken without what an earlier one finds out."""
        if giver is None:
            return Ending(Outcome.REFUSED, "it needs what no step of this runbook finds out")
        return Ending(
            Outcome.REFUSED,
            f"it builds upon {giver}, which is not done",
            next=f"respond resume {self.incident.name} --from {giver}",
        )

    def _bring_about(self, entry: Entry, step: AnyStep) -> tuple[Ending, object]:
        """Probe, plan and change until nothing is left to change."""
        patience_ends = self.now() + step.patience_s
        tries, made = Tries(), None
        while True:
            fresh = self._probe(entry, step)
            seen = self._joined(entry, step, fresh)
            plan = step.plan(seen)
            todo = self._open(entry, plan, tries)
            if made is None:
                self._shown.plans(entry, plan)
                if self._overrides(entry, plan) and step.remembers:
                    seen = fresh
                    plan = step.plan(seen)
                    todo = self._open(entry, plan, tries)
            if not todo or (made is Made.SOMETHING and self.now() > patience_ends):
                break
            made = self._maker.make_all(entry, todo, tries)
            if made is Made.NOTHING:
                todo = self._open(entry, plan, tries)
                break
        self._owe(entry, plan.owes)
        self._judge(plan, todo, tries)
        self._settle(entry, (*plan.pays, left_out_key(entry.name)))
        changed = self.incident.changed(entry.name)
        outcome = Outcome.CHANGED if changed else Outcome.HOLDS
        if plan.unproven:
            outcome = Outcome.UNPROVEN
            ending = Ending(outcome, plan.unproven.what, next=plan.unproven.next)
        else:
            ending = Ending(outcome, plan.because)
        return ending, step.finding(self._first(entry, seen), seen)

    def _open(self, entry: Entry, plan: Plan, tries: Tries) -> list[Change]:
        """The changes that are still to be made; what was done once is done, or its stand-in."""

        def is_done(change: Change | None) -> bool:
            return change is None or (
                (change.once and self.incident.did(entry.name, change.do) is not None)
                or (change.otherwise is not None and is_done_once(change.otherwise))
            )

        def is_done_once(change: Change) -> bool:
            return change.once and is_done(change)

        left = (tries.open(each) for each in plan.changes if not is_done(each))
        return [each for each in left if each and not is_done(each)]

    def _judge(self, plan: Plan, todo: list[Change], tries: Tries) -> None:
        """Raise `Stop` where the step does not hold at its end."""
        if plan.fails:
            raise Stop(Outcome.FAILED, plan.fails.what, next_=plan.fails.next)
        offered = next(filter(None, map(tries.left_open, plan.changes)), None)
        if tries.why and offered:
            raise Stop(Outcome.FAILED, tries.why.what, tries.why.because, self._way_to(offered))
        if todo and tries.why:
            raise Stop(Outcome.FAILED, tries.why.what, tries.why.because, tries.why.next)
        if todo:
            raise Stop(Outcome.FAILED, f"it still does not hold: {plan.because}")

    def _way_to(self, offered: Change) -> str:
        """How a person says yes to what nobody said yes to."""
        again = f"respond resume {self.incident.name}"
        beforehand = f"; `{again} {offered.consent}` agrees to it" if offered.consent else ""
        return f"`{again} --interactive` offers: {offered.do}{beforehand}."

    def _probe(self, entry: Entry, step: AnyStep) -> object:
        """What the step sees, asked once more where the line was lost."""
        try:
            seen = step.probe(self.server)
        except UNSETTLED as error:
            self._shown.tells(f"{error.what}; asking again")
            self.wait(1.0)
            self.server.look_again()
            seen = step.probe(self.server)
        return seen

    def _joined(self, entry: Entry, step: AnyStep, seen: object) -> object:
        """The reading to plan by; the first one in an incident is written down.

        Of a step that remembers each one is, joined to what it saw before.
        """
        last = self.incident.remembered(entry.name) if step.remembers else None
        if last is not None:
            seen = step.joined(msgspec.convert(last, entry.reading), seen)
        if step.remembers or self.incident.first_reading(entry.name) is None:
            self.incident.journal.append(Saw(msgspec.to_builtins(seen)), entry.name)
        return seen

    def _first(self, entry: Entry, seen: object) -> object:
        first = self.incident.first_reading(entry.name)
        return seen if first is None else msgspec.convert(first, entry.reading)

    def _overrides(self, entry: Entry, plan: Plan) -> bool:
        """Whether a person goes on against what the plan refuses; raises `Stop` where not.

        What is owed of what was seen is owed all the same.
        """
        if not plan.refuses:
            return False
        reason = self.person.overrides(entry.name, plan.refuses) if plan.refuses.overridable else ""
        if not reason:
            self._owe(entry, plan.owes)
            raise Stop(Outcome.REFUSED, plan.refuses.what, next_=plan.refuses.next)
        self.incident.journal.append(Overridden(plan.refuses.what, reason), entry.name)
        return True

    def _owe(self, entry: Entry, obligations: tuple[Obligation, ...]) -> None:
        known = {obligation.key for obligation in self.incident.obligations()}
        new = tuple(each for each in obligations if each.key not in known)
        if new:
            self.incident.journal.append(Owed(new), entry.name)
            self._shown.owes(entry, new)

    def _settle(self, entry: Entry, keys: tuple[str, ...]) -> None:
        """What was seen pays, also where a crash took the record of the change that did."""
        owed = tuple(each.key for each in self.incident.obligations() if each.key in keys)
        if owed:
            self.incident.journal.append(Settled(owed), entry.name)

    def _boundary(self, entry: Entry) -> None:
        if because := self.interrupted():
            raise StoppedByPerson(f"Stopped before {entry.name}", because)


_STOPPING = (Outcome.REFUSED, Outcome.FAILED, Outcome.UNKNOWN)


def _ending(outcome: Outcome, error: RespondError) -> Ending:
    return Ending(outcome, error.what, error.because, error.next)
