"""The ways in which a queue and its log may be written: the product's own are not published."""

from dataclasses import dataclass
from enum import Enum
from time import gmtime, localtime, strftime

from playbook.drill.smtplog import smtp_date


class BlockStyle(Enum):
    """How the lines above the message are written."""

    PLAIN = "key: value"
    EQUALS = "key=value"
    BLANK = "key: value, then a blank line"
    NONE = "no block"


class LogTime(Enum):
    """How the log writes the time."""

    CLOCK = "%H:%M:%S"
    SCIENTIFIC = "%Y-%m-%d %H:%M:%S"
    RFC822 = "%a, %d %b %Y %H:%M:%S +0200"
    DETAILED = "%H:%M:%S.123"


class Masking(Enum):
    """What the log shows of a login."""

    NOTHING = "nothing masked"
    PASSWORD = "password masked"  # noqa: S105
    LOGIN = "name and password masked"


@dataclass(frozen=True, slots=True)
class Style:
    """How a scene is written down.

    `is_local` shows times on this machine's own clock, as its running services do; else the
    same seed writes the same bytes anywhere.
    """

    block: BlockStyle = BlockStyle.PLAIN
    time: LogTime = LogTime.CLOCK
    masking: Masking = Masking.NOTHING
    has_stem_ids: bool = False
    has_logs: bool = True
    is_local: bool = False

    def clock(self, at_s: int, shape: str) -> str:
        """A Unix time in some shape of `strftime`."""
        return strftime(shape, localtime(at_s) if self.is_local else gmtime(at_s))

    def date(self, at_s: int) -> str:
        """A Unix time as a message's date (RFC 5322)."""
        if self.is_local:
            return smtp_date(at_s)
        return strftime("%a, %d %b %Y %H:%M:%S +0200", gmtime(at_s))
