"""What a look at a server from outside found: one sentence a point, with how it stands."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How a point stands.

    `ABSENT` is something that a domain may publish and does not: it helps, and its absence is no
    fault. `UNKNOWN` is never as good as `HOLDS`.
    """

    HOLDS = "holds"
    DIFFERS = "differs"
    ABSENT = "not published"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Finding:
    """One point: of what, how it stands, what was seen, and what to do about it ("": nothing)."""

    subject: str
    topic: str
    state: State
    what: str
    next: str = ""
