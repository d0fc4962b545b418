"""How a caller is told of the progress of what takes long."""

from collections.abc import Callable

Tell = Callable[[str], None]
"""Called with each line of progress that a script writes while it works."""


def untold(line: str) -> None:
    """A `Tell` for a caller that shows no progress."""
