"""Whoever shows a run: it is told of everything, and may fail without harm."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from playbook.engine.entry import Entry
from playbook.outcome import Ending
from playbook.plan import Change, Obligation, Plan


class Observer(Protocol):
    """Whoever shows the run; it may fail without harm."""

    def begins(self, entry: Entry) -> None:
        """A step is taken up."""

    def plans(self, entry: Entry, plan: Plan) -> None:
        """What it would change, given what it saw."""

    def makes(self, entry: Entry, change: Change) -> None:
        """A change is about to be made."""

    def owes(self, entry: Entry, obligations: tuple[Obligation, ...]) -> None:
        """What was seen is owed from now on."""

    def tells(self, line: str) -> None:
        """A line of progress of the change that is being made."""

    def made(self, entry: Entry, change: Change, said: str) -> None:
        """The change was made, with the words of whoever made it."""

    def refused(self, entry: Entry, change: Change, fact: str) -> None:
        """The change was not made, and why."""

    def ends(self, entry: Entry, ending: Ending) -> None:
        """The step is closed."""


@dataclass
class Guarded:
    """An observer whose faults harm nobody: the first is noted, and the run goes on.

    A library that answers a reader who went away with `SystemExit` is a fault like any other.
    """

    observer: Observer
    note: Callable[[str], None]
    _noted: bool = False

    def begins(self, entry: Entry) -> None:
        """A step is taken up."""
        self._show(lambda: self.observer.begins(entry))

    def plans(self, entry: Entry, plan: Plan) -> None:
        """What it would change, given what it saw."""
        self._show(lambda: self.observer.plans(entry, plan))

    def makes(self, entry: Entry, change: Change) -> None:
        """A change is about to be made."""
        self._show(lambda: self.observer.makes(entry, change))

    def owes(self, entry: Entry, obligations: tuple[Obligation, ...]) -> None:
        """What was seen is owed from now on."""
        self._show(lambda: self.observer.owes(entry, obligations))

    def tells(self, line: str) -> None:
        """A line of progress of the change that is being made."""
        self._show(lambda: self.observer.tells(line))

    def made(self, entry: Entry, change: Change, said: str) -> None:
        """The change was made, with the words of whoever made it."""
        self._show(lambda: self.observer.made(entry, change, said))

    def refused(self, entry: Entry, change: Change, fact: str) -> None:
        """The change was not made, and why."""
        self._show(lambda: self.observer.refused(entry, change, fact))

    def ends(self, entry: Entry, ending: Ending) -> None:
        """The step is closed."""
        self._show(lambda: self.observer.ends(entry, ending))

    def _show(self, call: Callable[[], None]) -> None:
        try:
            call()
        except (Exception, SystemExit) as error:
            if isinstance(error, SystemExit) and error.code != 1:  # a signal's own: 128 and more
                raise
            self._told(f"{type(error).__name__}: {error}")

    def _told(self, because: str) -> None:
        """Write down once that the run is not seen; a journal that cannot be written ends it."""
        if not self._noted:
            self._noted = True
            self.note(because)
