"""The manifest of an incident: what each file of the queue is held to be, and what became of it.

It is a SQLite database in the incident's folder, because a queue may hold a million files. The
sorting fills it, a person's decisions are laid over its verdicts, and giving mail back marks its
files. Nothing here touches the mail server.
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Final

import msgspec

from playbook.incident.manifest.rows import files_where, row_of, row_of_cluster
from playbook.incident.manifest.schema import Database
from playbook.incident.manifest.values import Counts, Misuse, QueuedFile
from playbook.mail.digest import digest_of
from playbook.triage.clusters import ClusterKey
from playbook.triage.features import Features
from playbook.triage.judgement import Judged
from playbook.triage.verdicts import Verdict

MANIFEST: Final = "queue.sqlite"
_BATCH: Final = 5_000
_INSERT: Final = (
    "INSERT INTO files (role, folder, path, size_bytes, at_s, verdict, cluster, reasons, account,"
    " address, sender, recipient, subject, leads)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (folder, path) DO UPDATE SET role = excluded.role, at_s = excluded.at_s,"
    " verdict = excluded.verdict, cluster = excluded.cluster, reasons = excluded.reasons,"
    " account = excluded.account, address = excluded.address, sender = excluded.sender,"
    " recipient = excluded.recipient, subject = excluded.subject, leads = excluded.leads,"
    " given = iif(size_bytes = excluded.size_bytes, given, ''),"
    " size_bytes = excluded.size_bytes, sha256 = '', found = 1"
)


class Manifest:
    """The manifest of one incident, on disk or, for a rehearsal, in memory.

    `database` is for this package alone. Raises `JournalUnwritable` where it cannot be opened or
    written, on any call.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        self.database = Database(path)

    def close(self) -> None:
        """Let go of the database."""
        self.database.close()

    @property
    def is_sorted(self) -> bool:
        """Whether a sorting was filed to its end."""
        return bool(self.database.one("SELECT count(*) FROM sorted"))

    def begin(self) -> None:
        """Begin a sorting: what an earlier one left is not whole any more."""
        with self.database.writing():
            for table in ("sorted", "notes", "decisions"):
                self.database.rows(f"DELETE FROM {table}")  # noqa: S608 - the words are ours

    def fill(self, role: str, folder: str, sorting: Iterable[tuple[Features, Judged]]) -> None:
        """File the sorting of one folder; the same folder once more replaces what was filed.

        What became of a file is kept where the file is there again. One transaction: a crash
        leaves what was there before.
        """
        base, pairs = self.database, iter(sorting)
        with base.writing():
            base.rows("UPDATE files SET found = 0 WHERE folder = ?", folder)
            while batch := list(islice(pairs, _BATCH)):
                base.many(_INSERT, (row_of(role, folder, *pair) for pair in batch))
                self._name({judged.cluster for _, judged in batch if judged.cluster})
            base.rows("DELETE FROM files WHERE folder = ? AND NOT found AND sha256 = ''", folder)

    def _name(self, keys: Iterable[ClusterKey]) -> None:
        rows = (row_of_cluster(key.id, key, ()) for key in keys)
        self.database.many("INSERT OR IGNORE INTO clusters VALUES (?, ?, ?, ?, ?, ?)", rows)

    def seal(
        self,
        stolen: Iterable[str] = (),
        caveats: Iterable[str] = (),
        folders: Iterable[str] = (),
        misuse: Misuse | None = None,
    ) -> None:
        """Say that these folders are filed, which accounts are stolen, and what nothing tells."""
        told = {"stolen": stolen, "caveat": caveats, "folder": folders}
        notes = [(kind, each) for kind, texts in told.items() for each in texts]
        if misuse:
            notes.append(("misuse", msgspec.json.encode(misuse).decode()))
        with self.database.writing():
            self.database.many("INSERT INTO notes VALUES (?, ?)", iter(notes))
            self.database.rows("INSERT INTO sorted VALUES (?)", self.digest())

    def notes(self, kind: str) -> tuple[str, ...]:
        """What the sorting said besides verdicts: `stolen` accounts, each `caveat` or `folder`."""
        rows = self.database.rows("SELECT text FROM notes WHERE kind = ?", kind)
        return tuple(text for (text,) in rows)

    def counts(self) -> Counts:
        """How many files have each verdict, and how many were given back."""
        return self._counts("1")

    def lying_in(self, folder: str) -> Counts:
        """What lies in a folder set aside still, by verdict, and how many of it were given back."""
        return self._counts("folder = ? AND sha256 = ''", folder)

    def _counts(self, where: str, *values: object) -> Counts:
        rows = self.database.rows(
            f"SELECT ruling, count(*) FROM ruled WHERE {where} GROUP BY ruling",  # noqa: S608 - the words are ours
            *values,
        )
        found = dict(rows.fetchall())
        clusters, given = self.database.rows(
            "SELECT count(DISTINCT cluster) FILTER (WHERE ruling = 'doubtful'),"  # noqa: S608 - the words are ours
            f" count(*) FILTER (WHERE given NOT IN ('', 'kept')) FROM ruled WHERE {where}",
            *values,
        ).fetchone()
        return Counts(
            spam=found.get(Verdict.SPAM.value, 0),
            good=found.get(Verdict.GOOD.value, 0),
            doubtful=found.get(Verdict.DOUBTFUL.value, 0),
            not_a_message=found.get(Verdict.NOT_A_MESSAGE.value, 0),
            decisions_open=clusters,
            given=given,
        )

    def digest(self, verdict: Verdict | None = None) -> str:
        """The digest of role, path, size and verdict of all files, or of those of one verdict."""
        rows = self.database.rows(
            "SELECT role, path, size_bytes, ruling FROM ruled WHERE ? IN ('', ruling)"
            " ORDER BY role, folder, path",
            verdict.value if verdict else "",
        )
        return digest_of(
            b"%s %d %s %s" % (role.encode(), size, ruling.encode(), path)
            for role, path, size, ruling in rows
        )

    def files(self, verdict: Verdict, role: str = "") -> Iterator[QueuedFile]:
        """The files of a verdict, decisions included, oldest first; of one role, or of all."""
        where = "ruling = ? AND ? IN ('', role) ORDER BY at_s, role, path"
        return files_where(self.database, where, verdict.value, role)

    def still_good(self, folder: str) -> tuple[int, int]:
        """How many good files a folder set aside has, and how many of them were not given back."""
        good, left = self.database.rows(
            "SELECT count(*), count(*) FILTER (WHERE given = '') FROM ruled"
            " WHERE ruling = 'good' AND folder = ?",
            folder,
        ).fetchone()
        return int(good), int(left)

    def folders(self) -> tuple[str, ...]:
        """The folders set aside of which files are held here."""
        rows = self.database.rows("SELECT DISTINCT folder FROM files ORDER BY folder")
        return tuple(folder for (folder,) in rows)

    def files_in(self, folder: str) -> int:
        """How many files of any verdict were found in a folder set aside."""
        return self.database.one("SELECT count(*) FROM files WHERE folder = ?", folder)

    def mark(self, role: str, paths: Iterable[bytes], given: str, folder: str = "") -> None:
        """Note what became of files that were given back, of one folder or of all of a role."""
        with self.database.writing():
            self.database.many(
                "UPDATE files SET given = ? WHERE role = ? AND path = ? AND ? IN ('', folder)",
                ((given, role, path, folder) for path in paths),
            )

    def forget(self, folder: str) -> None:
        """A folder was merged back: it is sorted anew when it is set aside once more."""
        with self.database.writing():
            self.database.rows("DELETE FROM files WHERE folder = ?", folder)
            self.database.rows("DELETE FROM sorted")
