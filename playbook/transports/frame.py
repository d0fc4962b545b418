"""How an answer is written on the wire, whatever the shell that wrote it.

An answer is ASCII lines, a record each: a kind, then fields. A field of harmless characters
stands as it is; any other is `~` and its bytes in hexadecimal. The last record has the size and
the sum of those before it; without it the answer is no answer, whatever the exit status.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from playbook.errors import AnswerUnreadable

# What a server may answer at the most; a script is asked for counts and samples, not for mail.
LIMIT_BYTES: Final = 64 * 1024 * 1024

_SAMPLE_BYTES: Final = 120
_REVERSED: Final = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


@dataclass(frozen=True)
class ScriptRecord:
    """One line of an answer: its kind, and its fields (bytes that are not UTF-8 as surrogates)."""

    kind: str
    fields: tuple[str, ...]


class Decoder:
    """The records of an answer, as it comes.

    A record is handed on when its line is whole. What makes the answer whole is the last record,
    and `finish` asks for it: who acts on records before has to be able to begin again. Lines
    before the mark `begin` are left out: some login shells print a greeting.
    """

    def __init__(self, limit_bytes: int | None = None) -> None:
        self._limit_bytes = limit_bytes
        self._parts: list[bytes] = []
        self._held_bytes = self._size_bytes = self._came_bytes = 0
        self._sum = Cksum()
        self._begun = False
        self._last: list[bytes] | None = None
        self._tail = b""

    @property
    def has_ended(self) -> bool:
        """Whether the last record has come."""
        return self._last is not None

    def feed(self, piece: bytes) -> Iterator[ScriptRecord]:
        """Take the next bytes, cut anywhere, and give the records that they make whole.

        Raises `AnswerUnreadable` for a line longer than `LIMIT_BYTES`, or where all of it is
        longer than its limit, if it has one.
        """
        self._came_bytes += len(piece)
        self._tail = (self._tail + piece[-_SAMPLE_BYTES:])[-_SAMPLE_BYTES:]
        *lines, rest = piece.split(b"\n")
        for line in lines:
            whole = b"".join((*self._parts, line))
            self._parts, self._held_bytes = [], 0
            yield from self._line(whole.removesuffix(b"\r"))
        if rest:
            self._parts.append(rest)
            self._held_bytes += len(rest)
        longest = self._held_bytes if self._limit_bytes is None else self._came_bytes
        if longest > (self._limit_bytes or LIMIT_BYTES):
            raise AnswerUnreadable("The answer is longer than any answer may be")

    def finish(self) -> None:
        """Raise `AnswerUnreadable` where the last record is missing or does not match."""
        size, total = [*(self._last or ()), b"", b""][:2]
        if size != b"%d" % self._size_bytes:
            raise AnswerUnreadable("The server's answer has no end", self._sample())
        if total != b"%d" % self._sum.value:
            raise AnswerUnreadable("The server's answer does not match its sum", self._sample())

    def _line(self, line: bytes) -> Iterator[ScriptRecord]:
        if self._last is not None:
            return
        if not self._begun:
            self._begun = line == b"begin"
        elif line == b"end" or line.startswith(b"end "):
            self._last = line.split()[1:]
        else:
            self._size_bytes += len(line) + 1
            self._sum.add(line + b"\n")
            yield _record(line)

    def _sample(self) -> str:
        return f"{self._came_bytes} bytes came, ending in {self._tail!r}"


def _record(line: bytes) -> ScriptRecord:
    kind, *fields = line.decode("ascii", "replace").split(" ")
    return ScriptRecord(kind, tuple(_field(field) for field in fields))


def _field(field: str) -> str:
    if not field.startswith("~"):
        return field
    try:
        return bytes.fromhex(field[1:]).decode("utf-8", "surrogateescape")
    except ValueError as error:
        raise AnswerUnreadable("A field of the server's answer is not hexadecimal") from error


class Cksum:
    """The sum that the POSIX utility `cksum` prints (the only one every server has).

    Source: IEEE Std 1003.1, cksum: CRC-32 over the data, then over its length, complemented. It is
    zlib's CRC-32 with the bits of every byte, and of the sum, in the other order: both ends have
    it in compiled code.
    """

    def __init__(self) -> None:
        self._register = 0xFFFFFFFF
        self._size_bytes = 0

    def add(self, data: bytes) -> None:
        """Take the next bytes."""
        self._register = zlib.crc32(data.translate(_REVERSED), self._register)
        self._size_bytes += len(data)

    @property
    def value(self) -> int:
        """The sum of what was taken up to now."""
        size = self._size_bytes.to_bytes((self._size_bytes.bit_length() + 7) // 8, "little")
        return int(f"{zlib.crc32(size.translate(_REVERSED), self._register):032b}"[::-1], 2)


def posix_cksum(data: bytes) -> int:
    """What `cksum` prints of these bytes."""
    made = Cksum()
    made.add(data)
    return made.value
