"""Features of a queue of any size, kept in a temporary file."""

import tempfile
from collections.abc import Iterable, Iterator
from typing import Self

import msgspec

from playbook.triage.features import Features


class SpooledFeatures:
    """Features kept in a temporary file, so that a queue of any size can be iterated again."""

    def __init__(self, features: Iterable[Features]) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by __exit__
        encoder, length_bytes = msgspec.msgpack.Encoder(), 4
        for each in features:
            packed = encoder.encode(each)
            self._file.write(len(packed).to_bytes(length_bytes, "big") + packed)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def __iter__(self) -> Iterator[Features]:
        decoder = msgspec.msgpack.Decoder(Features)
        position = 0
        while True:
            self._file.seek(position)
            block = self._file.read(1 << 22)
            start = 0
            while len(block) - start >= 4:
                end = start + 4 + int.from_bytes(block[start : start + 4], "big")
                if end > len(block):
                    break
                yield decoder.decode(memoryview(block)[start + 4 : end])
                start = end
            if start == 0:
                return
            position += start
