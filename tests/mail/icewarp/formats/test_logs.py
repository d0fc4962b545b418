"""From the bytes of log files to sessions: whatever they are called and however they are packed."""

import codecs
import gzip
import io
import os
import zipfile
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playbook.mail.icewarp.formats.log_files import read_log_files
from playbook.mail.icewarp.formats.log_names import Named, named
from playbook.mail.icewarp.formats.logs import read_log, read_logs
from playbook.smtplog.reading import LogReading
from playbook.smtplog.sessions import Session
from tests.support.linear_cost import grows_linearly

DAY = "20130716"
SESSION = b"""\
192.0.2.9 [0A01] 10:00:00 Connected\r
192.0.2.9 [0A01] 10:00:00 <<< EHLO pc\r
192.0.2.9 [0A01] 10:00:01 <<< MAIL FROM:<a@d.example>\r
192.0.2.9 [0A01] 10:00:02 *** <a@d.example> <b@e.example> 1 632 00:00:01 OK IDA00001\r
192.0.2.9 [0A01] 10:00:03 Disconnected\r
"""


def sender_of(found: Sequence[object]) -> str:
    (session,) = found
    assert isinstance(session, Session)
    (submission,) = session.submissions
    return submission.sender


def zipped(*members: tuple[str, bytes], packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", packing) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return packed.getvalue()


class Unseekable(io.RawIOBase):
    """A file that a zip is written to without going back: sizes stand behind the members."""

    def __init__(self) -> None:
        self.data = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: object, /) -> int:
        assert isinstance(data, bytes | bytearray | memoryview)
        self.data += data
        return len(data)


def streamed_zip() -> bytes:
    packed = Unseekable()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("c20130716-00.log", b"nothing of SMTP")
        archive.writestr(f"s{DAY}-00.log", SESSION)
    return bytes(packed.data)


FORMS: dict[str, bytes] = {
    "plain": SESSION,
    "without returns": SESSION.replace(b"\r", b""),
    "a mark before UTF-8": codecs.BOM_UTF8 + SESSION,
    "UTF-16": SESSION.decode().encode("utf-16"),
    "UTF-16, big end first": codecs.BOM_UTF16_BE + SESSION.decode().encode("utf-16-be"),
    "UTF-16 without a mark": SESSION.decode().encode("utf-16-le"),
    "gzip": gzip.compress(SESSION),
    "gzip in two members": gzip.compress(SESSION[:70]) + gzip.compress(SESSION[70:]),
    "gzip of UTF-16": gzip.compress(SESSION.decode().encode("utf-16")),
    "zip": zipped((f"s{DAY}-00.log", SESSION)),
    "zip with a folder": zipped((f"smtp/{DAY}-00.log", SESSION), ("p20130716-00.log", SESSION)),
    "zip, only put in": zipped((f"s{DAY}-00.log", SESSION), packing=zipfile.ZIP_STORED),
    "zip written as a stream": streamed_zip(),
}


@pytest.mark.parametrize("size", [1, 7, 64, 1 << 20])
@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
def test_a_log_reads_the_same_however_it_is_written(form: bytes, size: int) -> None:
    chunks = (form[at : at + size] for at in range(0, len(form), size))
    reading = LogReading()
    assert sender_of(list(read_log(chunks, f"s{DAY}-00.log", reading))) == "a@d.example"
    assert (reading.lines, reading.sentences) == (5, ())


def bomb() -> bytes:
    return gzip.compress(b"\0" * (1 << 28), compresslevel=9)


NOT_READ: dict[str, tuple[Callable[[], bytes], str]] = {
    "cut": (lambda: gzip.compress(os.urandom(4000))[:-200], "cut off"),
    "damaged": (lambda: b"\x1f\x8b\x08\0\0\0\0\0\0\0" + b"\xff" * 90, "damaged"),
    "a bomb": (bomb, "200 times"),
    "a bomb in a zip": (lambda: zipped((f"s{DAY}.log", b"\0" * (1 << 28))), "200 times"),
    "xz": (lambda: b"\xfd7zXZ\0" + b"x" * 90, "packed by xz"),
    "7-Zip": (lambda: b"7z\xbc\xaf\x27\x1c" + b"x" * 90, "packed by 7-Zip"),
    "a picture": (lambda: b"\x89PNG\r\n\x1a\n" + b"x" * 90, "no line of it"),
    "a password": (
        lambda: zipped((f"s{DAY}.log", SESSION)).replace(b"PK\3\4\x14\0\0", b"PK\3\4\x14\0\1"),
        "password",
    ),
}


@pytest.mark.parametrize(("make", "because"), NOT_READ.values(), ids=NOT_READ.keys())
def test_what_cannot_be_read_is_named_with_the_reason(
    make: Callable[[], bytes], because: str
) -> None:
    reading, after = LogReading(), (f"s{DAY}-01.log", [SESSION])
    found = list(read_logs([("odd.log", [make()]), after], reading))
    assert sender_of(found) == "a@d.example"
    assert [name for name, _ in reading.unread] == ["odd.log"]
    assert because in reading.unread[0][1]
    assert "odd.log was not read" in reading.sentences[0]


