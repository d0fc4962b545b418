"""Which files are SMTP logs, by their names, and of which day.

A log is called by its service's letter, the server's id, the day and a number:
`s0120130716-00.log` (source: vendor's help on logging). The letter may be left out in a folder
called `smtp`, the number may have three digits, and old logs are packed.
"""

import re
from calendar import timegm
from datetime import date
from enum import Enum
from typing import Final

_NAME: Final = re.compile(
    r"(?P<letter>[a-z]?)(?P<id>[0-9a-z]{0,2}?)(?P<day>(?:19|20)\d\d-?[01]\d-?[0-3]\d)"
    r"(?:[-_.]\d{1,4})?(?:\.(?:log|txt))?(?:\.\d{1,4})?(?:\.(?:gz|zip))?",
    re.IGNORECASE | re.ASCII,
)
_DAY: Final = re.compile(r"((?:19|20)\d\d)-?([01]\d)-?([0-3]\d)(?!\d)", re.ASCII)
_ENDINGS: Final = re.compile(r"\.(?:log|txt|gz|zip)(?:\.|$)", re.IGNORECASE)
_LONGEST: Final = 80


class Named(Enum):
    """What a file's name tells of it."""

    SMTP = "an SMTP log"
    PERHAPS = "only its lines tell"
    OTHER = "no SMTP log"


def named(path: str) -> Named:
    """What the name of a file tells, `path` with `/` between the folders as far as known.

    Where a server's id of two letters would make the name another service's (`sip`, `sn`), and
    for a log of no known form, only the lines tell.
    """
    *folders, name = path.split("/")
    in_smtp = bool(folders) and folders[-1].lower() == "smtp"
    found = _NAME.fullmatch(name) if len(name) <= _LONGEST else None
    if found is None:
        return Named.PERHAPS if _ENDINGS.search(name[-_LONGEST:]) else Named.OTHER
    has_plain_id = not found["id"] or any(sign.isdigit() for sign in found["id"])
    if not has_plain_id:
        return Named.PERHAPS if in_smtp or found["letter"].lower() == "s" else Named.OTHER
    letter = found["letter"].lower()
    if letter == "s" or (in_smtp and not letter):
        return Named.SMTP
    return Named.OTHER if letter else Named.PERHAPS


def day_of_file(name: str) -> int:
    """Midnight of the day in a log file's name such as `s0120130716-00.log`; 0 without one."""
    for found in reversed(list(_DAY.finditer(name[-_LONGEST:]))):
        try:
            day = date(*(int(part) for part in found.groups()))
        except ValueError:
            continue
        return timegm(day.timetuple())
    return 0
