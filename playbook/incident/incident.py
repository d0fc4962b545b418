"""One case: its folder, its journal, and what the journal says has happened."""

import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from playbook.incident.journal import Journal, Record
from playbook.incident.records import (
    BrokenOff,
    Closed,
    Declined,
    Did,
    Failed,
    Intended,
    Leased,
    Opened,
    Overridden,
    Reopened,
    RunEnded,
    Saw,
    Undid,
    UndoEnded,
    owes,
    pays,
)
from playbook.mail.actions import (
    EmptyFolderRemoved,
    FolderSetAside,
    MailReinjected,
    PasswordReset,
    SessionsEnded,
    SettledMailRemoved,
    SubmissionSet,
)
from playbook.outcome import Ending, Outcome
from playbook.plan import Action, Change, Obligation

OfAKind = TypeVar("OfAKind", bound=msgspec.Struct)
_AboutAction = TypeVar("_AboutAction", Did, Failed, Declined)


class Incident:
    """A case that is being responded to: what the journal says, asked in the runner's words."""

    def __init__(self, name: str, journal: Journal, folder: Path | None = None) -> None:
        self.name = name
        self.journal = journal
        self.folder = folder
        self.identity = secrets.token_hex(4)
        """What names the state folder that it is kept in; another one for each that is not."""

    @property
    def opening(self) -> Opened:
        """What the incident was opened with: runbook, accounts, who."""
        return self.all(Opened)[0]

    @property
    def host(self) -> str:
        """The mail server that the incident is about, as the inventory names it."""
        return self.journal.host

    def all(self, kind: type[OfAKind]) -> list[OfAKind]:
        """What the records of a kind say, oldest first."""
        return [each.said for each in self.journal.records if isinstance(each.said, kind)]

    def _of(self, kind: type[OfAKind], step: str) -> list[OfAKind]:
        """The records of a kind in a step, since it was last opened again."""
        found: list[OfAKind] = []
        for record in self.journal.records:
            if isinstance(record.said, Reopened) and step in record.said.steps:
                found.clear()
            if isinstance(record.said, kind) and record.step == step:
                found.append(record.said)
        return found

    def closed(self, step: str) -> Closed | None:
        """How the step was closed, if it was; a step that was undone is not closed."""
        ends = self._of(Closed, step)
        return ends[-1] if ends and ends[-1].outcome not in _OPEN else None

    def closes(self, step: str, end: Ending, finding: object = None) -> None:
        """Write down how the step ended, and what it leaves."""
        self.journal.append(Closed(end.outcome, end.what, finding, end.because, end.next), step)

    def first_reading(self, step: str) -> object:
        """What the step's first probe saw in this incident, or None before it."""
        saw = self._of(Saw, step)
        return saw[0].reading if saw else None

    def remembered(self, step: str) -> object:
        """What the step saw last in this incident, or None where that is settled by now.

        It is settled where something was changed against the attacker since, or where a person
        went on against it with a reason. That the step was opened again settles nothing.
        """
        found: object = None
        for record in self.journal.records:
            match record.said:
                case Saw(reading) if record.step == step:
                    found = reading
                case Did(PasswordReset() | SubmissionSet() | SessionsEnded()):
                    found = None
                case Overridden() if record.step == step:
                    found = None
                case _:
                    pass
        return found

    def did(self, step: str, action: Action) -> Did | None:
        """What was written when the action was done in this step, if it was."""
        return self._last(Did, step, action)

    def failed(self, step: str, action: Action) -> Failed | None:
        """What was written when the action was tried in this step and refused, if it was."""
        return self._last(Failed, step, action)

    def declined(self, step: str, action: Action) -> Declined | None:
        """What was written when a person said no to the action in this step, if they did."""
        return self._last(Declined, step, action)

    def changed(self, step: str) -> bool:
        """Whether anything was changed in this step."""
        return bool(self._of(Did, step))

    def intends(self, step: str, change: Change) -> None:
        """Write the intention down, before the change is made."""
        self.journal.append(Intended(change.do, change.why, change.undo, change.owes), step)

    @property
    def round(self) -> int:
        """How often the run was taken up again from an earlier step, plus one."""
        return 1 + len(self.all(Reopened))

    def _last(self, kind: type[_AboutAction], step: str, action: Action) -> _AboutAction | None:
        about = [each for each in self._of(kind, step) if each.do == action]
        return about[-1] if about else None

    def obligations(self) -> tuple[Obligation, ...]:
        """What is owed: from the intention on, until something that pays was done."""
        owed: dict[str, Obligation] = {}
        for record in self.journal.records:
            owed.update({each.key: each for each in owes(record.said)})
            for key in pays(record.said):
                owed.pop(key, None)
        return tuple(owed.values())

    def actions_to_undo(self) -> Iterator[tuple[Record, Intended]]:
        """The intentions that were carried out, or may have been, and not undone: newest first."""
        undone = {each.number for each in self.all(Undid)}
        for record in reversed(self.journal.records):
            if not isinstance(record.said, Intended) or record.number in undone:
                continue
            if not self._came_to_nothing(record, record.said):
                yield record, record.said

    def _came_to_nothing(self, record: Record, intention: Intended) -> bool:
        """Whether the record after it says that a script looked and did not do it.

        What is done file by file may have been refused in the middle: it counts as done.
        """
        if isinstance(intention.do, MailReinjected | SettledMailRemoved | EmptyFolderRemoved) or (
            isinstance(intention.do, FolderSetAside) and intention.do.emptied
        ):
            return False
        later = (each.said for each in self.journal.records[record.number :])
        end = next((each for each in later if isinstance(each, Did | Failed | Intended)), None)
        return isinstance(end, Failed) and end.do == intention.do

    @property
    def ending(self) -> RunEnded | BrokenOff | UndoEnded | None:
        """How the last run or undo ended; None while one works, or after a crash."""
        for record in reversed(self.journal.records):
            match record.said:
                case RunEnded() | BrokenOff() | UndoEnded():
                    return record.said
                case Opened() | Leased():
                    return None
                case _:
                    pass
        return None


# What is taken once more when the run is taken up again: a person may want it now.
_OPEN: Final = (
    Outcome.UNDONE,
    Outcome.UNKNOWN,
    Outcome.UNPROVEN,
    Outcome.FAILED,
    Outcome.REFUSED,
    Outcome.SKIPPED,
)
