"""Hostile mail, logs and names, through every parser: nothing raises, and cost grows linearly."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playbook.cli.commands.triage import triage_here as triage
from playbook.mail.icewarp.formats.features import features_of
from playbook.mail.icewarp.formats.log_lines import parse_line
from playbook.mail.icewarp.formats.log_sessions import read_sessions
from playbook.mail.icewarp.formats.queue_file import MAX_READ_BYTES
from playbook.triage.features import Features
from playbook.triage.history import learn
from playbook.triage.judgement import judge
from tests.support.linear_cost import grows_linearly

NAME = b"_outgoing/retry/201307160802241634.tmp"
BLOCK = b"original sender: info@d.example\r\nsender: <x@gmail.example>\r\nmessage id: IDA21133\r\n"
TRACE = b"Received: from pc ([41.1.1.1]) by mx (IceWarp 10) with ASMTP id IDA21133; date\r\n"
HEAD = BLOCK + TRACE + b"From: <x@gmail.example>\r\nSubject: s\r\n"
MIXED = HEAD + b'Content-Type: multipart/mixed; boundary="B"\r\n\r\n'

PIECES: dict[str, tuple[bytes, bytes]] = {
    "one header line": (HEAD + b"X-Long: ", b"x"),
    "one folded header": (HEAD + b"X-Long: x\r\n", b"\tx\r\n"),
    "headers": (HEAD, b"A: b\r\n"),
    "block recipients": (BLOCK, b"recipient: <a@a.example>\r\n"),
    "a block line that never ends": (BLOCK + b"recipient: <", b"a"),
    "trace brackets": (b"Received: from a ", b"([1.1.1.1]"),
    "address list": (HEAD + b"To: ", b"<a@b.example>, "),
    "parts": (MIXED, b"--B\r\nContent-Type: text/plain\r\n\r\nhello\r\n"),
    "parts without an end": (MIXED, b"--B\r\n"),
    "nested multiparts": (MIXED, b'--B\r\nContent-Type: multipart/x; boundary="B"\r\n\r\n'),
    "boundaries within": (MIXED, b'--B\r\nContent-Type: multipart/x; boundary="C"\r\n\r\n--C\r\n'),
    "a part type that never ends": (MIXED + b"--B\r\nContent-Type:", b" \t"),
    "lines like delimiters": (MIXED, b"--A\r\n"),
    "base64": (HEAD + b"Content-Transfer-Encoding: base64\r\n\r\n", b"QUJDREVG\r\n"),
    "broken base64": (HEAD + b"Content-Transfer-Encoding: base64\r\n\r\n", b"=Q=="),
    "quoted-printable": (
        HEAD + b"Content-Transfer-Encoding: quoted-printable\r\n\r\n",
        b"=3D=\r\n",
    ),
    "NULs": (HEAD + b"\r\n", b"\0"),
    "broken UTF-8": (HEAD + b"\r\n", b"\xff\xc3("),
    "local parts": (HEAD + b"\r\n", b"a" * 63 + b"!@ "),
    "addresses": (HEAD + b"\r\n", b"aaaa@bbbb.example "),
    "links": (HEAD + b"\r\n", b"http://a.a.a.a.a.a/ "),
    "schemes": (HEAD + b"\r\n", b"://@"),
    "open tags": (HEAD + b"Content-Type: text/html\r\n\r\n", b"<a "),
    "comments": (HEAD + b"Content-Type: text/html\r\n\r\n", b"<!-- --><style></style>"),
    "quote blocks": (HEAD + b"Content-Type: text/html\r\n\r\n", b"<blockquote>"),
    "quote marks": (HEAD + b"\r\n", b"--- original ---forwarded"),
    "failed recipients": (
        HEAD + b"Content-Type: multipart/report; boundary=B\r\n\r\n",
        b"final-recipient: ;\r\n",
    ),
    "a failed recipient that never ends": (
        HEAD + b"Content-Type: multipart/report; boundary=B\r\n\r\nfinal-recipient:",
        b" ",
    ),
    "one word": (HEAD + b"\r\n", b"a"),
    "words": (HEAD + b"\r\n", "é b ".encode()),
}


@pytest.mark.parametrize(("head", "piece"), PIECES.values(), ids=PIECES.keys())
def test_features_cost_no_more_than_their_bytes(head: bytes, piece: bytes) -> None:
    def take(size_bytes: int) -> Features:
        data = head + piece * (size_bytes // len(piece))
        return features_of(NAME, data, len(data), has_pair=None)

    assert grows_linearly(take, MAX_READ_BYTES // 8)


@pytest.mark.parametrize(("head", "piece"), PIECES.values(), ids=PIECES.keys())
def test_features_of_a_huge_file_stay_small(head: bytes, piece: bytes) -> None:
    data = head + piece * (2 * MAX_READ_BYTES // len(piece))
    features = features_of(NAME, data, 50 << 20, has_pair=None)
    assert len(repr(features)) < 20_000


LINES = st.sampled_from([piece for _, piece in PIECES.values()]) | st.binary(max_size=40)


@settings(max_examples=30, deadline=None)
@given(st.sampled_from([head for head, _ in PIECES.values()]), st.lists(LINES, max_size=40))
def test_no_mixture_raises(head: bytes, pieces: list[bytes]) -> None:
    data = head + b"".join(pieces)
    features = features_of(NAME, data, len(data), has_pair=None)
    assert len(list(judge([features], learn([]), ("info@d.example",)))) == 1


LOG_LINES: dict[str, Callable[[int], bytes]] = {
    "connections that never end": lambda n: b"1.1.1.1 [%06X] 10:00:00 Connected" % n,
    "deliveries that never end": lambda n: b"SYSTEM [%06X] 10:00:00 Client session Connected" % n,
    "one session of messages": lambda n: (
        b"1.1.1.1 [0A] 10:00:00 *** <a@b> <c> 1 9 00:00:01 OK ID%07d" % n
    ),
    "recipients": lambda _: b"1.1.1.1 [0A] 10:00:00 >>> 250 <a@b>... Recipient ok; will forward",
    "logins": lambda _: b"1.1.1.1 [0A] 10:00:00 <<< AUTH LOGIN",
    "accepted without an id": lambda _: b"1.1.1.1 [0A] 10:00:00 >>> 250 Message id",
    "stars": lambda _: b"1.1.1.1 [0A] 10:00:00 *** " + b"<a> " * 400,
    "a line of blanks": lambda _: b"1.1.1.1 [0A]" + b" " * 4000,
    "digits": lambda _: b"1.1.1.1 [0A] " + b"1" * 4000,
    "NULs": lambda _: b"\0" * 4000,
}


@pytest.mark.parametrize("line", LOG_LINES.values(), ids=LOG_LINES.keys())
def test_a_log_costs_no_more_than_its_lines(line: Callable[[int], bytes]) -> None:
    def read(count: int) -> None:
        parsed = (parse_line(line(number)) for number in range(count))
        learn(read_sessions(found for found in parsed if found))

    assert grows_linearly(read, 2_000)


HOSTILE_NAMES = (
    b"\x1b[2J\x1b]0;owned\x07.tmp",
    b"line\nfeed.tmp",
    b"\xff\xfe\x00x".replace(b"\0", b"") + b".tmp",
    b"=cmd|calc.tmp",
    b"--help",
    b"$(reboot).tmp",
    b"a" * 250 + b".tmp",
    b"201307160802241634.tmp.exe",
)


def test_hostile_names_come_out_as_plain_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in HOSTILE_NAMES:
        (tmp_path / os.fsdecode(name)).write_bytes(HEAD + b"\r\nx")
    triage(tmp_path, (), (), as_json=True)
    shown = capsys.readouterr().out
    assert shown.isascii()
    assert all(sign.isprintable() for line in shown.splitlines() for sign in line)
    paths = {os.fsencode(json.loads(line)["path"]) for line in shown.splitlines()}
    assert paths == set(HOSTILE_NAMES)


def test_hostile_texts_are_shown_without_their_control_signs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    evil = HEAD.replace(b"info@d.example", b"in\x1b[31mfo@d.example")
    for number in range(4):
        (tmp_path / f"20130716080224000{number}.tmp").write_bytes(evil + b"\r\nx")
    triage(tmp_path, ("in\x1b[31mfo@d.example",), (), as_json=False)
    assert "\x1b" not in capsys.readouterr().out
