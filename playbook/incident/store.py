"""The incidents that are kept on this machine: a folder each, made, found, and held to write."""

import os
import re
import secrets
import shutil
import string
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import platformdirs
from filelock import FileLock, Timeout

from playbook.errors import BadInput, JournalBroken, JournalError, JournalUnwritable, LeaseHeld
from playbook.incident.incident import Incident
from playbook.incident.journal import RESERVE, Journal
from playbook.incident.records import Opened

JOURNAL: Final = "journal.jsonl"
_LOCK: Final = "acting.lock"
# What a journal may still write when the disk is full: some hundred records.
_RESERVE_BYTES: Final = 256 * 1024
# A look at whether an incident is held takes its lock for a moment.
_PATIENCE_S: Final = 2.0

_ALPHABET: Final = "".join(set(string.ascii_lowercase + string.digits) - set("ilo01"))
_IDENTITY: Final = re.compile(r"[0-9a-f]{8}")
_NAME: Final = re.compile(r"[0-9]{8}-[0-9]{6}-[a-z0-9]{4}")


def home() -> Path:
    """Where incidents are kept: `RESPOND_HOME`, or the user's state folder."""
    named = os.environ.get("RESPOND_HOME")
    return Path(named) if named else Path(platformdirs.user_state_path("respond"))


def new_name() -> str:
    """A name for an incident that sorts by time and is safe in a file name."""
    tail = "".join(secrets.choice(_ALPHABET) for _ in range(4))
    return f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{tail}"


def checked_name(name: str) -> str:
    """The name, if it is one of an incident: only such a name becomes a path.

    Raises `JournalBroken`, because it comes from a mail server that says what it likes.
    """
    if not _NAME.fullmatch(name):
        raise JournalBroken(f"{name[:60]!r} is not the name of an incident")
    return name


def free_bytes(under: Path) -> int:
    """How much room there is for incidents."""
    there = next(each for each in (under, *under.absolute().parents) if each.exists())
    return shutil.disk_usage(there).free


def folder_of(name: str, under: Path) -> Path:
    """Where an incident is kept, or would be."""
    return under / "incidents" / checked_name(name)


@contextmanager
def held(case: Incident) -> Iterator[Incident]:
    """The incident as it is on disk now, to be written to, with its lock held meanwhile.

    Every command that may write goes through here: what it decides by is read under the lock.
    Raises `LeaseHeld` where another program has it. One without a folder is nobody else's.
    """
    if case.folder is None:
        yield case
        return
    try:
        with FileLock(case.folder / _LOCK, timeout=_PATIENCE_S):
            with _naming(case.name):
                case.journal = Journal.open(case.folder / JOURNAL, case.host)
            case.identity = _identity(case.folder.parent.parent) or case.identity
            _reserve(case.folder)
            try:
                yield case
            finally:
                case.journal.close()
    except Timeout as error:
        raise LeaseHeld(
            f"Another program on this machine acts in {case.name}",
            "a run, an undo or a `respond review` of it is open",
            "Close it there, or go on there.",
        ) from error


def _identity(under: Path) -> str:
    """What names this state folder to others, made once; "" where it cannot be kept."""
    path = under / "identity"
    try:
        with suppress(FileExistsError), path.open("x", encoding="ascii") as file:
            file.write(secrets.token_hex(4))
        found = path.read_text(encoding="ascii")
    except (OSError, ValueError):
        return ""
    return found if _IDENTITY.fullmatch(found) else ""


def is_held(folder: Path) -> bool:
    """Whether a program on this machine acts in the incident now."""
    if not (folder / _LOCK).exists():
        return False
    try:
        with FileLock(folder / _LOCK, timeout=0):
            return False
    except Timeout:
        return True
    except OSError:
        return False


def _reserve(folder: Path) -> None:
    """Keep some room for the journal; where there is none, the run goes on without."""
    path = folder / RESERVE
    if path.exists():
        return
    with suppress(OSError), path.open("wb") as file:
        file.write(bytes(_RESERVE_BYTES))


def create(name: str, host: str, under: Path) -> Incident:
    """A new incident in a folder of its own (mode 0700), with room for its journal.

    Nothing is left of it where there is no room; raises `JournalUnwritable`.
    """
    folder = folder_of(name, under)
    try:
        folder.mkdir(parents=True, mode=0o700)
        (folder / RESERVE).write_bytes(bytes(_RESERVE_BYTES))
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise JournalUnwritable(f"{folder} cannot be made", str(error.strerror)) from error
    return Incident(name, Journal(host, folder / JOURNAL), folder)


def names(under: Path) -> tuple[str, ...]:
    """The incidents kept here, newest first; what has another name is none."""
    found = (path.parent.name for path in (under / "incidents").glob(f"*/{JOURNAL}"))
    return tuple(sorted(filter(_NAME.fullmatch, found), reverse=True))


@dataclass(frozen=True)
class Broken:
    """An incident whose journal cannot be used, and why."""

    name: str
    because: str


def kept(under: Path) -> tuple[tuple[Incident, ...], tuple[Broken, ...]]:
    """The incidents kept here, newest first, and apart from them those that are broken.

    One that is broken never keeps anybody from another one.
    """
    sound, broken = [], []
    for name in names(under):
        try:
            sound.append(_load(name, under))
        except JournalError as error:
            broken.append(
                Broken(name, ", because ".join(filter(None, (error.what, error.because))))
            )
    return tuple(sound), tuple(broken)


def load(name: str, under: Path) -> Incident:
    """An incident that is kept here, by name or by the beginning of one; newest first for "".

    Raises `BadInput` where there is none, and `JournalBroken` where the one that was named is
    damaged; without a name a damaged one is passed over.
    """
    if not name and (sound := kept(under)[0]):
        return sound[0]
    found = [each for each in names(under) if each.startswith(name)]
    if not found:
        raise BadInput(
            " ".join(f"There is no incident {name or 'here'}".split()),
            "",
            "`respond incidents` lists them.",
        )
    if name and len(found) > 1:
        raise BadInput(f"{name} is the beginning of several incidents", ", ".join(found))
    return _load(found[0], under)


def _load(name: str, under: Path) -> Incident:
    folder = folder_of(name, under)
    with _naming(name):
        journal = Journal.load(folder / JOURNAL)
        if not isinstance(journal.records[0].said, Opened):
            raise JournalBroken("The journal does not begin with an opening")
    return Incident(name, journal, folder)


@contextmanager
def _naming(name: str) -> Iterator[None]:
    """Say of which incident a journal is broken."""
    try:
        yield
    except JournalBroken as error:
        remedy = (
            f"Nothing else waits for it. `respond resume {name} --host HOST` goes on from the "
            "server's copy and keeps this file beside it."
        )
        known = error.next if error.next != error.remedy else remedy
        raise JournalBroken(f"{name}: {error.what}", error.because, known) from error
