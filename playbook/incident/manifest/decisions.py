"""Clusters of doubtful files, and what a person decides of them."""

import hashlib
from collections.abc import Iterable
from typing import Final

from playbook.errors import BadInput
from playbook.incident.manifest.questions import spread_of
from playbook.incident.manifest.rows import cluster_of, row_of_cluster
from playbook.incident.manifest.schema import column_of
from playbook.incident.manifest.store import Manifest
from playbook.incident.manifest.values import Cluster, Part, Trait
from playbook.triage.verdicts import Verdict

SPLITS: Final = {
    "sender": Trait.SENDER,
    "subject": Trait.SUBJECT,
    "address": Trait.ADDRESS,
    "day": Trait.DAY,
}
# The most frequent values of a trait become clusters of their own, the others one together.
_MOST_PARTS: Final = 12
_ASKED: Final = "(decisions.verdict IS NOT NULL OR files.given NOT IN ('published', 'accepted'))"


def clusters(manifest: Manifest) -> tuple[Cluster, ...]:
    """What a person is asked to decide, the largest first, the decided ones too.

    Files that were given back already are no question, unless a person decided them.
    """
    return _clusters(manifest, "files.cluster != ''")


def cluster(manifest: Manifest, id_: str) -> Cluster | None:
    """The cluster of an id as it is now, or None where there is none."""
    return next(iter(_clusters(manifest, "files.cluster = ?", id_)), None) if id_ else None


def _clusters(manifest: Manifest, where: str, *values: object) -> tuple[Cluster, ...]:
    rows = manifest.database.rows(
        "SELECT clusters.id, kind, clusters.account, clusters.address, family, parts,"  # noqa: S608 - the words are ours
        " count(*), sum(size_bytes), decisions.verdict"
        " FROM files JOIN clusters ON files.cluster = clusters.id"
        " LEFT JOIN decisions ON files.cluster = decisions.cluster"
        f" WHERE {where} AND {_ASKED} GROUP BY clusters.id ORDER BY count(*) DESC, kind,"
        " clusters.account, clusters.address, family, parts",
        *values,
    ).fetchall()
    return tuple(cluster_of(row, _senders(manifest, row[0])) for row in rows)


def _senders(manifest: Manifest, id_: str) -> tuple[str, ...]:
    rows = manifest.database.rows(
        "SELECT sender FROM files WHERE cluster = ? GROUP BY sender"
        " ORDER BY count(*) DESC, sender LIMIT 5",
        id_,
    )
    return tuple(sender for (sender,) in rows)


def decide(manifest: Manifest, id_: str, verdict: Verdict, who: str) -> int:
    """Lay a person's verdict over a cluster and say how many files it has.

    Raises `BadInput` for a cluster that is not there and for a verdict that decides nothing.
    """
    if verdict not in (Verdict.GOOD, Verdict.SPAM):
        raise BadInput(f"{verdict.value} is no decision", "", "Decide good or spam.")
    base = manifest.database
    files = base.one("SELECT count(*) FROM files WHERE cluster = ?", id_)
    if not files or not id_:
        raise BadInput(f"There is no cluster {id_!r}")
    with base.writing():
        base.rows("INSERT OR REPLACE INTO decisions VALUES (?, ?, ?)", id_, verdict.value, who)
    return files


def take_back(manifest: Manifest, id_: str) -> None:
    """Take a person's verdict back; one whose mail was given back already stays.

    Raises `BadInput` then.
    """
    if stands(manifest, id_):
        raise BadInput("Mail of the cluster was given back already", "", "The decision stands.")
    with manifest.database.writing():
        manifest.database.rows("DELETE FROM decisions WHERE cluster = ?", id_)


def stands(manifest: Manifest, id_: str) -> bool:
    """Whether a decision cannot be taken back, because mail was given back or kept by it."""
    return bool(
        manifest.database.one(
            "SELECT count(*) FROM ruled WHERE cluster = ? AND decided AND given != ''", id_
        )
    )


def parts_of(manifest: Manifest, whole: Cluster, by: str) -> tuple[Part, ...]:
    """The parts that a cluster has by one of `SPLITS`, the largest first, the rare ones as one.

    Raises `BadInput` where all its files have the same value.
    """
    spread = spread_of(manifest, whole.id, SPLITS[by], _MOST_PARTS)
    if spread.different < 2:
        raise BadInput(f"All its files have the same {by}")
    values: list[str | None] = [value for value, _ in spread.values]
    if spread.different > len(values):
        values.append(None)
    return tuple(Part(by, number, value) for number, value in enumerate(values, 1))


def id_of_part(whole: Cluster, part: Part) -> str:
    """The id of a part: of the same value of the same cluster it is the same on every machine."""
    value = "\1" if part.value is None else part.value
    named = "\0".join((whole.id, part.by, value)).encode("utf-8", "surrogateescape")
    return f"c-{hashlib.sha256(named).hexdigest()[:16]}"


def split(manifest: Manifest, whole: Cluster, parts: Iterable[Part]) -> None:
    """Make several clusters of one; the part of all other values, if there is one, is the last."""
    base = manifest.database
    with base.writing():
        for each in parts:
            id_ = id_of_part(whole, each)
            row = row_of_cluster(id_, whole.key, (*whole.parts, each))
            base.rows("INSERT OR REPLACE INTO clusters VALUES (?, ?, ?, ?, ?, ?)", *row)
            base.rows(
                "UPDATE files SET cluster = ? WHERE cluster = ?"  # noqa: S608 - the words are ours
                f" AND (? IS NULL OR {column_of(SPLITS[each.by])} = ?)",
                *(id_, whole.id, each.value, each.value),
            )


def join(manifest: Manifest, parts: Iterable[str], whole: str) -> None:
    """Make one cluster of several again; what was decided of the parts is forgotten."""
    base = manifest.database
    with base.writing():
        for part in parts:
            base.rows("UPDATE files SET cluster = ? WHERE cluster = ?", whole, part)
            base.rows("DELETE FROM decisions WHERE cluster = ?", part)
