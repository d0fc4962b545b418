"""The person at a command line, in front of a run: shown on standard error, asked at a prompt."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from playbook import wiring
from playbook.cli.interrupts import Interrupts
from playbook.cli.passwords import Passwords
from playbook.cli.screen import Screen
from playbook.engine import catalog
from playbook.engine.entry import Entry
from playbook.engine.person import Agreed, Answer, Asked, AtTerminal, Person
from playbook.engine.preflight import Preflight
from playbook.engine.saved_plan import SavedPlan
from playbook.errors import StoppedByPerson
from playbook.incident.incident import Incident
from playbook.incident.manifest.store import Manifest
from playbook.mail.server import Describing, Samples, ServerReader
from playbook.plan import Change, Hindrance, IncidentAction, Irreversible
from playbook.review import review
from playbook.review.session import ReviewSession
from playbook.secret import Secret


@dataclass
class CommandLine(Screen):
    """Whoever typed the command: the options say what was agreed to, and whether to ask.

    `agreed` decides where nobody is to be asked. With a saved `plan` nothing is made that it does
    not hold, unless a person at the prompt says so. `planned` is what a dry run showed.
    """

    agreed: Agreed = field(default_factory=Agreed)
    interactive: bool = False
    passwords: Passwords = field(default_factory=Passwords)
    interrupts: Interrupts = field(default_factory=Interrupts)
    plan: SavedPlan | None = None
    planned: list[Change] = field(default_factory=list)
    _case: str = ""
    _looking: ServerReader | None = None
    _server: Describing | None = None
    _entries: tuple[Entry, ...] = ()

    @property
    def _person(self) -> Person:
        if not self.interactive:
            return self.agreed
        return AtTerminal(self._ask, self.says, self._describe, self._explain, self._steps)

    def agrees(self, asked: Asked) -> Answer:
        """Whether to make this change; raises `StoppedByPerson` where the plan does not hold it."""
        is_planned = self.plan is None or self.plan.holds(asked.change.do, self._case)
        if not is_planned and self.interactive:
            self.says("This is not in the plan:")
        elif not (is_planned or asked.change.offered):
            raise StoppedByPerson(
                f"Stopped before {asked.step}", f"the plan does not show this: {asked.change.do}"
            )
        return self._person.agrees(asked)

    def makes(self, entry: Entry, change: Change) -> None:
        """The change, before it is made; a dry run keeps it for the plan."""
        self.planned.append(change)
        super().makes(entry, change)

    def overrides(self, step: str, hindrance: Hindrance) -> str | None:
        """The reason for going on against a hindrance: given with the call, or typed."""
        return self.agreed.override or self._person.overrides(step, hindrance)

    def takes_up(self, what: str) -> bool:
        """Whether to go on with an incident that is open."""
        return self._person.takes_up(what)

    def surveyed(self, server: ServerReader, checked: Preflight) -> None:
        """Before anything is changed: what to know, and the line that matters if we are lost."""
        self._looking = self._server = server
        for warning in checked.warnings:
            self.says(f"Note: {warning}")
        command = server.way_out(frozenset())
        self.says(f"If you lose me after the stop, type on the server: {command}")

    def works_in(self, case: Incident, entries: Sequence[Entry], server: Describing) -> None:
        """The prompt knows these steps and this server, and the clock the incident."""
        self._entries, self._server, self._case = tuple(entries), server, case.name
        self.shows(case)

    def keeps(self, account: str, password: Secret) -> None:
        """Remember a new password where a person asked to have it."""
        self.passwords.keep(account, password)

    def interrupted(self) -> str:
        """Why a signal asked to stop, or ""."""
        return self.interrupts.stops()

    def watching(self, watched_s: int, of_s: int) -> bool:
        """Whether to go on with a watch; Ctrl-C ends it."""
        self.tells(f"watching: {watched_s} of {of_s} s; Ctrl-C ends the watch")
        return self.interrupts.goes_on_watching()

    def reviews(self, case: Incident, manifest: Manifest) -> str:
        """The review's screen, with sample mails from the server that the run is about."""
        self.quiet()
        samples: Samples | None = self._looking
        assert samples
        return review(ReviewSession(case, manifest, wiring.who()), samples)

    def sends(self, change: Change) -> str:
        """What would be sent for a change, in a line; "" for what stays on this machine."""
        if isinstance(change.do, IncidentAction) or self._server is None:
            return ""
        return str(self._server.describe(change.do))

    def _ask(self, question: str) -> str:
        self.quiet()
        with self.interrupts.asking():
            return input(question)

    def _describe(self, change: Change) -> str:
        """The commands that a person would type instead, and how it is taken back."""
        if isinstance(change.do, IncidentAction) or self._server is None:
            return "This is written on your machine only."
        described = self._server.describe(change.do)
        undo = change.undo.why if isinstance(change.undo, Irreversible) else str(change.undo)
        back = "It cannot be taken back: " if isinstance(change.undo, Irreversible) else "Undo: "
        typed = "\n".join(f"  {line}" for line in described.manual)
        values = "\n".join(f"  {name}={value}" for name, value in described.values.items())
        return (
            f"By hand you would type:\n{typed}\n{back}{undo}\n"
            f"The script {described.script} is sent, with:\n{values}"
        )

    def _explain(self, step: str) -> str:
        return catalog.explanation(catalog.step_class(step))

    def _steps(self, current: str) -> str:
        return "\n".join(
            f"{'->' if each.name == current else '  '} {each.name}: {each.sentence}"
            for each in self._entries
        )
