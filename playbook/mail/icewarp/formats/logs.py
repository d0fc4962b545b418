"""The one way from a log file's bytes to sessions and deliveries."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from playbook.mail.icewarp.formats.log_bytes import NotReadable, plain_logs
from playbook.mail.icewarp.formats.log_lines import LogLine, looks_like_log, parse_line
from playbook.mail.icewarp.formats.log_names import Named, day_of_file, named
from playbook.mail.icewarp.formats.log_sessions import read_sessions
from playbook.smtplog.deliveries import Delivery
from playbook.smtplog.reading import LogReading
from playbook.smtplog.sessions import Session

_LINE_LIMIT_BYTES: Final = 1 << 16
_SMTP_WORDS: Final = re.compile(
    rb"(?:EHLO|HELO|MAIL FROM:|RCPT TO:|220[ -].{0,200}E?SMTP|Message id [0-9A-Za-z]{4}"
    rb"|<[^>]{0,320}> .{0,400}(?:OK|INCOMPLETE))",
    re.IGNORECASE,
)


def read_log(
    chunks: Iterable[bytes], name: str, reading: LogReading | None = None
) -> Iterator[Session | Delivery]:
    """The sessions and deliveries of one log file, whose bytes come in pieces of any size.

    `name` tells the day, where the lines have only the time. The file may be packed, and may
    begin and end in the middle of a line.
    """
    return read_logs([(name, chunks)], reading)


def read_logs(
    files: Iterable[tuple[str, Iterable[bytes]]], reading: LogReading | None = None
) -> Iterator[Session | Delivery]:
    """The same of several files, oldest first; a session may begin in one and end in the next."""
    return read_sessions(_lines(files, LogReading() if reading is None else reading))


def speaks_smtp(head: bytes, name: str) -> bool:
    """Whether the first bytes of a file are those of an SMTP log: a line of it speaks SMTP."""
    reading = LogReading()
    return any(_SMTP_WORDS.match(line.text) for line in _lines([(name, [head])], reading))


def _lines(files: Iterable[tuple[str, Iterable[bytes]]], reading: LogReading) -> Iterator[LogLine]:
    for name, chunks in files:
        try:
            for inner, text in plain_logs(chunks, name):
                if inner != name and named(inner) is Named.OTHER:
                    continue
                yield from _lines_of(text, day_of_file(inner) or day_of_file(name), name, reading)
        except NotReadable as error:
            reading.leave(name, str(error))


def _lines_of(
    text: Iterable[bytes], day_s: int, name: str, reading: LogReading
) -> Iterator[LogLine]:
    before, is_empty = reading.lines, True
    for raw, is_whole in _split(text):
        line = parse_line(raw, day_s)
        is_empty = is_empty and not raw.strip()
        is_known = line is not None and line.at_s is not None
        reading.lines += is_known
        # The last line of a log may be half written.
        reading.not_understood += is_whole and not is_known and looks_like_log(raw)
        if line is not None:
            yield line
    reading.files += 1
    if reading.lines == before and not is_empty:
        reading.leave(name, "no line of it is an SMTP log's")


def _split(chunks: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """The lines in pieces of bytes, and whether each ends; what is behind 64 KiB is left out."""
    rest = b""
    for chunk in chunks:
        first, *more = chunk.split(b"\n")
        rest += first[: _LINE_LIMIT_BYTES - len(rest)]
        if not more:
            continue
        yield rest, True
        *whole, last = more
        for raw in whole:
            yield raw[:_LINE_LIMIT_BYTES], True
        rest = last[:_LINE_LIMIT_BYTES]
    if rest:
        yield rest, False
