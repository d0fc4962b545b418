"""What nobody needs any more, and what was removed of it."""

from collections.abc import Iterable, Iterator

from playbook.incident.manifest.store import Manifest
from playbook.incident.manifest.values import Settled
from playbook.mail.digest import digest_of
from playbook.mail.survey import Role


def settled(manifest: Manifest) -> tuple[Settled, ...]:
    """What is settled and not removed yet, by folder."""
    folders = manifest.database.rows("SELECT DISTINCT role, folder FROM files ORDER BY role")
    found = []
    for role, folder in folders.fetchall():
        paths = settled_paths(manifest, folder)
        if paths:
            found.append(Settled(Role(role), folder, len(paths), digest_of(paths)))
    return tuple(found)


def settled_paths(manifest: Manifest, folder: str) -> tuple[bytes, ...]:
    """The settled files of a folder that were not removed yet; envelopes with their mail."""
    rows = manifest.database.rows(
        "SELECT path FROM ruled WHERE folder = ? AND sha256 = ''"
        " AND (ruling = 'spam' OR given IN ('published', 'accepted')) ORDER BY path",
        folder,
    )
    mails = [path for (path,) in rows]
    rows = manifest.database.rows(
        "SELECT path FROM files WHERE folder = ? AND sha256 = '' AND role = 'incoming'"
        " AND verdict = 'not-a-message' ORDER BY path",
        folder,
    )
    stems = {path.partition(b".")[0] for path in mails}
    envelopes = [path for (path,) in rows if path.partition(b".")[0] in stems]
    return (*mails, *(each for each in envelopes if each.endswith(b".dat")))


def removed(manifest: Manifest, folder: str, sums: Iterable[tuple[bytes, str]]) -> None:
    """Note that files are gone from the server, each with its SHA-256."""
    with manifest.database.writing():
        manifest.database.many(
            "UPDATE files SET sha256 = ? WHERE folder = ? AND path = ?",
            ((sha256, folder, path) for path, sha256 in sums),
        )


def sums(manifest: Manifest) -> Iterator[tuple[str, str, bytes]]:
    """SHA-256, folder and path of every file that was removed."""
    yield from manifest.database.rows(
        "SELECT sha256, folder, path FROM files WHERE sha256 != '' ORDER BY folder, path"
    )


def emptied(manifest: Manifest) -> tuple[str, ...]:
    """The folders of which every file was removed."""
    rows = manifest.database.rows(
        "SELECT folder FROM files GROUP BY folder HAVING sum(sha256 = '') = 0"
    )
    return tuple(folder for (folder,) in rows)
