"""What a run looks like: a clock and steps on a terminal, plain lines elsewhere."""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.status import Status
from rich.text import Text

from playbook.engine.entry import Entry
from playbook.errors import ExitCode, Unheard
from playbook.incident.incident import Incident
from playbook.incident.phase import Phase, standing
from playbook.outcome import Ending, Outcome
from playbook.plan import Change, IncidentAction, Irreversible, Obligation, Plan
from playbook.text import one_line, printable

_INDENT: Final = 6
_LONG: Final = 2_000
_SIGNS: Final = {
    Outcome.HOLDS: ("=", "green"),
    Outcome.CHANGED: ("+", "green"),
    Outcome.SKIPPED: ("-", "yellow"),
    Outcome.REFUSED: ("!", "red"),
    Outcome.FAILED: ("x", "red"),
    Outcome.UNDONE: ("<", "yellow"),
    Outcome.UNPROVEN: ("?", "yellow"),
    Outcome.UNKNOWN: ("?", "red"),
}
_PHASES: Final = {
    Phase.OPEN: "red",
    Phase.DOWN: "yellow",
    Phase.CONTAINED: "yellow",
    Phase.CLOSED: "green",
}
_CODES: Final = {
    ExitCode.GREEN: ("GREEN", "green"),
    ExitCode.OWED: ("OWED", "yellow"),
    ExitCode.PERSON: ("PERSON", "yellow"),
    ExitCode.UNPROVEN: ("NOT PROVEN", "yellow"),
}
# A dry run saw none of it: it says what would be, and what nobody can foresee.
_FORESEEN: Final = {
    Outcome.HOLDS: "would hold",
    Outcome.CHANGED: "would be changed",
    Outcome.SKIPPED: "would be left out",
    Outcome.REFUSED: "would be refused",
    Outcome.FAILED: "would fail",
    Outcome.UNPROVEN: "cannot be foreseen",
}


@dataclass
class Screen:
    """Shows the run on standard error, so that `--json` has standard output to itself.

    Where standard error has lost its reader, whatever is told of a run raises `Unheard`.
    `foreseen` is the dry run, where nothing is made; `verbose` shows also what would be sent.
    """

    console: Console
    foreseen: bool = False
    verbose: bool = False
    begun: float = field(default_factory=time.monotonic)
    case: Incident | None = None
    is_planned: bool = False
    _status: Status | None = None

    def shows(self, case: Incident) -> None:
        """From now on the clock and the phase are those of an incident."""
        self.case = case
        if case.journal.records:
            since = datetime.now(UTC) - case.journal.records[0].at
            self.begun = time.monotonic() - since.total_seconds()

    def begins(self, entry: Entry) -> None:
        """The step and its sentence, with the clock."""
        self.quiet()
        line = self._phase().append(f"{self._clock()} ", "dim").append(f"{entry.name} ", "bold")
        line.append(entry.sentence, "default")
        self.console.print(line, highlight=False, soft_wrap=not self.console.is_terminal)
        if self.console.is_terminal:
            self._status = self.console.status(entry.name)
            self._status.start()
        self._heard()

    def plans(self, entry: Entry, plan: Plan) -> None:
        """What it saw that leads to its changes; how it ends says so where there are none."""
        if self.foreseen and plan.changes:
            self._line(plan.because)

    def makes(self, entry: Entry, change: Change) -> None:
        """The change, before it is made; in the dry run with everything that is known of it."""
        for each in change.warns:
            self._line(f"[red]! beware[/] {escape(one_line(each, _LONG))}", markup=True)
        if not self.foreseen:
            self._line(str(change.do))
            return
        self.is_planned |= not isinstance(change.do, IncidentAction)
        undo = change.undo.why if isinstance(change.undo, Irreversible) else str(change.undo)
        self._line(f"would: {change.do}")
        self._line(f"  why: {change.why}")
        self._line(f"  undo: {'none: ' if isinstance(change.undo, Irreversible) else ''}{undo}")
        if self.verbose and (script := self.sends(change)):
            self._line(f"  sends: {script}")

    def owes(self, entry: Entry, obligations: tuple[Obligation, ...]) -> None:
        """What somebody has to see to, each with the command that pays it."""
        for each in obligations:
            text = escape(one_line(f"{each.text}: {each.pay}", _LONG))
            self._line(f"[red]! {'would be ' if self.foreseen else ''}owed[/] {text}", markup=True)

    def sends(self, change: Change) -> str:
        """What a change would send, where that is known."""
        return ""

    def tells(self, line: str) -> None:
        """Progress, in the status line of a terminal."""
        if self._status:
            self._status.update(escape(f"{self._phase()}{self._clock()}  {one_line(line)}"))

    def made(self, entry: Entry, change: Change, said: str) -> None:
        """What was seen of it."""
        if not self.foreseen:
            self._line(f"  {said}")
        self._heard()

    def refused(self, entry: Entry, change: Change, fact: str) -> None:
        """What was not made, and why."""
        self._line(f"  not done: {fact}")
        self._heard()

    def ends(self, entry: Entry, ending: Ending) -> None:
        """How it ended, and what to try where it did not end well."""
        self.quiet()
        sign, colour = _SIGNS[ending.outcome]
        word, fact = self._words(ending)
        self._line(f"[{colour}]{sign} {word}[/] {escape(one_line(fact, _LONG))}", markup=True)
        if ending.next and not (self.foreseen and ending.outcome is Outcome.UNPROVEN):
            self._line(f"  {ending.next}")
        self._heard()

    def _heard(self) -> None:
        gone = getattr(self.console.file, "gone", "")
        if gone:
            raise Unheard("Nobody reads standard error", gone)

    def says(self, text: str) -> None:
        """A line of its own, whole: a command in it can be copied from the terminal."""
        self.quiet()
        self.console.print(printable(text), markup=False, highlight=False, soft_wrap=True)

    def _words(self, ending: Ending) -> tuple[str, str]:
        """How it ended and why; a dry run says of nothing that it was seen after a change."""
        if not self.foreseen or (ending.outcome is Outcome.HOLDS and not self.is_planned):
            return ending.outcome, ending.fact
        fact = "" if ending.outcome is Outcome.CHANGED else ending.fact
        return _FORESEEN.get(ending.outcome, ending.outcome), fact

    def concludes(self, code: ExitCode, words: str) -> None:
        """The last word of a run, in the colour of what it means."""
        self.quiet()
        name, colour = _CODES.get(code, (code.name, "red"))
        text = Text(name, style=f"bold {colour}").append(f": {one_line(words, _LONG)}", "default")
        self.console.print(text, highlight=False, soft_wrap=True)

    def quiet(self) -> None:
        """End the status line, before something else is printed or asked."""
        if self._status:
            self._status.stop()
            self._status = None

    def _line(self, text: str, *, markup: bool = False) -> None:
        shown = Text.from_markup(text) if markup else Text(one_line(text, _LONG))
        if self.console.is_terminal:
            self.console.print(Padding(shown, (0, 0, 0, _INDENT)), highlight=False)
        else:
            self.console.print(Text(" " * _INDENT) + shown, highlight=False, soft_wrap=True)

    def _clock(self) -> str:
        seconds = int(time.monotonic() - self.begun)
        return f"{seconds // 60:02}:{seconds % 60:02}"

    def _phase(self) -> Text:
        """How far the leak is closed, by the journal; nothing where a command is not about it."""
        if self.foreseen:
            return Text("dry run ", "dim")
        now = standing(self.case) if self.case else None
        if now is None:
            return Text()
        return Text(f"{now} ", f"bold {_PHASES[now.phase]}")
