"""How a script, its values and its answer are written on the wire.

The remote command line is a constant, `COMMAND`: a loop of shell built-ins that reads the
script from standard input up to a mark and evaluates it whole. What follows the mark stays on
standard input as data, and a script that was cut on the way is never begun. (`sh -s` would do
neither: a shell may read ahead into the values, and runs a script line by line as it comes.)

An answer is ASCII lines, a record each: a kind, then fields. A field of harmless characters
stands as it is; any other is `~` and its bytes in hexadecimal. The last record counts and sums
up those before it; without it the answer is no answer, whatever the exit status.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from playbook.errors import AnswerUnreadable, BadInput
from playbook.secret import Secret

_LOOP: Final = (
    'while IFS= read -r l; do [ "$l" = "# begin" ] && break; done; s=; '
    'while IFS= read -r l; do [ "$l" = "# end" ] && { eval "$s"; exit; }; s="$s$l\n"; done; exit 90'
)
COMMAND: Final = ("sh", "-c", _LOOP)

Value = str | int | Secret

# What a server may answer at the most; a script is asked for counts and samples, not for mail.
LIMIT_BYTES: Final = 64 * 1024 * 1024


@dataclass(frozen=True)
class Record:
    """One line of an answer: its kind, and its fields (bytes that are not UTF-8 as surrogates)."""

    kind: str
    fields: tuple[str, ...]


def encode(script: str, values: Mapping[str, Value], lines: Iterable[str]) -> bytes:
    """What is written to standard input: the script, its values by name, then lines of data.

    Raises `BadInput` for a value with a line end or a NUL, which no script could read back.
    """
    pairs = []
    for name, value in values.items():
        text = value.reveal() if isinstance(value, Secret) else str(value)
        if any(sign in text for sign in "\n\r\0"):
            raise BadInput(f"The value of {name} cannot be sent", "it holds a line end or a NUL")
        pairs.append(f"{name}={text}")
    parts = ["# begin", script.rstrip("\n"), "# end", *pairs, ".", *lines, "."]
    return ("\n".join(parts) + "\n").encode("utf-8", "surrogateescape")


def decode(output: bytes) -> tuple[Record, ...]:
    """The records of a whole answer, its last one checked and left out.

    Raises `AnswerUnreadable` where the last record is missing or does not match. Lines before
    the mark `begin` are left out: some login shells print a greeting.
    """
    text = output.replace(b"\r\n", b"\n")
    start = 0 if text.startswith(b"begin\n") else text.find(b"\nbegin\n") + 1
    body, mark, last = text[start:].partition(b"begin\n")[2].rpartition(b"end ")
    count, total = [*last.split(), b"", b""][:2]
    lines = body.splitlines()
    if not mark or not last.endswith(b"\n") or count != b"%d" % len(lines):
        raise AnswerUnreadable("The server's answer has no end", _sample(output))
    if total != b"%d" % posix_cksum(body):
        raise AnswerUnreadable("The server's answer does not match its sum", _sample(output))
    return tuple(_record(line) for line in lines)


def _record(line: bytes) -> Record:
    kind, *fields = line.decode("ascii", "replace").split(" ")
    return Record(kind, tuple(_field(field) for field in fields))


def _field(field: str) -> str:
    if not field.startswith("~"):
        return field
    try:
        return bytes.fromhex(field[1:]).decode("utf-8", "surrogateescape")
    except ValueError as error:
        raise AnswerUnreadable("A field of the server's answer is not hexadecimal") from error


def _sample(output: bytes) -> str:
    return f"{len(output)} bytes came, ending in {output[-120:]!r}"


def _table() -> tuple[int, ...]:
    sums = []
    for byte in range(256):
        value = byte << 24
        for _ in range(8):
            value = (value << 1) ^ (0x04C11DB7 if value & 0x80000000 else 0)
        sums.append(value & 0xFFFFFFFF)
    return tuple(sums)


_TABLE: Final = _table()


def posix_cksum(data: bytes) -> int:
    """The sum that the POSIX utility `cksum` prints (the only one every server has).

    Source: IEEE Std 1003.1, cksum: CRC over the data, then over its length, complemented.
    """
    value = 0
    length = len(data)
    tail = length.to_bytes((length.bit_length() + 7) // 8, "little")
    for byte in data + tail:
        value = ((value << 8) & 0xFFFFFFFF) ^ _TABLE[(value >> 24) ^ byte]
    return value ^ 0xFFFFFFFF
