"""Log lines: every way to write the time, and anything at all in their place."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playbook.mail.icewarp.formats.log_lines import LineKind, parse_line
from playbook.mail.icewarp.formats.log_names import day_of_file

DAY_S = 1_373_932_800
MOMENT_S = DAY_S + 8 * 3600 + 50 * 60 + 56

TIMES = {
    "clock": b"08:50:56",
    "one digit hour": b"8:50:56",
    "milliseconds": b"08:50:56.123",
    "milliseconds after a comma": b"08:50:56,123",
    "scientific": b"2013-07-16 08:50:56",
    "scientific with T and zone": b"2013-07-16T08:50:56+02:00",
    "scientific without separators": b"20130716T085056",
    "digits": b"20130716085056",
    "detailed": b"2013/07/16 08:50:56.123",
    "rfc822": b"Tue, 16 Jul 2013 08:50:56 +0200",
    "rfc822 without a zone": b"16 Jul 2013 08:50:56",
    "day first": b"16.07.2013 08:50:56",
    "unix seconds": b"1373964656",
}


@pytest.mark.parametrize("written", TIMES.values(), ids=TIMES.keys())
@pytest.mark.parametrize(
    ("text", "kind", "rest"),
    [
        (b"Connected", LineKind.CONNECTED, b"Connected"),
        (b"<<< AUTH LOGIN", LineKind.RECEIVED, b"AUTH LOGIN"),
        (b"*** <a@b> <c@d> 1 9 00:00:01 OK ABC12345", LineKind.SUMMARY, None),
    ],
)
def test_every_time_format(written: bytes, text: bytes, kind: LineKind, rest: bytes | None) -> None:
    line = parse_line(b"41.202.24.147 [0df4] " + written + b" " + text + b"\r\n", DAY_S)
    assert line is not None
    assert (line.address, line.thread, line.kind) == ("41.202.24.147", "0DF4", kind)
    assert line.at_s == MOMENT_S
    assert line.text == (rest if rest is not None else text[4:])


def test_days_since_1899() -> None:
    line = parse_line(b"1.2.3.4 [0DF4] 41471.3687037037 Connected")
    assert line is not None
    assert line.at_s == MOMENT_S


def test_an_unknown_time_leaves_the_text() -> None:
    line = parse_line(b"1.2.3.4 [0DF4] half past eight <<< QUIT")
    assert line is not None
    assert (line.at_s, line.kind, line.text) == (None, LineKind.RECEIVED, b"QUIT")


def test_a_client_session_is_a_delivery() -> None:
    line = parse_line(b"SYSTEM [2028] 21:19:58 Client session Message id IDU6 item 1.tm$")
    assert line is not None
    assert line.is_delivery
    assert line.text == b"Message id IDU6 item 1.tm$"


@pytest.mark.parametrize(
    ("name", "day_s"),
    [
        ("s20130716-00.log", DAY_S),
        ("s0120130716-12.log", DAY_S),
        ("s20130716.txt", DAY_S),
        ("smtp.log", 0),
        ("s20139916-00.log", 0),
    ],
)
def test_the_day_in_a_file_name(name: str, day_s: int) -> None:
    assert day_of_file(name) == day_s


@pytest.mark.parametrize("raw", [b"", b"\n", b"no log line", b"1.2.3.4 [zz] 08:00:00 Connected"])
def test_what_is_no_line(raw: bytes) -> None:
    assert parse_line(raw) is None


@given(st.binary(max_size=300))
def test_nothing_raises(raw: bytes) -> None:
    parse_line(raw)
    parse_line(b"1.2.3.4 [0DF4] " + raw, DAY_S)


@given(st.text(max_size=100))
def test_no_file_name_raises(name: str) -> None:
    assert day_of_file(name) >= 0


def test_a_line_of_fifty_megabytes_costs_nothing() -> None:
    raw = b"1.2.3.4 [0DF4] 08:50:56 <<< " + b"A" * 50_000_000
    started_s = time.process_time()
    line = parse_line(raw)
    assert time.process_time() - started_s < 0.5
    assert line is not None
    assert len(line.text) < 4096
