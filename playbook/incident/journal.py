"""The append-only, hash-chained record of an incident: the intention is on disk before the act.

A line is a JSON object with sorted keys; `hash` is the SHA-256 of the line without it, and
`previous` the hash of the line before, so that a line altered, left out or put in is seen.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Self

from playbook.errors import JournalBroken, JournalUnwritable

_FIRST: Final = "0" * 64

Data = Mapping[str, object]


@dataclass(frozen=True)
class Record:
    """One line: its number, when it was written, on which mail server, and what it says."""

    number: int
    at: datetime
    host: str
    kind: str
    step: str
    data: Data
    previous: str
    hash: str

    @property
    def line(self) -> str:
        """The record as it is written."""
        body = json.loads(_body(self))
        return json.dumps({**body, "hash": self.hash}, sort_keys=True)


def _body(record: Record) -> str:
    return json.dumps(
        {
            "number": record.number,
            "at": record.at.isoformat(timespec="milliseconds"),
            "host": record.host,
            "kind": record.kind,
            "step": record.step,
            "data": record.data,
            "previous": record.previous,
        },
        sort_keys=True,
    )


def _hash(record: Record) -> str:
    return hashlib.sha256(_body(record).encode("ascii")).hexdigest()


def parse(line: str) -> Record:
    """One line of a journal; raises `JournalBroken` where it is not one or was altered."""
    try:
        fields = json.loads(line)
        fields["at"] = datetime.fromisoformat(fields["at"])
        record = Record(**fields)
    except (ValueError, TypeError, KeyError) as error:
        raise JournalBroken("A line of the journal is not a record", line[:80]) from error
    if _hash(record) != record.hash:
        raise JournalBroken(f"Record {record.number} of the journal was altered")
    return record


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

    def append(self, kind: str, step: str, data: Data) -> Record:
        """Write a record and wait until it is on disk; raises `JournalUnwritable`."""
        previous = self._records[-1].hash if self._records else _FIRST
        number = len(self._records) + 1
        record = Record(number, _now(), self.host, kind, step, data, previous, "")
        record = Record(number, record.at, self.host, kind, step, data, previous, _hash(record))
        if self._path:
            self._write(self._path, record.line + "\n")
        self._records.append(record)
        return record

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
