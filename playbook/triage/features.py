"""What triage keeps of one queue file: small, plain, and taken in one pass over its bytes."""

from dataclasses import dataclass
from enum import Enum


class FileKind(Enum):
    """What lies at a path of the queue; everything but a message gets no verdict of its text."""

    MESSAGE = "message"
    ENVELOPE = "an envelope file of the incoming queue"
    ORPHAN = "half of a pair in the incoming queue whose envelope is missing"
    FOREIGN = "not named like a queue file"
    EMPTY = "empty"
    HEADLESS = "no end of the message's headers in what was read of it"
    UNREADABLE = "not a regular file that can be read"


@dataclass(frozen=True, slots=True)
class Features:
    """One queue file as triage sees it; `path` is relative to the queue, bytes as on disk.

    `account` is the block's `original sender`: `None` without such a line, `""` with an
    empty one; `sender` the MAIL FROM in the same way. `is_incoming` marks a file of the
    incoming queue. `client_address` is `""` without the server's own trace line. `at_s` is
    the second in the stem, on the server's wall clock.
    """

    path: bytes
    kind: FileKind
    size_bytes: int
    stem: str = ""
    is_reserved: bool = False
    is_incoming: bool = False
    at_s: int = 0
    account: str | None = None
    sender: str | None = None
    recipient: str = ""
    recipient_count: int = 0
    message_id: str = ""
    client_name: str = ""
    client_address: str = ""
    is_authenticated: bool = False
    from_address: str = ""
    subject: str = ""
    is_report: bool = False
    is_cut: bool = False
    failed: tuple[str, ...] = ()
    returned_subject: str = ""
    leads: tuple[str, ...] = ()
    quoted_leads: tuple[str, ...] = ()
    attachments: tuple[int, ...] = ()
    sketch: tuple[int, ...] = ()
