"""One case: its folder, its journal, and what the journal says has happened."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from playbook.incident.journal import Data, Journal, Record
from playbook.outcome import Outcome
from playbook.plan import Action, Obligation, action_as_json, action_from_json


@dataclass(frozen=True)
class Closed:
    """How a step was closed: its outcome, why, and the finding it left (as JSON, or None)."""

    outcome: Outcome
    because: str
    finding: object


class Incident:
    """A case that is being responded to: what the journal says, asked in the runner's words."""

    def __init__(self, name: str, journal: Journal, folder: Path | None = None) -> None:
        self.name = name
        self.journal = journal
        self.folder = folder

    @property
    def opening(self) -> Data:
        """What the incident was opened with: runbook, accounts, options, who."""
        return self._of("opened")[0].data

    @property
    def host(self) -> str:
        """The mail server that the incident is about, as the inventory names it."""
        return self.journal.host

    def _of(self, kind: str, step: str | None = None) -> list[Record]:
        """The records of a kind; those of one step only since it was last opened again."""
        since = 0
        for record in self._of("reopened") if step else ():
            if step in _list(record.data.get("steps")):
                since = record.number
        return [
            record
            for record in self.journal.records[since:]
            if record.kind == kind and (step is None or record.step == step)
        ]

    def closed(self, step: str) -> Closed | None:
        """How the step was closed, if it was; a step that was undone is not closed."""
        for record in reversed(self.journal.records):
            if record.kind == "reopened" and step in _list(record.data.get("steps")):
                return None
            if record.step == step and record.kind == "closes":
                outcome = Outcome(str(record.data["outcome"]))
                if outcome in _OPEN:
                    return None
                because = str(record.data.get("because", ""))
                return Closed(outcome, because, record.data.get("finding"))
        return None

    def closes(self, step: str, outcome: Outcome, because: str, finding: object) -> None:
        """Write down how the step ended, and what it leaves."""
        data = {"outcome": str(outcome), "because": because, "finding": finding}
        self.journal.append("closes", step, data)

    def first_reading(self, step: str) -> object:
        """What the step's first probe saw in this incident, or None before it."""
        saw = self._of("saw", step)
        return saw[0].data["reading"] if saw else None

    def did(self, step: str, action: Action) -> Data | None:
        """What was written when the action was done in this step, if it was."""
        return self._last("did", step, action)

    def failed(self, step: str, action: Action) -> Data | None:
        """What was written when the action was tried in this step and refused, if it was."""
        return self._last("failed", step, action)

    def declined(self, step: str, action: Action) -> Data | None:
        """What was written when a person said no to the action in this step, if they did."""
        return self._last("declined", step, action)

    def changed(self, step: str) -> bool:
        """Whether anything was changed in this step."""
        return bool(self._of("did", step))

    @property
    def round(self) -> int:
        """How often the run was taken up again from an earlier step, plus one."""
        return 1 + len(self._of("reopened"))

    def _last(self, kind: str, step: str, action: Action) -> Data | None:
        wanted = action_as_json(action)
        for record in reversed(self._of(kind, step)):
            if record.data["do"] == wanted:
                return record.data
        return None

    def obligations(self) -> tuple[Obligation, ...]:
        """What is owed: from the intention on, until something that pays was done."""
        owed: dict[str, Obligation] = {}
        for record in self.journal.records:
            if record.kind in ("intends", "owes"):
                for obligation in _list(record.data.get("owes")):
                    owed[str(obligation["key"])] = Obligation(**obligation)
            if record.kind in ("did", "discharged", "settled", "undid"):
                for key in _list(record.data.get("pays")):
                    owed.pop(str(key), None)
        return tuple(owed.values())

    def actions_to_undo(self) -> Iterator[tuple[Record, Action]]:
        """The intentions that were carried out, or may have been, and not undone: newest first."""
        undone = {record.data["number"] for record in self._of("undid")}
        for record in reversed(self._of("intends")):
            if record.number in undone or self._came_to_nothing(record):
                continue
            do = record.data["do"]
            if isinstance(do, dict):
                yield record, action_from_json(do)

    def _came_to_nothing(self, intention: Record) -> bool:
        """Whether the record after it says that a script looked and did not do it."""
        later = self.journal.records[intention.number :]
        ends = (each for each in later if each.kind in ("did", "failed", "intends"))
        end = next(ends, None)
        return end is not None and end.kind == "failed" and end.data["do"] == intention.data["do"]

    @property
    def ended(self) -> Data | None:
        """How the last run of this incident ended, or None while it runs or after a crash."""
        last = self.journal.records[-1]
        return last.data if last.kind in ("ended", "released") else None


_OPEN: Final = (Outcome.UNDONE, Outcome.UNKNOWN, Outcome.FAILED, Outcome.REFUSED)


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
