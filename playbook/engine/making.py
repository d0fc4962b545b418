"""One change: asked about, written down, made, and written down again."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

from playbook.engine.entry import Entry
from playbook.engine.observer import Observer
from playbook.engine.person import Answer, Asked, Person
from playbook.errors import (
    AnswerUnreadable,
    DeadlinePassed,
    LineLost,
    ServerRefused,
    StoppedByPerson,
)
from playbook.incident.incident import Incident
from playbook.incident.records import Declined, Did, Failed
from playbook.mail.server import MailServer
from playbook.outcome import Ending, Outcome
from playbook.plan import Action, Change, IncidentAction
from playbook.progress import Tell

UNSETTLED = (LineLost, DeadlinePassed, AnswerUnreadable)


class Receiver(Protocol):
    """Brings about what concerns the incident itself."""

    def perform(self, action: IncidentAction, tell: Tell) -> str:
        """Do it, and say in a sentence what was kept."""


class Stop(Exception):
    """A step ends here, in this way."""

    def __init__(self, outcome: Outcome, what: str, because: str = "", next_: str = "") -> None:
        super().__init__(what)
        self.ending = Ending(outcome, what, because, next_)


class Made(Enum):
    """What became of a list of changes."""

    SOMETHING = "something was changed, or may have been"
    NOTHING = "nothing was changed, so that there is nothing new to see"
    REFUSED = "the server refused one, so that something else is to be tried"


@dataclass
class Tries:
    """What was tried in a step since this run took it up, and not done.

    A run that is taken up again begins anew: the cause of a refusal may be gone, and whoever was
    not there to be asked may be there now.
    """

    refused: list[Action] = field(default_factory=list)
    left: list[Action] = field(default_factory=list)
    changed: bool = False
    why: ServerRefused | None = None

    def refuse(self, change: Change, error: ServerRefused) -> None:
        """The server refused it, and says why."""
        self.refused.append(change.do)
        self.why = error

    def open(self, change: Change) -> Change | None:
        """What is left of a change: itself, what replaces it where it was refused, or nothing."""
        if change.otherwise and change.do in self.refused:
            return self.open(change.otherwise)
        return None if change.do in self.left else change

    def left_open(self, change: Change) -> Change | None:
        """What was offered in the place of something that was refused, and nobody said yes to."""
        instead = change.otherwise
        return instead if instead and instead.do in self.left else None


@dataclass(frozen=True)
class Maker:
    """Makes the changes of a step, one by one."""

    incident: Incident
    server: MailServer
    receiver: Receiver
    person: Person
    shown: Observer
    boundary: Callable[[Entry], None]

    def make_all(self, entry: Entry, todo: list[Change], tries: Tries) -> Made:
        """Make the changes; a refusal is an occasion to look again.

        Raises `ServerRefused` where the same one is refused a second time.
        """
        tries.changed, before = False, len(tries.refused)
        for change in todo:
            try:
                self._ask(entry, change, tries)
            except ServerRefused as error:
                if change.do in tries.refused:
                    raise
                tries.refuse(change, error)
                return Made.REFUSED
        if len(tries.refused) > before:
            return Made.REFUSED
        return Made.SOMETHING if tries.changed else Made.NOTHING

    def _ask(self, entry: Entry, change: Change, tries: Tries) -> None:
        self.boundary(entry)
        match self.person.agrees(Asked(entry.name, entry.sentence, change)):
            case Answer.QUIT:
                raise StoppedByPerson(f"Stopped before {entry.name}", "a person said so")
            case Answer.SKIP:
                raise Stop(Outcome.SKIPPED, "a person left it out")
            case Answer.NO:
                self.incident.journal.append(Declined(change.do), entry.name)
                if not change.offered:
                    raise Stop(Outcome.SKIPPED, f"a person said no to: {change.do}")
                tries.left.append(change.do)
            case Answer.UNASKED:
                if not change.offered:
                    raise Stop(Outcome.SKIPPED, f"nobody was there to be asked: {change.do}")
                tries.left.append(change.do)
            case Answer.YES:
                self._perform(entry, change, tries)

    def _perform(self, entry: Entry, change: Change, tries: Tries) -> None:
        """Write the intention down, make the change, and write down that it was made."""
        self.incident.intends(entry.name, change)
        self.shown.makes(entry, change)
        try:
            said = self._receive(change.do, self.shown.tells)
        except ServerRefused as error:
            refusal = Failed(change.do, error.reason, error.what, error.because, error.next)
            self.incident.journal.append(refusal, entry.name)
            self.shown.refused(entry, change, error.fact)
            self.server.look_again()
            if change.otherwise is None:
                raise
            tries.refuse(change, error)
            return
        except UNSETTLED as error:
            self.shown.tells(f"{error.what}; looking what is there")
            self.server.look_again()
            tries.changed = True
            return
        self.incident.journal.append(Did(change.do, said, change.pays), entry.name)
        tries.changed = True
        self.shown.made(entry, change, said)

    def _receive(self, action: Action, tell: Tell) -> str:
        if isinstance(action, IncidentAction):
            return self.receiver.perform(action, tell)
        return self.server.perform(action, tell)
