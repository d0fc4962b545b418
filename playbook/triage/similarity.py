"""Near-duplicate texts: a bottom-k MinHash over shingles of three words, and counts of its values.

The hash is CRC-32 a word, mixed with three odd constants a shingle, so that any language on any
server computes the same values. Two texts share about as many of their smallest values as they
share shingles (Broder 1997). Nothing here compares pairs: a text is held against counts.
"""

import re
import struct
import zlib
from array import array
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice
from typing import Final

SKETCH_VALUES: Final = 16
MAX_WORDS: Final = 1500
MIN_WORDS: Final = 6
_MASK: Final = 0xFFFFFFFF
_WORD: Final = re.compile(rb"[A-Za-z\x80-\xff]{2,40}")
_CHUNK_BYTES: Final = 4096
_MULTIPLIER: Final = 0x9E3779B1


def sketch_of(text: bytes) -> tuple[int, ...]:
    """The sixteen smallest shingle hashes, 32 bits each, ascending; empty below six words.

    `text` is UTF-8; a word is a run of ASCII letters and of bytes outside ASCII.
    """
    hashes = [_word_hash(word) for word in islice(words_in(text), MAX_WORDS)]
    if len(hashes) < MIN_WORDS:
        return ()
    shingles = {
        (first * _MULTIPLIER + second * 0x85EBCA77 + third * 0xC2B2AE3D) & _MASK
        for first, second, third in zip(hashes, hashes[1:], hashes[2:], strict=False)
    }
    return tuple(sorted(shingles)[:SKETCH_VALUES])


def words_in(text: bytes) -> Iterator[bytes]:
    """The words of a text in UTF-8, as they are compared but for the case of their letters."""
    return (found.group() for found in _WORD.finditer(text))


@lru_cache(maxsize=1 << 15)
def _word_hash(word: bytes) -> int:
    return zlib.crc32(word.lower())


def checksum_of(data: bytes) -> int:
    """A checksum of 32 bits that every language has the fast half of: sums of 32-bit words.

    The little-endian words of each 4 KiB are added, the last word filled with zeros; the sums
    are the coefficients of a polynomial, so that the order of the pieces counts.
    """
    total = 0
    for start in range(0, len(data), _CHUNK_BYTES):
        chunk = data[start : start + _CHUNK_BYTES]
        chunk += bytes(-len(chunk) % 4)
        total = (total * _MULTIPLIER + sum(struct.unpack(f"<{len(chunk) // 4}I", chunk))) & _MASK
    return total


class ValueCounts:
    """How often each 32-bit value was seen, in a table of fixed size.

    Values that fall on one slot share its count, so a count is never too small. A count stops at
    65,535. Slots: 4,194,304, which is 8 MiB.
    """

    __slots__ = ("_counts",)
    _SLOT_BITS = 22

    def __init__(self) -> None:
        self._counts = array("H", bytes(2 << self._SLOT_BITS))

    def add(self, values: Iterable[int]) -> None:
        """Count each value once more."""
        counts, mask = self._counts, (1 << self._SLOT_BITS) - 1
        for value in values:
            slot = value & mask
            if counts[slot] < 0xFFFF:
                counts[slot] += 1

    def of(self, value: int) -> int:
        """How often the value was seen, or a little more."""
        return self._counts[value & ((1 << self._SLOT_BITS) - 1)]
