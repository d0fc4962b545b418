"""Client sessions of an SMTP log: what became of a queue file at a remote server."""

from dataclasses import dataclass
from enum import Enum

from playbook.smtplog.refusals import telling_refusal


class DeliveryOutcome(Enum):
    """What a remote server made of one delivery attempt."""

    ACCEPTED = "accepted"
    NOT_ACCEPTED = "not accepted"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Delivery:
    """A client session: one attempt to hand a queue file, named by its stem, to a remote server.

    `refusals` are what the remote server said when it refused something, for now or for good, the
    lines of a reply in one; the first eight.
    """

    at_s: int | None
    message_id: str
    stem: str
    address: str
    outcome: DeliveryOutcome
    refusals: tuple[str, ...] = ()

    @property
    def refusal(self) -> str:
        """The refusal that tells most, `""` where nothing was refused."""
        return telling_refusal(self.refusals)
