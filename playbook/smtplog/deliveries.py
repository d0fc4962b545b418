"""Client sessions of an SMTP log: what became of a queue file at a remote server."""

from dataclasses import dataclass
from enum import Enum


class DeliveryOutcome(Enum):
    """What a remote server made of one delivery attempt."""

    ACCEPTED = "accepted"
    NOT_ACCEPTED = "not accepted"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Delivery:
    """A client session: one attempt to hand a queue file, named by its stem, to a remote server.

    ``refusal`` is what the remote server said last when it refused something, for now or for good,
    all its lines in one; ``""`` where it refused nothing.
    """

    at_s: int | None
    message_id: str
    stem: str
    address: str
    outcome: DeliveryOutcome
    refusal: str = ""
