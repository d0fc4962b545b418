"""The blocks that a long answer comes in: each is checked by itself when it is there.

A record `block PACKING WRITING SUM DATA`: packed by gzip, whose own CRC-32 checks it (RFC 1952),
or plain, and then the sum is that of the utility `cksum` over the text; written in base64 or in
hexadecimal. The last record
of all, `done COUNT BLOCKS`, tells that the work there came to its end.
"""

import base64
import zlib
from typing import Final

from playbook.errors import AnswerUnreadable
from playbook.transports.frame import LIMIT_BYTES, ScriptRecord, posix_cksum

_GZIP: Final = 16 + zlib.MAX_WBITS


class Blocks:
    """The blocks of one answer, and what they come to."""

    def __init__(self) -> None:
        self.count = 0
        self._has_ended = False

    def unpacked(self, record: ScriptRecord) -> bytes:
        """The bytes of a block; raises `AnswerUnreadable` for one that is damaged or too long."""
        self.count += 1
        if len(record.fields) != 4:
            raise AnswerUnreadable(f"Block {self.count} of the server's answer is not understood")
        packing, writing, total, text = record.fields
        try:
            data = bytes.fromhex(text) if writing == "hex" else base64.b64decode(text)
            return _inflated(data) if packing == "gzip" else _summed(data, text, total)
        except (ValueError, zlib.error) as error:
            what = f"Block {self.count} of the server's answer is damaged"
            raise AnswerUnreadable(what, str(error)) from error

    def end(self, record: ScriptRecord, count: int) -> None:
        """Take a record that is no block: the last one, which must tell what really came."""
        if record != ScriptRecord("done", (str(count), str(self.count))):
            came = f"{count} and {self.count} blocks came, and the server said {record}"
            raise AnswerUnreadable("The server's answer is not what it says it is", came)
        self._has_ended = True

    def require_end(self) -> None:
        """Raise `AnswerUnreadable` where the work on the server did not come to its end."""
        if not self._has_ended:
            raise AnswerUnreadable("The work on the server ended before it was done")


def _inflated(packed: bytes) -> bytes:
    inflating = zlib.decompressobj(_GZIP)
    data = inflating.decompress(packed, LIMIT_BYTES)
    if not inflating.eof or inflating.unused_data:
        raise ValueError("it is longer or shorter than a block may be")
    return data


def _summed(data: bytes, text: str, total: str) -> bytes:
    if total != str(posix_cksum(text.encode())):
        raise ValueError("it does not match its sum")
    return data
