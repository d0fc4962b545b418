"""What an attacker wrote is shown, and is never obeyed."""

import os
import time
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playbook.errors import BadInput
from playbook.mail.icewarp.formats.queue_file import parse_message
from playbook.mail.icewarp.formats.samples import LocalSamples
from playbook.mail.server import SAMPLE_BYTES
from playbook.review.mail import MOST_CHARACTERS, header_text, reading
from playbook.text import one_line, printable

HEAD = b"From: a@b.example\nTo: c@d.example\nSubject: s\n"


def shown(raw: bytes) -> str:
    return reading(parse_message(raw))


def is_harmless(text: str) -> bool:
    kinds = {unicodedata.category(sign) for sign in text.replace("\n", "")}
    return not kinds & {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


@settings(deadline=None)
@given(st.text(st.characters(), max_size=200))
def test_no_sign_that_a_terminal_obeys_is_left(text: str) -> None:
    assert is_harmless(printable(text))
    assert is_harmless(one_line(text))
    assert "\n" not in one_line(text)


def test_signs_are_named_and_plain_text_stays() -> None:
    assert printable("\x1b[2J\x9b\u202ea\u200b\ufeff") == "<1B>[2J<9B><U+202E>a<U+200B><U+FEFF>"
    assert printable("é馬\tx\r\ny\rz\udcff") == "é馬  x\ny<0D>z<FF>"
    assert printable("a" + "\u0301" * 40).count("\u0301") == 3
    assert one_line("x" * 300, 20) == "x" * 19 + "…"


@settings(deadline=None)
@given(st.binary(max_size=2_000))
def test_no_bytes_make_a_reading_raise_or_obeyed(raw: bytes) -> None:
    assert is_harmless(shown(raw))
    assert is_harmless(shown(HEAD + b"Content-Type: text/html\n\n" + raw))


@settings(deadline=None)
@given(st.text(max_size=100))
def test_no_header_makes_it_raise(text: str) -> None:
    header_text(text)
    header_text(f"=?{text}?q?{text}?=")
    header_text(f"=?utf-8?b?{text}?= =?x-unknown?q?=41?=")


def test_html_is_shown_as_text_with_its_links() -> None:
    body = (
        b"Content-Type: text/html\n\n<style>p {}</style><p>Dear&nbsp;you&#27;[2J</p>"
        b'<a href="http://lure.example/x">your bank</a><img src=http://track.example/1.png>'
        b"<script>alert(1)</script>end"
    )
    text = shown(HEAD + body)
    assert "Dear you[2J" in text
    assert "[link http://lure.example/x] your bank" in text
    assert "[picture http://track.example/1.png]" in text
    assert "alert" not in text
    assert text.rstrip().endswith("end")


def test_parts_are_decoded_and_what_is_no_text_is_only_named() -> None:
    body = (
        b'Content-Type: multipart/mixed; boundary="B"\n\n--B\n'
        b"Content-Type: text/plain; charset=iso-8859-2\nContent-Transfer-Encoding: base64\n\n"
        b"v2x1uw==\n--B\nContent-Type: text/html\n\n<a href='http://lure.example'>x</a>\n--B\n"
        b"Content-Type: application/pdf\n\n%PDF\n--B--\n"
    )
    text = shown(HEAD + body)
    assert "żluť" in text
    assert "[its HTML part leads to]\nhttp://lure.example" in text
    assert "[application/pdf, 5 bytes as sent, not shown]" in text


def test_the_envelope_is_told_where_it_differs_from_the_headers() -> None:
    block = b"original sender: info@b.example\nsender: <x@forged.example>\n" + b"".join(
        b"recipient: <r%d@d.example>\n" % number for number in range(6)
    )
    text = shown(block + b"Received: from x\n" + HEAD + b"\nhello")
    assert "Envelope: <x@forged.example> to r0@d.example" in text
    assert "and 2 more" in text
    assert "Account: info@b.example" in text


@pytest.mark.parametrize(
    "body",
    [
        b"x" * 1_000_000,
        b"<a " * 300_000,
        b"<style>" * 100_000,
        b"<" * 1_000_000,
        b"\x1b]8;;http://x\x07" * 50_000,
        b"\xcc\x81" * 400_000,
        b"\n \n" * 300_000,
    ],
)
def test_a_mail_of_any_shape_is_bounded(body: bytes) -> None:
    raw = HEAD + b"Content-Type: text/html\n\n" + body
    begun = time.process_time()
    text = shown(raw[:SAMPLE_BYTES])
    assert len(text) < MOST_CHARACTERS + 100
    assert time.process_time() - begun < 5


def test_only_the_beginning_of_a_regular_file_below_the_folder_is_read(tmp_path: Path) -> None:
    folder = tmp_path / "queue"
    (folder / "retry").mkdir(parents=True)
    (tmp_path / "secret").write_bytes(b"secret")
    (folder / "retry" / "big.tmp").write_bytes(b"y" * (SAMPLE_BYTES + 9))
    (folder / "link.tmp").symlink_to(tmp_path / "secret")
    (folder / "elsewhere").symlink_to(tmp_path)
    os.mkfifo(folder / "pipe.tmp")
    read = LocalSamples().text_of
    assert read(str(folder), b"retry/big.tmp") == b"y" * SAMPLE_BYTES
    for path in (
        b"link.tmp",
        b"elsewhere/secret",
        b"../secret",
        b"/etc/passwd",
        b"retry/../../secret",
        b"pipe.tmp",
        b"retry",
        b"gone.tmp",
        b"",
        b"nul\0.tmp",
    ):
        with pytest.raises(BadInput, match="cannot be read"):
            read(str(folder), path)
