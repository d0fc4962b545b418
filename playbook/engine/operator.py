"""Whoever sits in front of a run: shown what happens, asked about it, and able to stop it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from playbook.engine.entry import Entry
from playbook.engine.observer import Observer
from playbook.engine.person import Agreed, Person
from playbook.engine.preflight import Preflight
from playbook.incident.incident import Incident
from playbook.incident.manifest.store import Manifest
from playbook.mail.server import Describing, ServerReader
from playbook.outcome import Ending
from playbook.plan import Change, Obligation, Plan
from playbook.secret import Secret


class Operator(Person, Observer, Protocol):
    """Who decides, who watches, and who may stop it; `Unattended` has an answer to everything."""

    def surveyed(self, server: ServerReader, checked: Preflight) -> None:
        """The server was looked at, and nothing is changed yet."""

    def works_in(self, case: Incident, entries: Sequence[Entry], server: Describing) -> None:
        """From now on this incident's steps are taken, on this server."""

    def keeps(self, account: str, password: Secret) -> None:
        """A new password was made for an account; nobody else is told it."""

    def interrupted(self) -> str:
        """Why to stop at this boundary, or ""."""

    def watching(self, watched_s: int, of_s: int) -> bool:
        """Whether to go on with a watch that goes on for so long already."""

    def reviews(self, case: Incident, manifest: Manifest) -> str:
        """Let a person decide the doubtful mail, and say in a sentence what was decided."""


@dataclass(frozen=True)
class Unattended(Agreed):
    """Nobody is there: what was agreed to beforehand is done, and nobody is shown anything."""

    def surveyed(self, server: ServerReader, checked: Preflight) -> None:
        """Go on."""

    def works_in(self, case: Incident, entries: Sequence[Entry], server: Describing) -> None:
        """Go on."""

    def keeps(self, account: str, password: Secret) -> None:
        """Let it go: a password that nobody knows contains best."""

    def interrupted(self) -> str:
        """Nobody interrupts."""
        return ""

    def watching(self, watched_s: int, of_s: int) -> bool:
        """To its end."""
        return True

    def reviews(self, case: Incident, manifest: Manifest) -> str:
        """Decide nothing."""
        return "nobody was there to decide"

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
        """The change was made."""

    def refused(self, entry: Entry, change: Change, fact: str) -> None:
        """The change was not made."""

    def ends(self, entry: Entry, ending: Ending) -> None:
        """The step is closed."""
