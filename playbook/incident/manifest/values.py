"""What a manifest holds: files, clusters of them, and counts, as frozen values."""

import json
from dataclasses import dataclass
from enum import Enum
from typing import Any

from playbook.mail.survey import Role
from playbook.triage.features import Features
from playbook.triage.judgement import Judged
from playbook.triage.verdicts import Verdict


@dataclass(frozen=True)
class QueuedFile:
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

    def __str__(self) -> str:
        return (
            f"{self.whole:,} files: {self.spam:,} spam, {self.good:,} good, "
            f"{self.doubtful:,} doubtful in {self.decisions_open} clusters, "
            f"{self.not_a_message:,} not a message"
        )


@dataclass(frozen=True)
class Cluster:
    """Files that wait for one decision; `decided` is the person's verdict, if there is one."""

    name: str
    files: int
    size_bytes: int
    senders: tuple[str, ...]
    decided: Verdict | None


@dataclass(frozen=True)
class Settled:
    """Files of a folder that nobody needs any more: spam, and originals of mail given back."""

    role: Role
    folder: str
    files: int
    digest: str


class Trait(Enum):
    """In what the files of a cluster may differ, as the database is asked for it."""

    SENDER = "sender"
    ACCOUNT = "account"
    ADDRESS = "address"
    RECIPIENT = "recipient"
    RECIPIENT_DOMAIN = "substr(recipient, instr(recipient, '@') + 1)"
    SUBJECT = "subject"
    DAY = "CASE at_s WHEN 0 THEN '' ELSE date(at_s, 'unixepoch') END"
    REASON = "reasons"
    LEAD = "leads"

    @property
    def is_list(self) -> bool:
        """Whether a file may have several values of it."""
        return self in (Trait.REASON, Trait.LEAD)


def file_of(row: tuple[Any, ...]) -> QueuedFile:
    """A file as a row of the view `ruled` holds it."""
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


def row_of(role: str, folder: str, features: Features, judged: Judged) -> tuple[object, ...]:
    """A file and its verdict as a row of the table `files`."""
    return (
        role,
        folder,
        judged.path,
        features.size_bytes,
        features.at_s,
        judged.verdict.value,
        judged.cluster.title if judged.cluster else "",
        json.dumps(judged.reasons),
        judged.account,
        judged.address,
        features.from_address if features.sender is None else features.sender,
        features.recipient,
        features.subject,
        json.dumps(features.leads),
    )
