"""The tables of a manifest, and how they are read and written."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from playbook.errors import JournalUnwritable
from playbook.incident.manifest.values import Trait

# A file that was given back is good whatever a sorting says: the server's ledger knows it.
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS files (
    id INTEGER PRIMARY KEY,
    role TEXT NOT NULL,
    folder TEXT NOT NULL,
    path BLOB NOT NULL,
    size_bytes INTEGER NOT NULL,
    at_s INTEGER NOT NULL,
    verdict TEXT NOT NULL,
    cluster TEXT NOT NULL,
    reasons TEXT NOT NULL,
    account TEXT NOT NULL,
    address TEXT NOT NULL,
    sender TEXT NOT NULL,
    recipient TEXT NOT NULL,
    subject TEXT NOT NULL,
    leads TEXT NOT NULL,
    given TEXT NOT NULL DEFAULT '',
    sha256 TEXT NOT NULL DEFAULT '',
    found INTEGER NOT NULL DEFAULT 1,
    UNIQUE (folder, path)
);
CREATE INDEX IF NOT EXISTS files_by_cluster ON files (cluster, sender, size_bytes, given);
CREATE TABLE IF NOT EXISTS clusters (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    account TEXT,
    address TEXT NOT NULL,
    family TEXT NOT NULL,
    parts TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS decisions (
    cluster TEXT PRIMARY KEY,
    verdict TEXT NOT NULL,
    who TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS sorted (digest TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS notes (kind TEXT NOT NULL, text TEXT NOT NULL);
CREATE VIEW IF NOT EXISTS ruled AS
    SELECT files.*, decisions.verdict IS NOT NULL AS decided,
           CASE WHEN given IN ('published', 'accepted') THEN 'good'
                ELSE COALESCE(decisions.verdict, files.verdict) END AS ruling
    FROM files LEFT JOIN decisions ON files.cluster = decisions.cluster AND files.cluster != '';
"""
_COLUMNS: Final = {
    Trait.SENDER: "sender",
    Trait.ACCOUNT: "account",
    Trait.ADDRESS: "address",
    Trait.RECIPIENT: "recipient",
    Trait.RECIPIENT_DOMAIN: "substr(recipient, instr(recipient, '@') + 1)",
    Trait.SUBJECT: "subject",
    Trait.DAY: "CASE at_s WHEN 0 THEN '' ELSE date(at_s, 'unixepoch') END",
    Trait.REASON: "reasons",
    Trait.LEAD: "leads",
}


def column_of(trait: Trait) -> str:
    """The expression that gives a file's value of a trait; a list of values is JSON."""
    return _COLUMNS[trait]


class Database:
    """The tables, on disk or in memory; raises `JournalUnwritable` where they cannot be written."""

    def __init__(self, path: Path | None) -> None:
        try:
            # The review screen decides in one thread, and its progress is read in another.
            self._base = sqlite3.connect(path or ":memory:", check_same_thread=False)
            self._base.executescript(_SCHEMA)
            if path:
                path.chmod(0o600)
        except (sqlite3.Error, OSError) as error:
            raise JournalUnwritable(f"{path} cannot be opened", str(error)) from error

    def close(self) -> None:
        """Let go of the file."""
        self._base.close()

    def rows(self, question: str, *values: object) -> sqlite3.Cursor:
        """The rows that answer a question; its words are this package's own."""
        return self._base.execute(question, values)

    def one(self, question: str, *values: object) -> int:
        """The only number of the only row."""
        return int(self.rows(question, *values).fetchone()[0])

    def many(self, statement: str, rows: Iterator[Sequence[Any]]) -> None:
        """The statement for each row, inside of `writing`."""
        self._base.executemany(statement, rows)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One transaction; its failure says that the disk, not the mail, is at fault."""
        try:
            with self._base:
                yield
        except sqlite3.Error as error:
            raise JournalUnwritable("The manifest cannot be written", str(error)) from error
