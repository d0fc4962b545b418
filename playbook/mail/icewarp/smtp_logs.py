"""The SMTP logs of some days, fetched from the server whole, packed on the way."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Final

from playbook.errors import AnswerUnreadable
from playbook.mail.icewarp.formats.logs import read_log, read_logs
from playbook.mail.icewarp.pack import LINUX
from playbook.mail.scripts import answers
from playbook.mail.scripts.blocks import Blocks
from playbook.mail.scripts.pack import Pack
from playbook.progress import Tell, untold
from playbook.smtplog.deliveries import Delivery
from playbook.smtplog.reading import LogReading
from playbook.smtplog.sessions import Session
from playbook.transports.base import Request, Transport
from playbook.transports.frame import ScriptRecord

_DEADLINE_S: Final = 3600.0


@dataclass(frozen=True)
class LogPiece:
    """A piece of an SMTP log: the log's path below the folder of the logs, and the next bytes.

    The pieces of a log come one after the other; the first of each is empty.
    """

    path: str
    data: bytes


@dataclass(frozen=True)
class LogExcerpt:
    """The sessions in a part of an SMTP log, read out of it each time they are asked for."""

    name: str = ""
    data: bytes = b""

    def __iter__(self) -> Iterator[Session | Delivery]:
        return read_log([self.data], self.name)


def sessions(
    transport: Transport,
    logs: str,
    since: str,
    tell: Tell = untold,
    pack: Pack = LINUX,
    reading: LogReading | None = None,
) -> Iterator[Session | Delivery]:
    """The sessions and deliveries in the logs below a folder, as `fetch` takes them."""
    pieces = groupby(fetch(transport, logs, since, tell, pack), lambda piece: piece.path)
    files = ((path, (piece.data for piece in group)) for path, group in pieces)
    return read_logs(files, reading)


def fetch(
    transport: Transport, logs: str, since: str, tell: Tell = untold, pack: Pack = LINUX
) -> Iterator[LogPiece]:
    """The SMTP logs below a folder whose names tell a day not before `since` (`YYYYMMDD`).

    Raises a `TransportError`, in the middle too, and `ServerRefused` where there is no such
    folder. A log that grows meanwhile is given as far as its size was, or a little further.
    """
    request = Request(
        pack.streaming_script("read/smtp_logs"), {"logs": logs, "since": since}, (), _DEADLINE_S
    )
    blocks, files, path = Blocks(), 0, ""
    for record in transport.stream(request, tell):
        match record:
            case ScriptRecord("refused"):
                refused = answers.refusal((record,))
                assert refused
                raise refused
            case ScriptRecord("log", (path, _)):
                files += 1
                yield LogPiece(path, b"")
            case ScriptRecord("block") if files:
                yield LogPiece(path, blocks.unpacked(record))
            case ScriptRecord("block"):
                raise AnswerUnreadable("A block of the server's answer belongs to no log")
            case _:
                blocks.end(record, files)
    blocks.require_end()


def first_day(clock: int, days: int) -> str:
    """The day `YYYYMMDD` that the logs are fetched from: `days` before the server's clock.

    Names tell local days, the clock tells UTC; one day more than asked for covers the difference.
    """
    return f"{datetime.fromtimestamp(clock, UTC) - timedelta(days=days):%Y%m%d}"
