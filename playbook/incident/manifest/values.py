"""What a manifest holds: files, clusters of them, and counts, as frozen values."""

from dataclasses import dataclass
from enum import Enum

from playbook.mail.survey import Role
from playbook.triage.clusters import ClusterKey
from playbook.triage.verdicts import Verdict


@dataclass(frozen=True)
class QueuedFile:
    """A file of the queue as the manifest holds it.

    `role` is the queue folder's, `folder` where it was set aside, `path` relative to that, bytes
    as on disk. `verdict` is good where it was given back, else the person's where one decided,
    else the sorting's. `cluster` is the id of a cluster, or "". `given` is "" or says that the
    file was given back ("published"), or that it cannot be ("kept").
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
    """How many files have each verdict; `doubtful` counts those that no person decided.

    `given` counts those that were given back: all of them are among the `good`.
    """

    spam: int = 0
    good: int = 0
    doubtful: int = 0
    not_a_message: int = 0
    decisions_open: int = 0
    given: int = 0

    @property
    def whole(self) -> int:
        """How many files there are of any verdict."""
        return self.spam + self.good + self.doubtful + self.not_a_message

    def __str__(self) -> str:
        return (
            f"{self.whole:,} files: {self.spam:,} spam, {self.good:,} good, "
            f"{self.doubtful:,} doubtful in {self.decisions_open} clusters, "
            f"{self.not_a_message:,} not a message"
        )


@dataclass(frozen=True)
class Part:
    """A part that a person made of a cluster: the files of one value of a trait.

    `by` is the trait in a word, `number` counts the parts from one. `value` is as a mail has it,
    or None for all files of other values.
    """

    by: str
    number: int
    value: str | None


@dataclass(frozen=True)
class Cluster:
    """Files that wait for one decision; `decided` is the person's verdict, if there is one.

    `parts` says, outermost first, which part of the sorting's cluster it is; () for the whole.
    """

    id: str
    key: ClusterKey
    parts: tuple[Part, ...]
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


@dataclass(frozen=True)
class Waiting:
    """What of the mail still waits for somebody, in files.

    `good` was not given back yet; `decided` are those of it that a person decided. `kept` could
    not be given back. `doubtful` waits for so many decisions in `clusters`.
    """

    good: int
    decided: int
    kept: int
    doubtful: int
    clusters: int

    @property
    def whole(self) -> int:
        """How many files there are of all kinds."""
        return self.good + self.kept + self.doubtful


@dataclass(frozen=True)
class Misuse:
    """What log and queue show of a misuse; None and () where they do not tell.

    Times are seconds since 1970 on the server's wall clock: when the first spam was sent or queued
    and when the last. `addresses` are those it was handed in from, the first thousand of
    `address_count`. Over the days of the log that were read, `messages` were handed in from there
    to so many `recipients`, and remote servers `accepted` so many files of them.
    """

    began_at_s: int | None
    last_at_s: int | None
    addresses: tuple[str, ...]
    address_count: int
    messages: int | None
    recipients: int | None
    accepted: int | None


class Trait(Enum):
    """In what the files of a cluster may differ."""

    SENDER = "sender"
    ACCOUNT = "account"
    ADDRESS = "address"
    RECIPIENT = "recipient"
    RECIPIENT_DOMAIN = "recipient domain"
    SUBJECT = "subject"
    DAY = "day"
    REASON = "reason"
    LEAD = "link"

    @property
    def is_list(self) -> bool:
        """Whether a file may have several values of it."""
        return self in (Trait.REASON, Trait.LEAD)
