"""Values as rows of the manifest's tables, and back."""

import json
from collections.abc import Iterator
from typing import Any

from playbook.incident.manifest.schema import Database
from playbook.incident.manifest.values import Cluster, Part, QueuedFile
from playbook.triage.clusters import ClusterKey
from playbook.triage.features import Features
from playbook.triage.judgement import Judged
from playbook.triage.verdicts import Verdict


def row_of(role: str, folder: str, features: Features, judged: Judged) -> tuple[object, ...]:
    """A file and its verdict as a row of the table `files`."""
    return (
        role,
        folder,
        judged.path,
        features.size_bytes,
        features.at_s,
        judged.verdict.value,
        judged.cluster.id if judged.cluster else "",
        json.dumps(judged.reasons),
        judged.account,
        judged.address,
        features.from_address if features.sender is None else features.sender,
        features.recipient,
        features.subject,
        json.dumps(features.leads),
    )


def row_of_cluster(id_: str, key: ClusterKey, parts: tuple[Part, ...]) -> tuple[object, ...]:
    """A cluster as a row of the table `clusters`."""
    listed = json.dumps([(each.by, each.number, each.value) for each in parts])
    return id_, key.kind, key.account, key.address, key.family, listed


def files_where(base: Database, where: str, *values: object) -> Iterator[QueuedFile]:
    """The files that a condition of this package holds for, in its order."""
    rows = base.rows(
        "SELECT role, folder, path, size_bytes, at_s, ruling, cluster, reasons, account, address,"  # noqa: S608 - the words are ours
        f" sender, recipient, subject, leads, given FROM ruled WHERE {where}",
        *values,
    )
    return map(_file_of, rows)


def _file_of(row: tuple[Any, ...]) -> QueuedFile:
    role, folder, path, size_bytes, at_s, ruling, cluster, reasons, *who, leads, given = row
    account, address, sender, recipient, subject = who
    return QueuedFile(
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


def cluster_of(row: tuple[Any, ...], senders: tuple[str, ...]) -> Cluster:
    """A cluster: its row of `clusters`, how many files, their bytes, and what was decided."""
    id_, kind, account, address, family, parts, files, size_bytes, decided = row
    return Cluster(
        id=id_,
        key=ClusterKey(kind, account, address, family),
        parts=tuple(Part(*each) for each in json.loads(parts)),
        files=files,
        size_bytes=size_bytes,
        senders=senders,
        decided=Verdict(decided) if decided else None,
    )
