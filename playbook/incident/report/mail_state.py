"""Whether mail works, as it was last seen in the incident."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from playbook.incident.incident import Incident
from playbook.incident.records import Closed, Did, Failed, Said, Undid
from playbook.mail.actions import SmtpStarted, SmtpStopped

UP: Final = "up"
DOWN: Final = "down"
UNKNOWN: Final = "not known"
_SEES_IT_UP: Final = ("start_smtp", "confirm_closed")


@dataclass(frozen=True)
class MailState:
    """`state` is "up", "down" or "not known" of SMTP; when that was seen last, and by what."""

    state: str
    seen_at: datetime | None
    because: str


def mail_state(incident: Incident) -> MailState:
    """By the journal alone: what was done to SMTP last, and whether it was seen afterwards."""
    found = MailState(UNKNOWN, None, "no step of this incident looked at it")
    for record in incident.journal.records:
        told = _told_by(record.said, record.step)
        if told:
            found = MailState(told[0], record.at, told[1])
    return found


def _told_by(said: Said, step: str) -> tuple[str, str] | None:
    match said:
        case Did(do=SmtpStarted()) | Undid(do=SmtpStarted()):
            return UP, said.said
        case Did(do=SmtpStopped()) | Undid(do=SmtpStopped()):
            return DOWN, said.said
        case Failed(do=SmtpStarted()) | Failed(do=SmtpStopped()):
            return UNKNOWN, str(said)
        case Closed() if step in _SEES_IT_UP and said.outcome.good:
            return UP, said.because
        case _:
            return None
