"""The manifest of an incident: what each file of the queue is held to be, and what became of it.

It is a SQLite database in the incident's folder, because a queue may hold a million files. The
sorting fills it, a person's decisions are laid over its verdicts, and giving mail back marks its
files. Nothing here touches the mail server.
"""

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

from playbook.errors import BadInput, JournalUnwritable
from playbook.queue.features import Features
from playbook.queue.verdicts import Judged, Verdict

MANIFEST: Final = "queue.sqlite"
_BATCH: Final = 5_000
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
    UNIQUE (folder, path)
);
CREATE INDEX IF NOT EXISTS files_by_cluster ON files (cluster) WHERE cluster != '';
CREATE TABLE IF NOT EXISTS decisions (
    id INTEGER PRIMARY KEY,
    cluster TEXT NOT NULL UNIQUE,
    verdict TEXT NOT NULL,
    who TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS sorted (whole INTEGER NOT NULL);
CREATE VIEW IF NOT EXISTS ruled AS
    SELECT files.*, COALESCE(decisions.verdict, files.verdict) AS ruling,
           decisions.verdict IS NOT NULL AS decided
    FROM files LEFT JOIN decisions ON files.cluster = decisions.cluster AND files.cluster != '';
"""


@dataclass(frozen=True)
class Filed:
    """A file of the queue as the manifest holds it.

    `role` is the queue folder's, `folder` where it was set aside, `path` relative to that, bytes
    as on disk. `verdict` is the person's where one decided, else the sorting's. `given` is "" or
    says how the file was given back ("published", "accepted"), or that it cannot be ("kept").
    """

    role: str
    folder: str
    path: bytes
    size_bytes: int
    at_s: int
    verdict: Verdict
    cluster: str
    reasons: tuple[str, ...]
    account: str
    address: str
    sender: str
    recipient: str
    subject: str
    leads: tuple[str, ...]
    given: str = ""


@dataclass(frozen=True)
class Counts:
    """How many files have each verdict; `doubtful` counts those that no person decided."""

    spam: int = 0
    good: int = 0
    doubtful: int = 0
    not_a_message: int = 0
    decisions_open: int = 0
    given: int = 0

    @property
    def whole(self) -> int:
        """All files."""
        return self.spam + self.good + self.doubtful + self.not_a_message


@dataclass(frozen=True)
class Cluster:
    """Files that wait for one decision; `decided` is the person's verdict, if there is one."""

    name: str
    files: int
    size_bytes: int
    senders: tuple[str, ...]
    decided: Verdict | None


class Manifest:
    """The manifest of one incident, on disk or, for a rehearsal, in memory.

    Raises `JournalUnwritable` where the database cannot be opened or written, on any call.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        try:
            # The review screen decides in one thread, and its progress is read in another.
            self._base = sqlite3.connect(path or ":memory:", check_same_thread=False)
            self._base.executescript(_SCHEMA)
            if path:
                path.chmod(0o600)
        except (sqlite3.Error, OSError) as error:
            raise JournalUnwritable(f"{path} cannot be opened", str(error)) from error

    def close(self) -> None:
        """Let go of the database."""
        self._base.close()

    @property
    def is_sorted(self) -> bool:
        """Whether a sorting was filed to its end."""
        return bool(self._one("SELECT count(*) FROM sorted"))

    def fill(self, role: str, folder: str, sorting: Iterable[tuple[Features, Judged]]) -> None:
        """File the sorting of one folder; the same folder once more replaces what was filed.

        One transaction: a crash leaves what was there before.
        """
        with self._writing():
            self._base.execute("DELETE FROM files WHERE folder = ?", (folder,))
            rows = (_row(role, folder, features, judged) for features, judged in sorting)
            while batch := list(islice(rows, _BATCH)):
                self._base.executemany(
                    "INSERT INTO files (role, folder, path, size_bytes, at_s, verdict, cluster,"
                    " reasons, account, address, sender, recipient, subject, leads)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    batch,
                )

    def seal(self) -> None:
        """Say that all folders are filed."""
        with self._writing():
            self._base.execute("INSERT INTO sorted VALUES (1)")

    def counts(self) -> Counts:
        """How it stands."""
        found = dict(self._base.execute("SELECT ruling, count(*) FROM ruled GROUP BY ruling"))
        return Counts(
            spam=found.get(Verdict.SPAM.value, 0),
            good=found.get(Verdict.GOOD.value, 0),
            doubtful=found.get(Verdict.DOUBTFUL.value, 0),
            not_a_message=found.get(Verdict.NOT_A_MESSAGE.value, 0),
            decisions_open=self._one(
                "SELECT count(DISTINCT cluster) FROM ruled WHERE ruling = 'doubtful'"
            ),
            given=self._one("SELECT count(*) FROM files WHERE given NOT IN ('', 'kept')"),
        )

    def digest(self, verdict: Verdict | None = None) -> str:
        """SHA-256 over path, size and verdict of all files, or of those of one verdict."""
        whole = hashlib.sha256()
        for role, path, size, ruling in self._base.execute(
            "SELECT role, path, size_bytes, ruling FROM ruled ORDER BY role, path"
        ):
            if verdict is None or ruling == verdict.value:
                whole.update(b"%s %d %s " % (role.encode(), size, ruling.encode()) + path + b"\0")
        return whole.hexdigest()

    def clusters(self) -> tuple[Cluster, ...]:
        """What a person is asked to decide, the largest first, the decided ones too."""
        rows = self._base.execute(
            "SELECT files.cluster, count(*), sum(size_bytes), decisions.verdict FROM files"
            " LEFT JOIN decisions ON files.cluster = decisions.cluster WHERE files.cluster != ''"
            " GROUP BY files.cluster ORDER BY count(*) DESC, files.cluster"
        ).fetchall()
        return tuple(
            Cluster(name, files, size, self._senders(name), Verdict(decided) if decided else None)
            for name, files, size, decided in rows
        )

    def members(self, cluster: str, limit: int = -1) -> tuple[Filed, ...]:
        """The files of a cluster, oldest first."""
        return self._filed("cluster = ? ORDER BY at_s, path LIMIT ?", cluster, limit)

    def decide(self, cluster: str, verdict: Verdict, who: str) -> int:
        """Lay a person's verdict over a cluster and say how many files it has.

        Raises `BadInput` for a cluster that is not there and for a verdict that decides nothing.
        """
        if verdict not in (Verdict.GOOD, Verdict.SPAM):
            raise BadInput(f"{verdict.value} is no decision", "", "Decide good or spam.")
        files = self._one("SELECT count(*) FROM files WHERE cluster = ?", cluster)
        if not files or not cluster:
            raise BadInput(f"There is no cluster {cluster!r}")
        with self._writing():
            self._base.execute("DELETE FROM decisions WHERE cluster = ?", (cluster,))
            self._base.execute(
                "INSERT INTO decisions (cluster, verdict, who) VALUES (?, ?, ?)",
                (cluster, verdict.value, who),
            )
        return files

    def take_back(self, cluster: str) -> None:
        """Take a person's verdict back; one whose mail was given back already stays.

        Raises `BadInput` then.
        """
        if self._one("SELECT count(*) FROM files WHERE cluster = ? AND given != ''", cluster):
            raise BadInput(f"Mail of {cluster!r} was given back already")
        with self._writing():
            self._base.execute("DELETE FROM decisions WHERE cluster = ?", (cluster,))

    def split(self, cluster: str, parts: Iterable[tuple[str, Iterable[bytes]]]) -> None:
        """Make several clusters of one: each part's words, and the paths that belong to it."""
        with self._writing():
            for words, paths in parts:
                self._base.executemany(
                    "UPDATE files SET cluster = ? WHERE cluster = ? AND path = ?",
                    ((f"{cluster} / {words}", cluster, path) for path in paths),
                )

    def files(self, verdict: Verdict, role: str = "") -> Iterator[Filed]:
        """The files of a verdict, decisions included, oldest first; of one role, or of all."""
        where = "ruling = ? AND ? IN ('', role) ORDER BY at_s, role, path"
        yield from self._each(where, verdict.value, role)

    def to_give_back(self, role: str, limit: int = -1) -> tuple[Filed, ...]:
        """Good files of a role that were not given back yet, oldest first."""
        where = "ruling = 'good' AND given = '' AND role = ? ORDER BY at_s, path LIMIT ?"
        return self._filed(where, role, limit)

    def still_good(self, folder: str) -> tuple[int, int]:
        """How many good files a folder set aside has, and how many of them were not given back."""
        (counts,) = self._base.execute(
            "SELECT count(*), count(*) FILTER (WHERE given = '') FROM ruled"
            " WHERE ruling = 'good' AND folder = ?",
            (folder,),
        )
        return int(counts[0]), int(counts[1])

    def files_in(self, folder: str) -> int:
        """How many files of any verdict were found in a folder set aside."""
        return self._one("SELECT count(*) FROM files WHERE folder = ?", folder)

    def mark(self, role: str, paths: Iterable[bytes], given: str, folder: str = "") -> None:
        """Note what became of files that were given back, of one folder or of all of a role."""
        with self._writing():
            self._base.executemany(
                "UPDATE files SET given = ? WHERE role = ? AND path = ? AND ? IN ('', folder)",
                ((given, role, path, folder) for path in paths),
            )

    def tallies(self, column: str, most: int = 20) -> tuple[tuple[str, str, int], ...]:
        """How many files each account, sender or recipient has, with each verdict."""
        if column not in ("account", "sender", "recipient"):
            raise BadInput(f"{column} is not counted")
        return tuple(
            self._base.execute(
                f"SELECT {column}, ruling, count(*) FROM ruled WHERE ruling != 'not-a-message'"  # noqa: S608 - one of three words
                f" GROUP BY {column}, ruling ORDER BY count(*) DESC, {column} LIMIT ?",
                (most,),
            )
        )

    def _senders(self, cluster: str) -> tuple[str, ...]:
        rows = self._base.execute(
            "SELECT sender FROM files WHERE cluster = ? GROUP BY sender"
            " ORDER BY count(*) DESC, sender LIMIT 5",
            (cluster,),
        )
        return tuple(sender for (sender,) in rows)

    def _filed(self, where: str, *values: object) -> tuple[Filed, ...]:
        return tuple(self._each(where, *values))

    def _each(self, where: str, *values: object) -> Iterator[Filed]:
        columns = (
            "role, folder, path, size_bytes, at_s, ruling, cluster, reasons, account, address,"
            " sender, recipient, subject, leads, given"
        )
        # The words of `where` are this file's own.
        for row in self._base.execute(f"SELECT {columns} FROM ruled WHERE {where}", values):  # noqa: S608
            yield _file_of(row)

    def _one(self, question: str, *values: object) -> int:
        return int(self._base.execute(question, values).fetchone()[0])

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """One transaction; its failure says that the disk, not the mail, is at fault."""
        try:
            with self._base:
                yield
        except sqlite3.Error as error:
            raise JournalUnwritable("The manifest cannot be written", str(error)) from error


def _file_of(row: tuple[Any, ...]) -> Filed:
    role, folder, path, size_bytes, at_s, ruling, cluster, reasons, *who, leads, given = row
    account, address, sender, recipient, subject = who
    return Filed(
        role=role,
        folder=folder,
        path=path,
        size_bytes=size_bytes,
        at_s=at_s,
        verdict=Verdict(ruling),
        cluster=cluster,
        reasons=tuple(json.loads(reasons)),
        account=account,
        address=address,
        sender=sender,
        recipient=recipient,
        subject=subject,
        leads=tuple(json.loads(leads)),
        given=given,
    )


def _row(role: str, folder: str, features: Features, judged: Judged) -> tuple[object, ...]:
    return (
        role,
        folder,
        judged.path,
        features.size_bytes,
        features.at_s,
        judged.verdict.value,
        judged.cluster,
        json.dumps(judged.reasons),
        judged.account,
        judged.address,
        features.from_address if features.sender is None else features.sender,
        features.recipient,
        features.subject,
        json.dumps(features.leads),
    )
