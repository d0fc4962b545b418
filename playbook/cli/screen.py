"""What a run looks like: a clock and steps on a terminal, plain lines elsewhere."""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from rich.console import Console
from rich.markup import escape
from rich.status import Status

from playbook.change import Change, Plan
from playbook.incident import Incident
from playbook.outcome import Outcome
from playbook.runner import Entry

_SIGNS: Final = {
    Outcome.HOLDS: ("=", "green"),
    Outcome.CHANGED: ("+", "green"),
    Outcome.SKIPPED: ("-", "yellow"),
    Outcome.REFUSED: ("!", "red"),
    Outcome.FAILED: ("x", "red"),
    Outcome.UNDONE: ("<", "yellow"),
    Outcome.UNKNOWN: ("?", "red"),
}


@dataclass
class Screen:
    """Shows the run on standard error, so that `--json` has standard output to itself.

    `verb` is "would" in the dry run, where nothing is made.
    """

    console: Console
    foreseen: bool = False
    begun: float = field(default_factory=time.monotonic)
    marks: dict[str, float] = field(default_factory=dict)
    _status: Status | None = None

    def takes_up(self, case: Incident) -> None:
        """Begin with the clock and the state that an incident has reached."""
        first = case.journal.records[0].at
        self.begun = time.monotonic() - (datetime.now(UTC) - first).total_seconds()
        for record in case.journal.records:
            do = record.data.get("do")
            if record.kind == "did" and isinstance(do, dict):
                self.marks.setdefault(str(do["type"]), 0.0)

    def begins(self, entry: Entry) -> None:
        """The step and its sentence, with the clock."""
        self.quiet()
        self.console.print(
            f"[dim]{self._clock()}[/] [bold]{entry.name}[/] {escape(entry.sentence)}"
        )
        if self.console.is_terminal:
            self._status = self.console.status(entry.name)
            self._status.start()

    def plans(self, entry: Entry, plan: Plan) -> None:
        """In the dry run, why it would change what it would."""
        if self.foreseen:
            self._line(plan.because)

    def makes(self, entry: Entry, change: Change) -> None:
        """The change, before it is made."""
        self._line(f"{'would: ' if self.foreseen else ''}{change.do}")

    def tells(self, line: str) -> None:
        """Progress, in the status line of a terminal."""
        if self._status:
            self._status.update(escape(f"{self._clock()}  {_plain(line)}"))

    def made(self, entry: Entry, change: Change, said: str) -> None:
        """What was seen of it."""
        self.marks.setdefault(type(change.do).__name__, time.monotonic() - self.begun)
        if not self.foreseen:
            self._line(f"  {said}")

    def ends(self, entry: Entry, outcome: Outcome, because: str) -> None:
        """How it ended."""
        self.quiet()
        sign, colour = _SIGNS[outcome]
        self._line(f"[{colour}]{sign} {outcome}[/] {escape(_plain(because))}", markup=True)

    def quiet(self) -> None:
        """End the status line, before something else is printed or asked."""
        if self._status:
            self._status.stop()
            self._status = None

    def _line(self, text: str, *, markup: bool = False) -> None:
        shown = text if markup else escape(_plain(text))
        self.console.print(f"      {shown}", highlight=False, soft_wrap=True)

    def _clock(self) -> str:
        seconds = int(time.monotonic() - self.begun)
        state = "leak open"
        if "SmtpStopped" in self.marks:
            state = "SMTP down"
        if {"SmtpStarted"} & self.marks.keys():
            state = "closed"
        return f"{state} {seconds // 60:02}:{seconds % 60:02}"


def _plain(text: str) -> str:
    """Text that may hold what an attacker wrote: without what a terminal would obey."""
    return "".join(sign if sign.isprintable() else "?" for sign in text)
