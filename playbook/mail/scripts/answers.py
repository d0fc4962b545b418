"""The records that a script answers with, gathered by kind and bounded."""

import base64
import binascii
import gzip
import io
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from playbook.errors import AnswerUnreadable, ServerRefused
from playbook.mail.lease import said_of
from playbook.text import one_line
from playbook.transports.frame import ScriptRecord

# A log excerpt may not grow past this when it is unpacked, whatever the server sends.
_LOG_BYTES: Final = 64 * 1024 * 1024

# Every word with which a script may refuse.
REFUSALS: Final = {
    "lease": "The lease on the server is no longer ours",
    "held": "Somebody else holds the lease on the server",
    "busy": "Another script is still at work on the server",
    "cut": "The line was cut before the whole script had come",
    "folder": "The folder for the incident cannot be made on the server",
    "watchdog": "The SMTP watchdog cannot be switched",
    "running": "SMTP is still running",
    "start": "SMTP did not start",
    "policy": "The server refused the new password",
    "hangs": "The product's tool hangs",
    "unchanged": "The setting did not take",
    "exists": "The folder's new name is taken",
    "absent": "The folder is not there",
    "logs": "The folder of the logs is not there",
    "gone": "The file is not there, or is no regular file",
    "path": "The path leads out of its folder",
    "link": "A link lies there, and links are not followed",
    "rename": "The folder cannot be renamed",
    "list": "The list of files did not come whole",
    "staging": "The staging folder on the server cannot be used",
    "rights": "The rights of the mail tree's owner cannot be taken",
    "owner": "A file cannot be given the owner that its siblings have",
    "volume": "Staging and live queue do not lie on one volume",
    "full": "The queue's volume is full; what was given back before stays given back",
    "helper": "The script that gives mail back broke off",
    "notempty": "The folder is not empty",
    "stem": "No name is free in the live queue",
    "sums": "The server cannot make the SHA-256 of a file",
}


# What these say is a lease as it is written, with the token that nobody is shown.
_OF_THE_LEASE: Final = ("lease", "held")


def number(text: str) -> int | None:
    """A decimal number, or None for anything else that a server may say."""
    return int(text) if text.isdecimal() and len(text) < 20 else None


def is_on(text: str) -> bool:
    """A boolean as the product writes it: 0 and 1, or words."""
    return text.strip().lower() in ("1", "true", "yes")


def refusal(records: Iterable[ScriptRecord]) -> ServerRefused | None:
    """The refusal among the records of an answer, in a person's words."""
    for record in records:
        if record.kind == "refused":
            reason, said = (*record.fields, "", "")[:2]
            what = REFUSALS.get(reason, f"The script refused ({shown(reason, 40)})")
            because = said_of(said) if reason in _OF_THE_LEASE else said
            return ServerRefused(reason, what, shown(because))
    return None


def shown(text: str, limit: int = 300) -> str:
    """What a server said, bounded and without what a terminal would obey."""
    return one_line(text, limit)


@dataclass(frozen=True)
class Answers:
    """The records of a survey, by kind."""

    by_kind: Mapping[str, Sequence[tuple[str, ...]]]

    def all(self, kind: str, width: int) -> tuple[tuple[str, ...], ...]:
        """The fields of every record of a kind, filled up to `width`."""
        return tuple((*fields, *[""] * width)[:width] for fields in self.by_kind.get(kind, ()))

    def one(self, kind: str, width: int) -> tuple[str, ...]:
        """The fields of the one record of a kind; raises `AnswerUnreadable` without it."""
        found = self.all(kind, width)
        if not found:
            raise AnswerUnreadable(f"The survey says nothing of {kind}")
        return found[-1]


def gathered(records: Iterable[ScriptRecord]) -> Answers:
    """Records, by kind."""
    by_kind: dict[str, list[tuple[str, ...]]] = {}
    for record in records:
        by_kind.setdefault(record.kind, []).append(record.fields)
    return Answers(by_kind)


def unpacked(packing: str, text: str) -> bytes:
    """An excerpt of a file as it was sent; bounded, and empty where it cannot be read."""
    try:
        if packing == "hex":
            return bytes.fromhex(text)
        with gzip.open(io.BytesIO(base64.b64decode(text))) as file:
            return file.read(_LOG_BYTES)
    except (ValueError, binascii.Error, OSError, EOFError, zlib.error):
        return b""
