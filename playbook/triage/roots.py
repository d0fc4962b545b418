"""Which values belong together: a union-find over 32-bit numbers, bounded."""

from collections.abc import Sequence


class Roots:
    """Sets of values that were seen together; each is known by one of its values."""

    __slots__ = ("_limit", "_parents")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._parents: dict[int, int] = {}

    def unite(self, values: Sequence[int]) -> None:
        """Put these values into one set; nothing new is taken in beyond the limit."""
        if not values or len(self._parents) >= self._limit:
            return
        root = self.of(values[0])
        self._parents.setdefault(root, root)
        for value in values[1:]:
            self._parents[self.of(value)] = root

    def of(self, value: int) -> int:
        """The value that stands for the set of this one; itself where it was never united."""
        parents = self._parents
        root = value
        while (parent := parents.get(root, root)) != root:
            root = parent
        while parents.get(value, root) != root:
            parents[value], value = root, parents[value]
        return root

    def __contains__(self, value: int) -> bool:
        return value in self._parents
