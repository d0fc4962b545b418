"""The SMTP logs of the last days, as they lie on the server."""

import gzip
import os
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import pytest

from playbook.errors import ServerRefused
from playbook.mail.icewarp.smtp_logs import fetch, first_day, sessions
from playbook.smtplog.reading import LogReading
from playbook.transports.base import Transport
from playbook.transports.local import Local
from tests.support.limited_host import having

SMTP = b"1.2.3.4 [0A] 10:00:00 <<< MAIL FROM:<a@b.example>\r\n"
LINE = b"1.2.3.4 [0A] 10:00:00 Connected \xff\x00\r\n"
WAYS: dict[str, Callable[[Path], Transport]] = {
    "local": lambda folder: Local(elevate=False),
    "plain tools": having,
    "fewer plain tools": lambda folder: having(folder, without=("gzip", "base64")),
}


@pytest.fixture(params=list(WAYS.values()), ids=list(WAYS))
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Transport:
    way: Callable[[Path], Transport] = request.param
    return way(tmp_path / "tools")


def fetched(server: Transport, logs: Path, since: str = "20130710") -> dict[str, bytes]:
    found: dict[str, bytes] = defaultdict(bytes)
    for piece in fetch(server, str(logs), since):
        found[piece.path] += piece.data
    return found


def test_logs_of_these_days_come_whole_and_no_others(tmp_path: Path, server: Transport) -> None:
    logs = tmp_path / "the logs"
    (logs / "smtp" / "old").mkdir(parents=True)
    wanted = {
        "s20130715-00.log": LINE * 300_000,
        "s20130715-01.log": b"",
        "s20130715-100.log": LINE,
        "s0120130710.txt": LINE,
        "S20130715-02.LOG": LINE,
        "sA120130715-00.log": LINE,
        "s2013-07-15.log": LINE,
        "s20130715-03.log.1": LINE,
        "s20130715-04.log.gz": gzip.compress(LINE),
        "s20130715.zip": b"PK",
        "sip20130715-01.log": SMTP,
        "smtp/20130716-00.log": LINE[:7],
        "smtp/0120130716-00.log": LINE * 2,
        "smtp/s20130717.log": LINE,
        "smtp/old/s20130718.log": LINE,
        "SMTP/20130716-00.log": LINE,
    }
    (logs / "SMTP").mkdir()
    others = ["s20130709-00.log", "p20130715-00.log", "20130715-00.log", "s.log", "sip20130715.log"]
    others += ["s2013071-00.log", "sxyz20130715.log", "smtp/old/20130715.log", "sn20130715-00.log"]
    others += ["s1 20130715.log", "smtp/20130709.log", "smtp/p20130715.log", "smtp/m120130715.log"]
    for name, data in wanted.items():
        (logs / name).write_bytes(data)
    for name in others:
        (logs / name).write_bytes(LINE)
    (logs / "s20130719-00.log").symlink_to(logs / "p20130715-00.log")
    os.mkfifo(logs / "s20130720-00.log")
    (logs / "s20130721-00.log").mkdir()
    assert fetched(server, logs) == wanted
    assert set(fetched(server, logs, "20130718")) == {"smtp/old/s20130718.log"}


def test_what_of_the_logs_is_not_understood_is_said(tmp_path: Path, server: Transport) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    (logs / "s20130715-00.log").write_bytes(LINE + b"1.2.3.4 (0A) 10:00:00 <<< EHLO pc\r\n")
    (logs / "s20130715-01.log.gz").write_bytes(gzip.compress(os.urandom(900))[:-99])
    reading = LogReading()
    assert len(list(sessions(server, str(logs), "20130710", reading=reading))) == 1
    assert reading.not_understood == 1
    assert [name for name, _ in reading.unread] == ["s20130715-01.log.gz"]


def test_a_folder_of_logs_that_is_not_there_is_refused(tmp_path: Path, server: Transport) -> None:
    with pytest.raises(ServerRefused, match="logs"):
        fetched(server, tmp_path / "none")


def test_no_logs_are_no_fault(tmp_path: Path, server: Transport) -> None:
    (tmp_path / "logs").mkdir()
    assert fetched(server, tmp_path / "logs") == {}


@pytest.mark.parametrize(
    ("days", "day"), [(0, "20130716"), (7, "20130709"), (16, "20130630"), (200, "20121228")]
)
def test_the_first_day_is_counted_from_the_servers_clock(days: int, day: str) -> None:
    assert first_day(1_373_932_800, days) == day
