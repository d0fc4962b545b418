"""How a step ended: a closed set, matched exhaustively."""

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """How a step ended."""

    HOLDS = "holds"
    CHANGED = "changed"
    SKIPPED = "skipped"
    REFUSED = "refused"
    FAILED = "failed"
    UNDONE = "undone"
    UNPROVEN = "not proven"
    UNKNOWN = "unknown"

    @property
    def good(self) -> bool:
        """Whether the sentence of the step is true of the server now."""
        return self in (Outcome.HOLDS, Outcome.CHANGED)


@dataclass(frozen=True)
class Ending:
    """How a step ended: what was seen or refused, because of what, and what to try next.

    The parts are kept apart: a remedy is no part of a fact. `because` and `next` may be "".
    """

    outcome: Outcome
    what: str
    because: str = ""
    next: str = ""

    @property
    def fact(self) -> str:
        """What happened and because of what, without a remedy."""
        return f"{self.what}, because {self.because}" if self.because else self.what
