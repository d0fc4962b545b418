"""The manifest of an incident: what each file of the queue is held to be, and what became of it.

It is a SQLite database in the incident's folder, because a queue may hold a million files. The
sorting fills it, a person's decisions are laid over its verdicts, and giving mail back marks its
files. Nothing here touches the mail server.
"""

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, Final

from playbook.errors import BadInput, JournalUnwritable
from playbook.incident.manifest.values import (
    Cluster,
    Counts,
    QueuedFile,
    Settled,
    Trait,
    file_of,
    row_of,
)
from playbook.mail.survey import Role
from playbook.triage.features import Features
from playbook.triage.judgement import Judged
from playbook.triage.verdicts import Verdict

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
    sha256 TEXT NOT NULL DEFAULT '',
    UNIQUE (folder, path)
);
CREATE INDEX IF NOT EXISTS files_by_cluster ON files (cluster, sender, size_bytes, given);
CREATE TABLE IF NOT EXISTS decisions (
    id INTEGER PRIMARY KEY,
    cluster TEXT NOT NULL UNIQUE,
    verdict TEXT NOT NULL,
    who TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS sorted (digest TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS notes (kind TEXT NOT NULL, text TEXT NOT NULL);
CREATE VIEW IF NOT EXISTS ruled AS
    SELECT files.*, COALESCE(decisions.verdict, files.verdict) AS ruling,
           decisions.verdict IS NOT NULL AS decided
    FROM files LEFT JOIN decisions ON files.cluster = decisions.cluster AND files.cluster != '';
"""


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
            rows = (row_of(role, folder, features, judged) for features, judged in sorting)
            while batch := list(islice(rows, _BATCH)):
                self._base.executemany(
                    "INSERT INTO files (role, folder, path, size_bytes, at_s, verdict, cluster,"
                    " reasons, account, address, sender, recipient, subject, leads)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    batch,
                )

    def begin(self) -> None:
        """Begin a sorting: what an earlier one left is not whole any more."""
        with self._writing():
            self._base.execute("DELETE FROM sorted")
            self._base.execute("DELETE FROM notes")
            self._base.execute("DELETE FROM decisions")

    def seal(self, stolen: Iterable[str] = (), caveats: Iterable[str] = ()) -> None:
        """Say that all folders are filed, which accounts are stolen, and what nothing tells."""
        notes = [("stolen", each) for each in stolen] + [("caveat", each) for each in caveats]
        with self._writing():
            self._base.executemany("INSERT INTO notes VALUES (?, ?)", notes)
            self._base.execute("INSERT INTO sorted VALUES (?)", (self.digest(),))

    def notes(self, kind: str) -> tuple[str, ...]:
        """What the sorting said besides verdicts: `stolen` accounts, or each `caveat`."""
        rows = self._base.execute("SELECT text FROM notes WHERE kind = ?", (kind,))
        return tuple(text for (text,) in rows)

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
        return self._clusters("files.cluster != ''")

    def cluster(self, name: str) -> Cluster | None:
        """The cluster of a name as it is now, or None where there is none."""
        return next(iter(self._clusters("files.cluster = ?", name)), None) if name else None

    def _clusters(self, where: str, *values: object) -> tuple[Cluster, ...]:
        # The words of `where` are this file's own.
        rows = self._base.execute(
            "SELECT files.cluster, count(*), sum(size_bytes), decisions.verdict FROM files"  # noqa: S608
            f" LEFT JOIN decisions ON files.cluster = decisions.cluster WHERE {where}"
            " GROUP BY files.cluster ORDER BY count(*) DESC, files.cluster",
            values,
        ).fetchall()
        return tuple(
            Cluster(name, files, size, self._senders(name), Verdict(decided) if decided else None)
            for name, files, size, decided in rows
        )

    def members(self, cluster: str, limit: int = -1) -> tuple[QueuedFile, ...]:
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
        if self.is_given_back(cluster):
            raise BadInput(f"Mail of {cluster!r} was given back already")
        with self._writing():
            self._base.execute("DELETE FROM decisions WHERE cluster = ?", (cluster,))

    def examples(self, cluster: str, most: int) -> tuple[QueuedFile, ...]:
        """Some files of a cluster: the oldest of each frequent subject first, then others."""
        return self._filed(
            "id IN (SELECT id FROM (SELECT id, at_s, count(*) OVER (PARTITION BY subject) AS alike,"
            " row_number() OVER (PARTITION BY subject ORDER BY at_s, path) AS place"
            " FROM files WHERE cluster = ?) ORDER BY place, alike DESC, at_s LIMIT ?)"
            " ORDER BY at_s, path",
            cluster,
            most,
        )

    def is_given_back(self, cluster: str) -> bool:
        """Whether a file of the cluster was given back: then its decision stands."""
        return bool(
            self._one("SELECT count(*) FROM files WHERE cluster = ? AND given != ''", cluster)
        )

    def split(self, cluster: str, trait: Trait, parts: Mapping[str, str], rest: str) -> None:
        """Make several clusters of one: `parts` says by value which, `rest` is for other values."""
        with self._writing():
            for value, part in parts.items():
                self._base.execute(
                    f"UPDATE files SET cluster = ? WHERE cluster = ? AND {trait.value} = ?",  # noqa: S608 - a trait's own words
                    (part, cluster, value),
                )
            self._base.execute("UPDATE files SET cluster = ? WHERE cluster = ?", (rest, cluster))

    def join(self, parts: Iterable[str], whole: str) -> None:
        """Make one cluster of several again; what was decided of the parts is forgotten."""
        with self._writing():
            for part in parts:
                self._base.execute("UPDATE files SET cluster = ? WHERE cluster = ?", (whole, part))
                self._base.execute("DELETE FROM decisions WHERE cluster = ?", (part,))

    def rows(self, question: str, *values: object) -> list[tuple[Any, ...]]:
        """What a reader asks of the tables above; the words of `question` are the program's own."""
        return self._base.execute(question, values).fetchall()

    def files(self, verdict: Verdict, role: str = "") -> Iterator[QueuedFile]:
        """The files of a verdict, decisions included, oldest first; of one role, or of all."""
        where = "ruling = ? AND ? IN ('', role) ORDER BY at_s, role, path"
        yield from self._each(where, verdict.value, role)

    def to_give_back(self, role: str, limit: int = -1) -> tuple[QueuedFile, ...]:
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

    def waiting(self) -> int:
        """How many mails are still in doubt, or good and not given back."""
        return self._one(
            "SELECT count(*) FROM ruled WHERE sha256 = ''"
            " AND (ruling = 'doubtful' OR ruling = 'good' AND given IN ('', 'kept'))"
        )

    def settled(self) -> tuple[Settled, ...]:
        """What is settled and not removed yet, by folder."""
        folders = self._base.execute("SELECT DISTINCT role, folder FROM files ORDER BY role")
        found = []
        for role, folder in folders.fetchall():
            paths = self.settled_paths(folder)
            if paths:
                digest = hashlib.sha256(b"\0".join(paths)).hexdigest()
                found.append(Settled(Role(role), folder, len(paths), digest))
        return tuple(found)

    def settled_paths(self, folder: str) -> tuple[bytes, ...]:
        """The settled files of a folder that were not removed yet; envelopes with their mail."""
        rows = self._base.execute(
            "SELECT path FROM ruled WHERE folder = ? AND sha256 = ''"
            " AND (ruling = 'spam' OR given IN ('published', 'accepted')) ORDER BY path",
            (folder,),
        )
        mails = [path for (path,) in rows]
        rows = self._base.execute(
            "SELECT path FROM files WHERE folder = ? AND sha256 = '' AND role = 'incoming'"
            " AND verdict = 'not-a-message' ORDER BY path",
            (folder,),
        )
        stems = {path.partition(b".")[0] for path in mails}
        envelopes = [path for (path,) in rows if path.partition(b".")[0] in stems]
        return (*mails, *(each for each in envelopes if each.endswith(b".dat")))

    def lying_in(self, folder: str) -> Counts:
        """What lies in a folder set aside still, by verdict, and how many of it were given back."""
        found = dict(
            self._base.execute(
                "SELECT ruling, count(*) FROM ruled WHERE folder = ? AND sha256 = ''"
                " GROUP BY ruling",
                (folder,),
            )
        )
        given = self._one(
            "SELECT count(*) FROM files WHERE folder = ? AND given NOT IN ('', 'kept')", folder
        )
        return Counts(
            spam=found.get(Verdict.SPAM.value, 0),
            good=found.get(Verdict.GOOD.value, 0),
            doubtful=found.get(Verdict.DOUBTFUL.value, 0),
            not_a_message=found.get(Verdict.NOT_A_MESSAGE.value, 0),
            given=given,
        )

    def forget(self, folder: str) -> None:
        """A folder was merged back: it is sorted anew when it is set aside once more."""
        with self._writing():
            self._base.execute("DELETE FROM files WHERE folder = ?", (folder,))
            self._base.execute("DELETE FROM sorted")

    def removed(self, folder: str, sums: Iterable[tuple[bytes, str]]) -> None:
        """Note that files are gone from the server, each with its SHA-256."""
        with self._writing():
            self._base.executemany(
                "UPDATE files SET sha256 = ? WHERE folder = ? AND path = ?",
                ((sha256, folder, path) for path, sha256 in sums),
            )

    def sums(self) -> Iterator[tuple[str, str, bytes]]:
        """SHA-256, folder and path of every file that was removed."""
        yield from self._base.execute(
            "SELECT sha256, folder, path FROM files WHERE sha256 != '' ORDER BY folder, path"
        )

    def emptied(self) -> tuple[str, ...]:
        """The folders of which every file was removed."""
        rows = self._base.execute(
            "SELECT folder FROM files GROUP BY folder HAVING sum(sha256 = '') = 0"
        )
        return tuple(folder for (folder,) in rows)

    def tallies(self, trait: Trait, most: int = 20) -> tuple[tuple[str, str, int], ...]:
        """How many files of each verdict have each value of a trait, the most first."""
        rows = self._base.execute(
            f"SELECT {trait.value} AS who, ruling, count(*) FROM ruled"  # noqa: S608 - our own words
            " WHERE ruling != 'not-a-message'"
            " GROUP BY who, ruling ORDER BY count(*) DESC, who LIMIT ?",
            (most,),
        )
        return tuple(rows.fetchall())

    def _senders(self, cluster: str) -> tuple[str, ...]:
        rows = self._base.execute(
            "SELECT sender FROM files WHERE cluster = ? GROUP BY sender"
            " ORDER BY count(*) DESC, sender LIMIT 5",
            (cluster,),
        )
        return tuple(sender for (sender,) in rows)

    def _filed(self, where: str, *values: object) -> tuple[QueuedFile, ...]:
        return tuple(self._each(where, *values))

    def _each(self, where: str, *values: object) -> Iterator[QueuedFile]:
        columns = (
            "role, folder, path, size_bytes, at_s, ruling, cluster, reasons, account, address,"
            " sender, recipient, subject, leads, given"
        )
        # The words of `where` are this file's own.
        for row in self._base.execute(f"SELECT {columns} FROM ruled WHERE {where}", values):  # noqa: S608
            yield file_of(row)

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
