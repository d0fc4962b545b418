"""The append-only, hash-chained record of an incident: the intention is on disk before the act.

A line is a JSON object with sorted keys: `version`, `number`, `at`, `host`, `step`, `said` (see
`records`), `previous` and `hash`. `hash` is the SHA-256 of the line without it, and `previous`
that of the line before, so that a line altered, left out or put in is seen.
"""

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
from playbook.incident.records import VERSION, Said

_FIRST: Final = "0" * 64


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

    A record is on disk (fsync) when `append` returns. The lines that the mail server's copy does
    not have yet are `unsent`; each change takes them along.
    """

    def __init__(self, host: str, path: Path | None = None, records: Iterable[Record] = ()) -> None:
        self.host = host
        self._path = path
        self._records = list(records)
        self._sent = 0

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a journal from disk, its chain checked.

        A last line that was cut by a crash never was a record: it is taken off the file, because
        nothing is done before its intention is whole on disk.
        """
        try:
            raw = path.read_bytes()
        except OSError as error:
            raise JournalUnwritable(f"{path} cannot be read", str(error.strerror)) from error
        whole, _, torn = raw.rpartition(b"\n")
        records = [parse(line.decode("ascii", "replace")) for line in whole.splitlines()]
        verify(records)
        if torn:
            os.truncate(path, len(whole) + 1 if whole else 0)
        if not records:
            raise JournalBroken(f"{path} holds no record")
        return cls(records[0].host, path, records)

    @property
    def records(self) -> tuple[Record, ...]:
        """All records, oldest first."""
        return tuple(self._records)

    def append(self, said: Said, step: str = "") -> Record:
        """Write a record and wait until it is on disk; raises `JournalUnwritable`."""
        record = self._next(said, step)
        if self._path:
            self._write(self._path, record.line + "\n")
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

    def _write(self, path: Path, text: str) -> None:
        try:
            with path.open("a", encoding="ascii") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise JournalUnwritable(f"{path} cannot be written", str(error.strerror)) from error

    def unsent(self) -> tuple[Record, ...]:
        """The records that the mail server's copy does not have yet."""
        return tuple(self._records[self._sent :])

    def sent(self, number: int) -> None:
        """The mail server's copy is whole up to this record."""
        self._sent = max(self._sent, number)


def _now() -> datetime:
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)
