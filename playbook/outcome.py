"""How a step ended: a closed set, matched exhaustively."""

from enum import StrEnum


class Outcome(StrEnum):
    """How a step ended."""

    HOLDS = "holds"
    CHANGED = "changed"
    SKIPPED = "skipped"
    REFUSED = "refused"
    FAILED = "failed"
    UNDONE = "undone"
    UNKNOWN = "unknown"

    @property
    def good(self) -> bool:
        """Whether the sentence of the step is true of the server now."""
        return self in (Outcome.HOLDS, Outcome.CHANGED)
