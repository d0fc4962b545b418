"""One line of an SMTP log: who, which thread, when, and what was said.

The layout is `ADDRESS [THREAD] TIME TEXT`, as the vendor's support article on reading SMTP logs
shows it. TIME follows the server's setting `c_system_logging_general_logtimeformat`: time of day
only (the date is then in the file's name), a scientific date, RFC 822, or with milliseconds.
"""

import re
from calendar import timegm
from enum import Enum
from functools import lru_cache
from typing import NamedTuple

from playbook.smtplog.sessions import DAY_S

MAX_LINE_BYTES = 4096

# The address may be padded to a column, and a long one may leave no blank before the thread.
_LINE = re.compile(
    rb"\s{0,16}([^\s\[\]]{1,64})\s{0,64}\[([0-9A-Fa-f]{1,16})\]\s{1,16}(.*)", re.DOTALL
)
_LOOKS = re.compile(rb"\[[0-9A-Fa-f]{2,16}\]|>>>|<<<|\*\*\* <|Client session|\b\d\d:\d\d:\d\d\b")
_CLOCK = re.compile(rb"(\d\d?):(\d\d):(\d\d)(?:[.,:]\d{1,6})?(?=\s|$)")
_DATED = re.compile(
    rb"\[?(\d{4})([-/.]?)(\d\d)\2(\d\d)[ T_-]?(\d\d):?(\d\d):?(\d\d)"
    rb"(?:[.,:]\d{1,9})?(?:Z| ?[+-]\d\d:?\d\d)?\]?(?=\s|$)"
)
_RFC822 = re.compile(
    rb"(?:[A-Za-z]{3}, ?)?(\d\d?)[ -]([A-Za-z]{3})[ -](\d{4}),? (\d\d?):(\d\d):(\d\d)"
    rb"(?:[.,:]\d{1,6})?(?: (?:[+-]\d{4}|[A-Z]{1,4}))?(?=\s|$)"
)
_DAY_FIRST = re.compile(
    rb"(\d\d)[./-](\d\d)[./-](\d{4}),? (\d\d?):(\d\d):(\d\d)(?:[.,:]\d{1,6})?(?=\s|$)"
)
_NUMBER = re.compile(rb"(\d{1,10}(?:[.,]\d{1,17})?(?:[eE][+]?\d{1,2})?)(?=\s|$)")
_MARK = re.compile(
    rb"(?:^|\s)(?:>>>|<<<|\*\*\*|Client session|Connected|Disconnected|Start of mail)"
)
_MONTHS = (b"jan feb mar apr may jun jul aug sep oct nov dec").split()
_DELIVERY = b"Client session "
_SEARCHED_BYTES = 96
_DAYS_1899_TO_1970 = 25_569


class LineKind(Enum):
    """What a line is, seen from the mail server."""

    CONNECTED = "connected"
    DISCONNECTED = "disconnected"
    RECEIVED = "<<<"
    SENT = ">>>"
    SUMMARY = "***"
    NOTE = "note"


class LogLine(NamedTuple):
    """One line as read; `at_s` counts seconds since 1970 on the server's own wall clock.

    `is_delivery` marks a client session: the mail server speaking to a remote one. A time of
    day whose date nobody knows counts from 1970-01-01; a time that cannot be read is `None`.
    """

    address: str
    thread: str
    at_s: int | None
    is_delivery: bool
    kind: LineKind
    text: bytes


_KINDS = {b"<<<": LineKind.RECEIVED, b">>>": LineKind.SENT, b"***": LineKind.SUMMARY}
_BOUNDS = {b"Connected": LineKind.CONNECTED, b"Disconnected": LineKind.DISCONNECTED}


def parse_line(raw: bytes, day_s: int = 0) -> LogLine | None:
    """The line, or `None` for what is no log line; bytes after 4,096 are not looked at.

    `day_s` is midnight of the log file's day, see `log_names.day_of_file`.
    """
    found = _LINE.match(raw[:MAX_LINE_BYTES].rstrip())
    if found is None:
        return None
    address, thread, rest = found.groups()
    at_s, text = _split_time(rest, day_s)
    is_delivery = text.startswith(_DELIVERY)
    if is_delivery:
        text = text[len(_DELIVERY) :]
    kind = _KINDS.get(text[:3])
    if kind is not None:
        text = text[3:].strip()
    else:
        kind = _BOUNDS.get(text.partition(b",")[0].rstrip(), LineKind.NOTE)
    return LogLine(_text_of(address), _text_of(thread).upper(), at_s, is_delivery, kind, text)


def looks_like_log(raw: bytes) -> bool:
    """Whether a line that does not parse looks as if it were a log's: then its form is unknown."""
    return _LOOKS.search(raw[:_SEARCHED_BYTES]) is not None


@lru_cache(maxsize=4096)
def _text_of(raw: bytes) -> str:
    return raw.decode("latin-1")


def _split_time(rest: bytes, day_s: int) -> tuple[int | None, bytes]:
    if rest[2:3] == b":" and rest[8:9] == b" ":
        at_s = _clock_s(rest[:8])
        if at_s is not None:
            return day_s + at_s, rest[9:].lstrip()
    return _split_other_time(rest, day_s)


@lru_cache(maxsize=4096)
def _clock_s(clock: bytes) -> int | None:
    hours, minutes, seconds = clock[:2], clock[3:5], clock[6:8]
    if clock[5:6] != b":" or not (hours.isdigit() and minutes.isdigit() and seconds.isdigit()):
        return None
    return int(hours) * 3600 + int(minutes) * 60 + int(seconds)


def _split_other_time(rest: bytes, day_s: int) -> tuple[int | None, bytes]:
    for pattern, order in ((_RFC822, "dmy"), (_DATED, "ymd"), (_DAY_FIRST, "dmy")):
        found = pattern.match(rest)
        if found is not None:
            return _from_parts(found, order), rest[found.end() :].lstrip()
    found = _CLOCK.match(rest)
    if found is not None:
        hours, minutes, seconds = (int(part) for part in found.groups())
        return day_s + hours * 3600 + minutes * 60 + seconds, rest[found.end() :].lstrip()
    found = _NUMBER.match(rest)
    if found is not None:
        return _from_number(found.group(1)), rest[found.end() :].lstrip()
    mark = _MARK.search(rest[:_SEARCHED_BYTES])
    return None, (rest if mark is None else rest[mark.start() :].lstrip())


def _from_parts(found: re.Match[bytes], order: str) -> int | None:
    parts = [part for part in found.groups() if part.isalnum()]
    if order == "dmy":
        parts[0], parts[2] = parts[2], parts[0]
    month = parts[1].lower()
    if month.isalpha():
        if month not in _MONTHS:
            return None
        parts[1] = str(_MONTHS.index(month) + 1).encode()
    year, month_number, day, hour, minute, second = (int(part) for part in parts)
    return _seconds(year, month_number, day, hour, minute, second)


def _seconds(year: int, month: int, day: int, hour: int, minute: int, second: int) -> int | None:
    if not (1970 <= year <= 2200 and 1 <= month <= 12 and 1 <= day <= 31):
        return None
    return timegm((year, month, day, hour, minute, second))


def _from_number(raw: bytes) -> int | None:
    """Unix seconds, or days since 1899-12-30 as Delphi programs count them."""
    value = float(raw.replace(b",", b"."))
    if 2.0e4 < value < 1.2e5:
        return round((value - _DAYS_1899_TO_1970) * DAY_S)
    return int(value) if 1.0e8 < value < 1.0e10 else None
