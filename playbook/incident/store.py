"""The incidents that are kept on this machine: a folder each, made, found, held and joined."""

import os
import secrets
import string
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import platformdirs
from filelock import FileLock, Timeout

from playbook.errors import BadInput, JournalBroken, JournalUnwritable, LeaseHeld
from playbook.incident.incident import Incident
from playbook.incident.journal import Journal, Record, parse, verify

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
