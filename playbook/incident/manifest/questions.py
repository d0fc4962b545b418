"""What a manifest is asked: what waits, how files spread, what a cluster holds."""

import json
from collections import Counter
from dataclasses import dataclass
from typing import Final

import msgspec

from playbook.incident.manifest.rows import files_where
from playbook.incident.manifest.schema import column_of
from playbook.incident.manifest.store import Manifest
from playbook.incident.manifest.values import Misuse, QueuedFile, Trait, Waiting
from playbook.mail.digest import digest_of

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


@dataclass(frozen=True)
class Tallies:
    """How many files of each verdict have each value of a trait, the most first.

    `left_out` counts the rows that were not asked for.
    """

    rows: tuple[tuple[str, str, int], ...]
    left_out: int


def waiting(manifest: Manifest) -> Waiting:
    """What of the mail still waits for somebody; what was removed does not."""
    good, decided, kept, doubtful, clusters = manifest.database.rows(
        "SELECT count(*) FILTER (WHERE ruling = 'good' AND given = ''),"
        " count(*) FILTER (WHERE ruling = 'good' AND given = '' AND decided),"
        " count(*) FILTER (WHERE ruling = 'good' AND given = 'kept'),"
        " count(*) FILTER (WHERE ruling = 'doubtful'),"
        " count(DISTINCT cluster) FILTER (WHERE ruling = 'doubtful')"
        " FROM ruled WHERE sha256 = ''"
    ).fetchone()
    return Waiting(good, decided, kept, doubtful, clusters)


def misuse(manifest: Manifest) -> Misuse | None:
    """What the sorting found of the misuse, or None where none was made."""
    told = manifest.notes("misuse")
    return msgspec.json.decode(told[-1], type=Misuse) if told else None


def spam_submitters(manifest: Manifest) -> tuple[tuple[str, str], ...]:
    """Account and address of whoever sent what the sorting holds to be spam."""
    rows = manifest.database.rows(
        "SELECT DISTINCT account, address FROM files WHERE verdict = 'spam' AND address != ''"
        " ORDER BY account, address"
    )
    return tuple((str(account), str(address)) for account, address in rows)


def spam_times(manifest: Manifest) -> tuple[int | None, int | None]:
    """When the first and the last spam was queued, on the server's wall clock."""
    first_s, last_s = manifest.database.rows(
        "SELECT min(at_s), max(at_s) FROM files WHERE verdict = 'spam' AND at_s > 0"
        " AND address != ''"
    ).fetchone()
    return first_s, last_s


def good_left(manifest: Manifest) -> tuple[tuple[str, int], ...]:
    """Each folder with good mail that was not given back, and how much."""
    rows = manifest.database.rows(
        "SELECT folder, count(*) FROM ruled WHERE ruling = 'good' AND given = ''"
        " AND sha256 = '' GROUP BY folder ORDER BY folder"
    )
    return tuple((str(folder), int(files)) for folder, files in rows)


def spread_of(manifest: Manifest, cluster: str, trait: Trait, most: int = 20) -> Spread:
    """How the files of a cluster differ in a trait."""
    column = column_of(trait)
    rows = manifest.database.rows(
        f"SELECT {column}, count(*), count(*) OVER () FROM files WHERE cluster = ?"  # noqa: S608 - the words are ours
        f" GROUP BY {column} ORDER BY count(*) DESC, {column} LIMIT ?",
        cluster,
        _LISTS if trait.is_list else most,
    ).fetchall()
    if not trait.is_list:
        return Spread(tuple((value, files) for value, files, _ in rows), rows[0][2] if rows else 0)
    found: Counter[str] = Counter()
    for texts, files, _ in rows:
        found.update(dict.fromkeys(json.loads(texts), files))
    return Spread(tuple(found.most_common(most)), len(found))


def digest_of_cluster(manifest: Manifest, cluster: str) -> str:
    """The digest of the files of a cluster: of folder, path and size of each."""
    rows = manifest.database.rows(
        "SELECT folder, path, size_bytes FROM files WHERE cluster = ? ORDER BY folder, path",
        cluster,
    )
    return digest_of(
        b"%s\0%d\0%s" % (folder.encode("utf-8", "surrogateescape"), size, path)
        for folder, path, size in rows
    )


def span_of(manifest: Manifest, cluster: str) -> Span:
    """Times and sizes of the files of a cluster."""
    row = manifest.database.rows(
        "SELECT min(NULLIF(at_s, 0)), max(NULLIF(at_s, 0)), min(size_bytes), max(size_bytes)"
        " FROM files WHERE cluster = ?",
        cluster,
    ).fetchone()
    return Span(*row)


def beside(
    manifest: Manifest, cluster: str, account: str, address: str
) -> tuple[tuple[str, int], ...]:
    """By verdict, the files outside of a cluster that an account sent from an address."""
    rows = manifest.database.rows(
        "SELECT ruling, count(*) FROM ruled WHERE account = ? AND address = ? AND cluster != ?"
        " GROUP BY ruling ORDER BY count(*) DESC",
        account,
        address,
        cluster,
    )
    return tuple((str(ruling), int(files)) for ruling, files in rows)


def examples(manifest: Manifest, cluster: str, most: int) -> tuple[QueuedFile, ...]:
    """Some files of a cluster: the oldest of each frequent subject first, then others."""
    where = (
        "id IN (SELECT id FROM (SELECT id, at_s, count(*) OVER (PARTITION BY subject) AS alike,"
        " row_number() OVER (PARTITION BY subject ORDER BY at_s, path) AS place"
        " FROM files WHERE cluster = ?) ORDER BY place, alike DESC, at_s LIMIT ?)"
        " ORDER BY at_s, path"
    )
    return tuple(files_where(manifest.database, where, cluster, most))


def tallies(manifest: Manifest, trait: Trait, most: int = 20) -> Tallies:
    """How many files of each verdict have each value of a trait; files that are no mail aside."""
    column = column_of(trait)
    rows = manifest.database.rows(
        f"SELECT {column} AS who, ruling, count(*), count(*) OVER () FROM ruled"  # noqa: S608 - the words are ours
        " WHERE ruling != 'not-a-message'"
        " GROUP BY who, ruling ORDER BY count(*) DESC, who LIMIT ?",
        most,
    ).fetchall()
    whole = rows[0][3] if rows else 0
    return Tallies(tuple((who, ruling, files) for who, ruling, files, _ in rows), whole - len(rows))
