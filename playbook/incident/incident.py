"""One case: its folder, its journal, and what the journal says has happened."""

import os
import secrets
import string
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import platformdirs
from filelock import FileLock, Timeout

from playbook.errors import BadInput, JournalBroken, JournalUnwritable, LeaseHeld
from playbook.incident.journal import Data, Journal, Record, parse, verify
from playbook.outcome import Outcome
from playbook.plan import Action, Debt, action_as_json, action_from_json

JOURNAL: Final = "journal.jsonl"
_ALPHABET: Final = "".join(set(string.ascii_lowercase + string.digits) - set("ilo01"))


def home() -> Path:
    """Where incidents are kept: `RESPOND_HOME`, or the user's state folder."""
    named = os.environ.get("RESPOND_HOME")
    return Path(named) if named else Path(platformdirs.user_state_path("respond"))


def new_name() -> str:
    """A name for an incident that sorts by time and is safe in a file name."""
    tail = "".join(secrets.choice(_ALPHABET) for _ in range(4))
    return f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{tail}"


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

    def debts(self) -> tuple[Debt, ...]:
        """What is owed: from the intention on, until something that pays was done."""
        owed: dict[str, Debt] = {}
        for record in self.journal.records:
            if record.kind in ("intends", "owes"):
                for debt in _list(record.data.get("owes")):
                    owed[str(debt["key"])] = Debt(**debt)
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


@contextmanager
def held_here(case: Incident) -> Iterator[None]:
    """Keep other programs on this machine from acting in the incident meanwhile.

    Raises `LeaseHeld` where one does. An incident without a folder is nobody else's.
    """
    if case.folder is None:
        yield
        return
    try:
        with FileLock(case.folder / "acting.lock", timeout=0):
            yield
    except Timeout as error:
        raise LeaseHeld(
            f"Another program on this machine acts in {case.name}",
            "a run or a `respond review` of it is open",
            "Close it there, or go on there.",
        ) from error


def create(name: str, host: str, under: Path) -> Incident:
    """A new incident with an empty journal, in a folder of its own (mode 0700)."""
    folder = under / "incidents" / name
    try:
        folder.mkdir(parents=True, mode=0o700)
    except OSError as error:
        raise JournalUnwritable(f"{folder} cannot be made", str(error.strerror)) from error
    return Incident(name, Journal(host, folder / JOURNAL), folder)


def names(under: Path) -> tuple[str, ...]:
    """The incidents kept here, newest first."""
    found = (under / "incidents").glob(f"*/{JOURNAL}")
    return tuple(sorted((path.parent.name for path in found), reverse=True))


def load(name: str, under: Path) -> Incident:
    """An incident that is kept here, by name or by the beginning of one; newest first for ""."""
    found = [each for each in names(under) if each.startswith(name)]
    if not found:
        raise BadInput(
            f"There is no incident {name or 'here'}", "", "`respond incidents` lists them."
        )
    if name and len(found) > 1:
        raise BadInput(f"{name} is the beginning of several incidents", ", ".join(found))
    folder = under / "incidents" / found[0]
    return Incident(found[0], Journal.load(folder / JOURNAL), folder)


def adopt(name: str, lines: Iterable[str], under: Path) -> Incident:
    """An incident from the mail server's copy of its journal, joined with what is kept here.

    Where both go on from a common beginning, the server's records are the ones that acts were
    made under; ours behind the parting are kept in a file beside the journal.
    """
    theirs = [parse(line) for line in lines]
    verify(theirs)
    if not theirs:
        raise JournalBroken(f"The mail server's copy of {name} holds no record")
    folder = under / "incidents" / name
    path = folder / JOURNAL
    ours = Journal.load(path).records if path.exists() else ()
    common = sum(1 for _ in _while_equal(ours, theirs))
    if common == len(theirs):
        journal = Journal.load(path)
    else:
        _keep_parted(folder, ours[common:])
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _replace(path, theirs)
        journal = Journal.load(path)
    journal.sent(len(theirs))
    return Incident(name, journal, folder)


def _while_equal(ours: Iterable[Record], theirs: Iterable[Record]) -> Iterator[Record]:
    for mine, other in zip(ours, theirs, strict=False):
        if mine.hash != other.hash:
            return
        yield mine


def _keep_parted(folder: Path, records: tuple[Record, ...]) -> None:
    if records:
        text = "".join(record.line + "\n" for record in records)
        (folder / f"parted-{records[0].hash[:8]}.jsonl").write_text(text, encoding="ascii")


def _replace(path: Path, records: Iterable[Record]) -> None:
    new = path.with_suffix(".new")
    with new.open("w", encoding="ascii") as file:
        file.writelines(record.line + "\n" for record in records)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
