"""A map from very many names to small numbers that takes about twelve bytes an entry."""

from array import array
from typing import Final, overload

Name = str | tuple[str, int]
MAX_VALUE: Final = (1 << 20) - 1
_VALUE_BITS: Final = 20
_FREE: Final = 0


class CompactMap:
    """Names to numbers up to 1,048,575, by a 44-bit hash of the name; the last value set wins.

    The names themselves are not kept: a name that was never set finds another one's number about
    once in ten million times when a million are held.
    """

    __slots__ = ("_size", "_slots")

    def __init__(self) -> None:
        self._slots = array("Q", bytes(8 << 10))
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def set(self, name: Name, value: int) -> None:
        """Remember the number under the name."""
        if self._size * 4 >= len(self._slots) * 3:
            self._grow()
        self._put(_mark(name), value)

    @overload
    def get(self, name: Name) -> int | None: ...

    @overload
    def get(self, name: Name, default: int) -> int: ...

    def get(self, name: Name, default: int | None = None) -> int | None:
        """The number under the name, or the default."""
        entry = self._slots[self._slot(_mark(name))]
        return default if entry == _FREE else entry & MAX_VALUE

    def __contains__(self, name: Name) -> bool:
        return self.get(name) is not None

    def _slot(self, mark: int) -> int:
        slots = self._slots
        mask = len(slots) - 1
        slot = (mark ^ (mark >> 22)) & mask
        while (entry := slots[slot]) != _FREE and entry >> _VALUE_BITS != mark:
            slot = (slot + 1) & mask
        return slot

    def _put(self, mark: int, value: int) -> None:
        slot = self._slot(mark)
        self._size += self._slots[slot] == _FREE
        self._slots[slot] = mark << _VALUE_BITS | value

    def _grow(self) -> None:
        slots = self._slots
        self._slots = array("Q", bytes(len(slots) * 16))
        self._size = 0
        for entry in slots:
            if entry != _FREE:
                self._put(entry >> _VALUE_BITS, entry & MAX_VALUE)


def _mark(name: Name) -> int:
    return (hash(name) & 0xFFFFFFFFFFF) or 1
