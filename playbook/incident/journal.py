"""The append-only, hash-chained record of an incident: the intention is on disk before the act.

A line is a JSON object with sorted keys: `version`, `number`, `at`, `host`, `step`, `said` (see
`records`), `previous` and `hash`. `hash` is the SHA-256 of the line without it, and `previous`
that of the line before, so that a line altered, left out or put in is seen.
"""

import errno
import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final, Self

import msgspec

from playbook.errors import JournalBroken, JournalUnwritable
from playbook.incident.records import VERSION, Said, TailCut

RESERVE: Final = "reserve"

_FIRST: Final = "0" * 64
_FULL: Final = (errno.ENOSPC, errno.EDQUOT)


@dataclass(frozen=True)
class Record:
    """One line: its number, when it was written, on which mail server, and what it says.

    `step` is the step that it belongs to, "" for none; `line` the record as it is written.
    """

    number: int
    at: datetime
    host: str
    step: str
    said: Said
    previous: str
    hash: str
    line: str = field(repr=False)


class _Line(msgspec.Struct, forbid_unknown_fields=True):
    version: int
    number: int
    at: Annotated[datetime, msgspec.Meta(tz=True)]
    host: str
    step: str
    said: Said
    previous: str
    hash: str


def _hash(fields: dict[str, object]) -> str:
    return hashlib.sha256(json.dumps(fields, sort_keys=True).encode("ascii")).hexdigest()


def parse(line: str) -> Record:
    """One line of a journal; raises `JournalBroken` where it is not one or was altered."""
    fields = _fields(line)
    _known_version(fields)
    given = fields.pop("hash", None)
    if _hash(fields) != given:
        raise JournalBroken(f"Record {fields.get('number')} of the journal was altered")
    try:
        read = msgspec.convert({**fields, "hash": given}, _Line)
    except msgspec.ValidationError as error:
        raise JournalBroken(
            f"Record {fields.get('number')} of the journal is not understood", str(error)
        ) from error
    return Record(
        read.number, read.at, read.host, read.step, read.said, read.previous, read.hash, line
    )


def _fields(line: str) -> dict[str, object]:
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise JournalBroken("A line of the journal is not a record", line[:80]) from error
    if not isinstance(fields, dict):
        raise JournalBroken("A line of the journal is not a record", line[:80])
    return fields


def _known_version(fields: dict[str, object]) -> None:
    version = fields.get("version")
    if isinstance(version, int) and version > VERSION:
        raise JournalBroken(
            f"The journal is of version {version}",
            f"this program reads journals up to version {VERSION}",
            "A newer `respond` wrote it: update this one, or go on where it was written.",
        )


def verify(records: Iterable[Record]) -> int:
    """Check the chain and return how many records it has; raises `JournalBroken`."""
    previous, count = _FIRST, 0
    for count, record in enumerate(records, 1):
        if record.number != count or record.previous != previous:
            raise JournalBroken(f"Record {count} of the journal does not follow the one before")
        previous = record.hash
    return count


class Journal:
    """The records of one incident, in memory and, where it has a path, on disk.

    A record is on disk (fsync) when `append` returns. What is read from disk is for reading only:
    the one way to write to it is `open`, under the incident's lock, until `close`. The lines that
    the mail server's copy does not have yet are `unsent`; each change takes them along.

    `size_bytes` is how much of the file is whole; None: it is not written to.
    Where the disk is full, `reserve` is given up for the journal's last words.
    """

    def __init__(
        self,
        host: str,
        path: Path | None = None,
        records: Iterable[Record] = (),
        size_bytes: int | None = 0,
    ) -> None:
        self.host = host
        self._path = path
        self._records = list(records)
        self._sent = 0
        self._size = size_bytes or 0
        self._failed = False
        self._writable = path is None or size_bytes is not None

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a journal from disk, its chain checked; the file is left as it is.

        A last line that was cut never was a record: nothing is done before its intention is whole
        on disk. Raises `JournalBroken` where it holds no record.
        """
        whole, _ = _read(path)
        return cls._of(path, whole, None)

    @classmethod
    def open(cls, path: Path, host: str = "") -> Self:
        """Read a journal to write to it, or begin one for a host; its lock is held by the caller.

        A line that was cut is taken off, and a record says so.
        """
        if not path.exists() and host:
            return cls(host, path)
        whole, torn = _read(path)
        journal = cls._of(path, whole, len(whole))
        if torn:
            os.truncate(path, len(whole))
            journal.append(TailCut(len(torn)))
        return journal

    @classmethod
    def _of(cls, path: Path, whole: bytes, size_bytes: int | None) -> Self:
        records = [parse(line.decode("ascii", "replace")) for line in whole.splitlines()]
        verify(records)
        if not records:
            raise JournalBroken(f"{path} holds no record")
        return cls(records[0].host, path, records, size_bytes)

    def close(self) -> None:
        """Nothing more is written: the incident's lock is given up."""
        self._writable = self._path is None

    @property
    def records(self) -> tuple[Record, ...]:
        """All records, oldest first."""
        return tuple(self._records)

    def append(self, said: Said, step: str = "") -> Record:
        """Write a record and wait until it is on disk; raises `JournalUnwritable`."""
        record = self._next(said, step)
        if self._path:
            self._write(self._path, f"{record.line}\n".encode("ascii"))
        self._records.append(record)
        return record

    def _next(self, said: Said, step: str) -> Record:
        at = _now()
        fields: dict[str, object] = {
            "version": VERSION,
            "number": len(self._records) + 1,
            "at": at.isoformat(timespec="milliseconds"),
            "host": self.host,
            "step": step,
            "said": msgspec.to_builtins(said),
            "previous": self._records[-1].hash if self._records else _FIRST,
        }
        given = _hash(fields)
        return parse(json.dumps({**fields, "hash": given}, sort_keys=True))

    def _write(self, path: Path, line: bytes) -> None:
        """Add a line to what is whole; what an earlier try left behind it is cut off first."""
        if not self._writable:
            raise JournalUnwritable(f"{path} is not written to", "its incident is not held")
        try:
            self._add(path, line)
        except OSError as error:
            reserve = path.with_name(RESERVE)
            if error.errno not in _FULL or not reserve.exists():
                raise JournalUnwritable(f"{path} cannot be written", str(error.strerror)) from error
            reserve.unlink()
            self._write(path, line)

    def _add(self, path: Path, line: bytes) -> None:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            if os.fstat(descriptor).st_size != self._size and not self._failed:
                raise JournalBroken(f"{path} was written by another program meanwhile")
            self._failed = True
            os.ftruncate(descriptor, self._size)
            _write_all(descriptor, line, self._size)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        self._failed = False
        self._size += len(line)

    def unsent(self) -> tuple[Record, ...]:
        """The records that the mail server's copy does not have yet."""
        return tuple(self._records[self._sent :])

    def sent(self, number: int) -> None:
        """The mail server's copy is whole up to this record."""
        self._sent = max(self._sent, number)


def _read(path: Path) -> tuple[bytes, bytes]:
    """The whole lines of a journal, and what lies behind the last of them."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise JournalUnwritable(f"{path} cannot be read", str(error.strerror)) from error
    end = raw.rfind(b"\n") + 1
    return raw[:end], raw[end:]


def _write_all(descriptor: int, line: bytes, at: int) -> None:
    while line:
        written = os.pwrite(descriptor, line, at)
        line, at = line[written:], at + written


def _now() -> datetime:
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)
