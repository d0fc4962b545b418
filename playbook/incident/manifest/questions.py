"""What a manifest is asked about a cluster of files."""

import hashlib
import json
from collections import Counter
from dataclasses import dataclass
from typing import Final

from playbook.incident.manifest.store import Manifest
from playbook.incident.manifest.values import Trait

_LISTS: Final = 1_000


@dataclass(frozen=True)
class Spread:
    """How many files have which value, the most frequent first, and how many values there are."""

    values: tuple[tuple[str, int], ...]
    different: int


@dataclass(frozen=True)
class Span:
    """From when to when the files were queued, and how small and large they are.

    Times are seconds since 1970 on the server's wall clock, None where no file tells one.
    """

    first_s: int | None
    last_s: int | None
    smallest_bytes: int
    largest_bytes: int


def spread_of(manifest: Manifest, cluster: str, trait: Trait, most: int = 20) -> Spread:
    """How the files of a cluster differ in a trait."""
    rows = manifest.rows(
        f"SELECT {trait.value}, count(*), count(*) OVER () FROM files WHERE cluster = ?"  # noqa: S608 - a trait's own words
        f" GROUP BY {trait.value} ORDER BY count(*) DESC, {trait.value} LIMIT ?",
        cluster,
        _LISTS if trait.is_list else most,
    )
    if not trait.is_list:
        return Spread(tuple((value, files) for value, files, _ in rows), rows[0][2] if rows else 0)
    found: Counter[str] = Counter()
    for texts, files, _ in rows:
        found.update(dict.fromkeys(json.loads(texts), files))
    return Spread(tuple(found.most_common(most)), len(found))


def digest_of(manifest: Manifest, cluster: str) -> str:
    """SHA-256 over folder, path and size of the files of a cluster."""
    whole = hashlib.sha256()
    for folder, path, size in manifest.rows(
        "SELECT folder, path, size_bytes FROM files WHERE cluster = ? ORDER BY folder, path",
        cluster,
    ):
        whole.update(b"%s\0%d\0%s\0" % (folder.encode(), size, path))
    return whole.hexdigest()


def _span_of(manifest: Manifest, cluster: str) -> Span:
    (row,) = manifest.rows(
        "SELECT min(NULLIF(at_s, 0)), max(NULLIF(at_s, 0)), min(size_bytes), max(size_bytes)"
        " FROM files WHERE cluster = ?",
        cluster,
    )
    return Span(*row)


def _beside(
    manifest: Manifest, cluster: str, accounts: Spread, addresses: Spread
) -> tuple[tuple[str, int], ...]:
    if (accounts.different, addresses.different) != (1, 1):
        return ()
    rows = manifest.rows(
        "SELECT ruling, count(*) FROM ruled WHERE account = ? AND address = ? AND cluster != ?"
        " GROUP BY ruling ORDER BY count(*) DESC",
        accounts.values[0][0],
        addresses.values[0][0],
        cluster,
    )
    return tuple((str(ruling), int(files)) for ruling, files in rows)
