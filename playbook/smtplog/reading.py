"""What the reading of logs came to, besides sessions and deliveries."""

from dataclasses import dataclass, field
from typing import Final

_SHOWN: Final = 20


@dataclass
class LogReading:
    """What the reading of logs came to, filled while they are read.

    `not_understood` counts lines that look like a log's and do not parse, or whose time does not;
    `unread` holds the names of files that were not read, or not to their end, each with the reason.
    """

    files: int = 0
    lines: int = 0
    not_understood: int = 0
    unread: list[tuple[str, str]] = field(default_factory=list)

    def leave(self, name: str, because: str) -> None:
        """Note that a file was not read, or not to its end."""
        self.unread.append((name, because))

    @property
    def sentences(self) -> tuple[str, ...]:
        """What to say of it before anything is concluded from the logs; names as they are."""
        said = [f"{name} was not read: {because}." for name, because in self.unread[:_SHOWN]]
        if len(self.unread) > _SHOWN:
            said.append(f"{len(self.unread) - _SHOWN:,} further files were not read either.")
        if self.not_understood:
            said.append(
                f"{self.not_understood:,} of {self.lines + self.not_understood:,} lines that look"
                " like a log's are not understood: what they tell is missing."
            )
        return tuple(said)