@pytest.mark.parametrize(
    "line",
    [
        b"192.0.2.9 (0A01) 10:00:00 <<< EHLO pc",
        b"10:00:00 192.0.2.9 <<< EHLO pc",
        b"2013-07-16 10:00:00,123 [0A01] >>> 220 mx ESMTP",
        b"192.0.2.9 [0A01] the day before <<< EHLO pc",
    ],
)
def test_lines_that_look_like_a_logs_and_do_not_parse_are_counted_and_said(line: bytes) -> None:
    reading = LogReading()
    list(read_log([SESSION + line + b"\r\n" + b"neither\r\n"], "", reading))
    assert reading.not_understood == 1
    assert "1 of 6 lines" in reading.sentences[0]


@pytest.mark.parametrize("size", range(1, len(SESSION), 3))
def test_a_last_line_that_is_half_written_is_no_fault(size: int) -> None:
    reading = LogReading()
    list(read_log([SESSION[:size]], f"s{DAY}-00.log", reading))
    assert reading.not_understood == 0


def test_a_session_may_begin_in_one_file_and_end_in_the_next() -> None:
    parts = [(f"s{DAY}-00.log", [SESSION[:90]]), (f"s{DAY}-01.log", [SESSION[90:]])]
    # The cut line is lost, and nothing else.
    (session,) = read_logs(parts)
    assert isinstance(session, Session)
    assert session.has_start


@pytest.mark.parametrize(
    ("path", "what"),
    [
        ("s20130716-00.log", Named.SMTP),
        ("S20130716-00.LOG", Named.SMTP),
        ("s20130716-100.log", Named.SMTP),
        ("s20130716.txt", Named.SMTP),
        ("s2013-07-16.log", Named.SMTP),
        ("s0120130716-00.log", Named.SMTP),
        ("sA120130716-00.log", Named.SMTP),
        ("s20130716-00.log.1", Named.SMTP),
        ("s20130716-00.log.gz", Named.SMTP),
        ("s20130716.zip", Named.SMTP),
        ("smtp/20130716-00.log", Named.SMTP),
        ("old/SMTP/0120130716-00.log", Named.SMTP),
        ("sip20130716-00.log", Named.PERHAPS),
        ("sn20130716-00.log", Named.PERHAPS),
        ("20130716-00.log", Named.PERHAPS),
        ("mail.log", Named.PERHAPS),
        ("mail.log.2.gz", Named.PERHAPS),
        ("p20130716-00.log", Named.OTHER),
        ("m0120130716-00.log", Named.OTHER),
        ("smtp/p20130716-00.log", Named.OTHER),
        ("settings.xml", Named.OTHER),
    ],
)
def test_names(path: str, what: Named) -> None:
    assert named(path) is what


def test_the_logs_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "smtp").mkdir()
    (tmp_path / "smtp" / "20130716-00.log").write_bytes(SESSION)
    (tmp_path / "S20130715-00.LOG.GZ").write_bytes(gzip.compress(SESSION * 2))
    (tmp_path / "strange.log").write_bytes(SESSION)
    (tmp_path / "sip20130715-00.log").write_bytes(b"192.0.2.9 [0A] 10:00:00 <<< INVITE sip:a\r\n")
    (tmp_path / "p20130715-00.log").write_bytes(SESSION)
    (tmp_path / "s20130717-00.log").symlink_to(tmp_path / "p20130715-00.log")
    os.mkfifo(tmp_path / "s20130718-00.log")
    reading = LogReading()
    found = list(read_log_files([tmp_path], reading))
    assert len(found) == 4
    assert {name for name, _ in reading.unread} == {
        "sip20130715-00.log",
        "s20130717-00.log",
        "s20130718-00.log",
    }


def test_a_named_file_is_read_whatever_it_is_called_and_one_after_the_other(tmp_path: Path) -> None:
    (tmp_path / "p20130717").write_bytes(SESSION)
    (tmp_path / "b20130716").write_bytes(SESSION)
    times = [
        each.first_at_s
        for each in read_log_files([tmp_path / "p20130717", tmp_path / "b20130716"], LogReading())
        if isinstance(each, Session)
    ]
    assert times == sorted(time or 0 for time in times)
    assert len(times) == 2


@given(st.lists(st.binary(max_size=80), max_size=20), st.sampled_from([*FORMS.values(), b""]))
def test_nothing_raises(chunks: list[bytes], start: bytes) -> None:
    list(read_log([start[:50], *chunks], "s20130716.zip"))
    list(read_log([start, *chunks], "x"))


@given(st.text(max_size=100))
def test_no_name_raises(name: str) -> None:
    assert named(name) in Named


ODD_TEXTS: dict[str, bytes] = {
    "one line without an end": b"x",
    "line ends": b"\n",
    "small zips": zipped((f"s{DAY}.log", b"")),
    "small gzips": gzip.compress(b""),
    "empty blocks": zlib.compress(b""),
}


@pytest.mark.parametrize("text", ODD_TEXTS.values(), ids=ODD_TEXTS.keys())
def test_bytes_cost_no_more_than_their_number(text: bytes) -> None:
    def read(count: int) -> None:
        list(read_log((text for _ in range(count)), "s20130716.log"))

    assert grows_linearly(read, 5_000)
