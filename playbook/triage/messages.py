"""One queue file: the envelope block at its top, its headers, and the server's own trace line.

The layout of the block is not published. The vendor's note KB 320 says only that some lines stand
above the message, one of them beginning with `original sender`. So `key: value`, `key=value`,
a blank line after the block and no block at all are all read.
"""

import re
from dataclasses import dataclass
from string import ascii_lowercase, ascii_uppercase
from typing import Final


@dataclass(frozen=True, slots=True)
class Envelope:
    """The block above the message. `None` means that no such line is there, `""` an empty one.

    `original_sender` is the account that logged in, `sender` the MAIL FROM. Only the first
    four recipients are kept, all are counted.
    """

    original_sender: str | None
    sender: str | None
    recipients: tuple[str, ...]
    recipient_count: int
    message_id: str


@dataclass(frozen=True, slots=True)
class Trace:
    """The server's own `Received` line: the client, whether it logged in, the server's id."""

    client_name: str
    client_address: str
    server_name: str
    is_authenticated: bool
    message_id: str


@dataclass(frozen=True, slots=True)
class QueueMessage:
    """A queue file taken apart; `headers` has lower-case names and the first value of each.

    A sign of a header's value is a byte of it (Latin-1), so that bounds and rules go by bytes.
    `has_whole_head` tells whether the blank line after the headers was seen.
    """

    envelope: Envelope | None
    trace: Trace | None
    headers: dict[str, str]
    has_whole_head: bool
    body: bytes


def text_of(raw: bytes) -> str:
    """What a file says, as text; what is not UTF-8 becomes a sign for it."""
    return raw.decode("utf-8", "replace")


_ADDRESS: Final = re.compile(
    r"<([^<>\s]{1,254})>|([^\s<>\"(),;:]{1,64}@[^\s<>\"(),;:]{1,190})", re.A
)


_LOWER: Final = str.maketrans(ascii_uppercase, ascii_lowercase)


def address_in(header: str) -> str:
    """The first address in a header's value, its ASCII letters lower case, or `""`."""
    found = _ADDRESS.search(header[:1000])
    return (found.group(1) or found.group(2)).translate(_LOWER) if found else ""
