"""The text of a log file as it comes in pieces: plain, UTF-16, or packed as gzip or zip.

What a file is, its first bytes tell, not its name. Nothing is held but a piece, and nothing is
unpacked without end: a file that unpacks to far more than logs do is given up.
"""

import codecs
import struct
import zlib
from collections.abc import Iterable, Iterator
from typing import Final

_SPARE_BYTES: Final = 64 << 20
_MOST_TIMES: Final = 200
_PIECE_BYTES: Final = 1 << 20
_SAMPLE_BYTES: Final = 64
_MOST_MEMBERS: Final = 10_000
_LOCAL_HEADER: Final = struct.Struct("<4xHHHHHIIIHH")
_PACKERS: Final = {
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
    b"7z\xbc\xaf": "7-Zip",
    b"Rar!": "rar",
    b"\x28\xb5\x2f\xfd": "zstd",
}


class NotReadable(ValueError):
    """A log's bytes cannot be read further; the text says why, to stand behind `because`."""


class _Source:
    """Pieces of bytes, read by size; counts what was taken of them."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._held = b""
        self.taken = 0

    def peek(self, size: int) -> bytes:
        """The next bytes, fewer only at the end; they stay."""
        while len(self._held) < size:
            piece = next(self._pieces, None)
            if piece is None:
                break
            self._held += piece
        return self._held[:size]

    def take(self, size: int) -> bytes:
        """The next bytes, fewer only at the end."""
        data = self.peek(size)
        self._held = self._held[len(data) :]
        self.taken += len(data)
        return data

    def any(self) -> bytes:
        """Whatever is at hand, `b""` only at the end."""
        self.peek(1)
        return self.take(min(len(self._held), _PIECE_BYTES))

    def give_back(self, data: bytes) -> None:
        """Put bytes back that were taken too many."""
        self._held = data + self._held
        self.taken -= len(data)


def plain_logs(pieces: Iterable[bytes], name: str) -> Iterator[tuple[str, Iterator[bytes]]]:
    """The logs in a file, each with its name and its text in pieces, UTF-8 where it was UTF-16.

    A zip may hold several. Each must be read before the next. Raises `NotReadable` in the middle
    too; what came before it is good.
    """
    source = _Source(pieces)
    head = source.peek(8)
    if head.startswith(b"PK\x03\x04"):
        yield from _members(source)
        return
    for mark, packer in _PACKERS.items():
        if head.startswith(mark):
            raise NotReadable(f"it is packed by {packer}: unpack it first")
    if head.startswith(b"\x1f\x8b"):
        yield name, _plain_text(_unzipped(source))
    else:
        yield name, _plain_text(iter(source.any, b""))


def _plain_text(pieces: Iterator[bytes]) -> Iterator[bytes]:
    first = b""
    while len(first) < _SAMPLE_BYTES and (piece := next(pieces, None)) is not None:
        first += piece
    encoding, mark = _encoding(first)
    first = first[mark:]
    if not encoding:
        yield first
        yield from pieces
        return
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    yield decoder.decode(first).encode("utf-8", "replace")
    for piece in pieces:
        yield decoder.decode(piece).encode("utf-8", "replace")


def _encoding(first: bytes) -> tuple[str, int]:
    """The encoding where it is not plain, and how many bytes its mark has."""
    if first.startswith(codecs.BOM_UTF8):
        return "", 3
    for encoding, mark in (("utf-16-le", codecs.BOM_UTF16_LE), ("utf-16-be", codecs.BOM_UTF16_BE)):
        if first.startswith(mark):
            return encoding, 2
    sample = first[:_SAMPLE_BYTES]
    if len(sample) >= 16 and not any(sample[1::2]) and all(sample[::2]):
        return "utf-16-le", 0
    if len(sample) >= 16 and not any(sample[::2]) and all(sample[1::2]):
        return "utf-16-be", 0
    return "", 0


def _unzipped(source: _Source) -> Iterator[bytes]:
    """The members of a gzip file, one after the other."""
    given = 0
    while source.peek(2) == b"\x1f\x8b":
        for piece in _inflated(source, zlib.MAX_WBITS | 16):
            given += len(piece)
            _refuse_bomb(given, source.taken)
            yield piece


def _members(source: _Source) -> Iterator[tuple[str, Iterator[bytes]]]:
    for _ in range(_MOST_MEMBERS):
        if source.peek(4) != b"PK\x03\x04":
            return
        header = source.take(30)
        if len(header) < 30:
            raise NotReadable("the zip is cut off")
        _, flags, method, _, _, _, packed, _, name_bytes, extra = _LOCAL_HEADER.unpack(header)
        name = source.take(name_bytes).decode("utf-8", "replace")
        source.take(extra)
        if flags & 1:
            raise NotReadable("the zip asks for a password: unpack it first")
        pieces = _member(source, method, packed, is_size_behind=bool(flags & 8))
        yield name, _plain_text(pieces)
        for _ in pieces:
            pass
        _skip_descriptor(source)
    raise NotReadable(f"the zip holds more than {_MOST_MEMBERS:,} files")


def _member(source: _Source, method: int, packed: int, *, is_size_behind: bool) -> Iterator[bytes]:
    begin, given = source.taken, 0
    if method == 8:
        for piece in _inflated(source, -zlib.MAX_WBITS):
            given += len(piece)
            _refuse_bomb(given, source.taken - begin)
            yield piece
        return
    if method != 0 or is_size_behind or packed == 0xFFFFFFFF:
        raise NotReadable("the zip is of a kind that is not read: unpack it first")
    while packed:
        piece = source.take(min(packed, _PIECE_BYTES))
        if not piece:
            raise NotReadable("the zip is cut off")
        packed -= len(piece)
        yield piece


def _skip_descriptor(source: _Source) -> None:
    """Sizes may stand behind a member: at most 24 bytes, and then the next header."""
    at = source.peek(28).find(b"PK", 1 if source.peek(4) == b"PK\x07\x08" else 0)
    if at > 0:
        source.take(at)


def _inflated(source: _Source, window: int) -> Iterator[bytes]:
    packer = zlib.decompressobj(window)
    try:
        while not packer.eof:
            data = source.any()
            if not data:
                raise NotReadable("what is packed in it is cut off")
            yield packer.decompress(data, _PIECE_BYTES)
            while packer.unconsumed_tail and not packer.eof:
                yield packer.decompress(packer.unconsumed_tail, _PIECE_BYTES)
    except zlib.error as error:
        raise NotReadable("what is packed in it is damaged") from error
    source.give_back(packer.unused_data)


def _refuse_bomb(given: int, taken: int) -> None:
    if given > _SPARE_BYTES + _MOST_TIMES * taken:
        raise NotReadable(f"it unpacks to more than {_MOST_TIMES} times its size")
