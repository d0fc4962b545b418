"""Texts, links and attachments, out of well-formed mail and out of anything."""

import base64
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playbook.triage.content import (
    MAX_ATTACHMENTS,
    MAX_LEADS,
    Content,
    failed_recipients,
    read_content,
    returned_subject,
)
from playbook.triage.similarity import sketch_of

MINE = "This is what the writer says in words of her own, and it is long enough."
HTML = {"content-type": "text/html; charset=utf-8"}


def plain(text: str, **headers: str) -> Content:
    return read_content(headers, text.encode(), is_whole=True)


def multipart(*parts: str, end: str = "--B--\n") -> Content:
    body = "".join(f"--B\n{part}\n" for part in parts) + end
    return read_content(
        {"content-type": 'multipart/mixed; boundary="B"'}, body.encode(), is_whole=True
    )


@pytest.mark.parametrize(
    ("encoding", "payload"),
    [
        ("8bit", "Réunion à Paris".encode()),
        ("base64", base64.encodebytes("Réunion à Paris".encode())),
        ("quoted-printable", b"R=C3=A9union =C3=A0 Pa=\nris"),
        ("8bit", "Réunion à Paris".encode("latin-1")),
        ("Base64", base64.b64encode("Réunion à Paris".encode())[:-1]),
    ],
)
def test_encodings(encoding: str, payload: bytes) -> None:
    content = read_content({"content-transfer-encoding": encoding}, payload, is_whole=True)
    assert content.own_text.decode().strip().startswith("Réunion à Par")


def test_links_and_addresses_are_leads_not_text() -> None:
    content = plain(
        "see http://www.Evil.example/a?b=1 or www.other.example. or me@mail.example now"
    )
    assert content.leads == (b"evil.example", b"other.example", b"me@mail.example")
    assert "evil" not in content.own_text.decode()
    assert content.own_text.decode().split()[-1] == "now"


def test_a_login_before_the_host_does_not_hide_it() -> None:
    assert plain("http://bank.example@evil.example/x").leads == (b"evil.example",)


def test_quoted_lines_stand_apart() -> None:
    content = plain(f"{MINE}\n> click http://evil.example/\n> pay now\nRegards")
    assert content.leads == ()
    assert content.quoted_leads == (b"evil.example",)
    assert "pay" not in content.own_text.decode()
    assert "Regards" in content.own_text.decode()


def test_text_below_a_mark_is_not_own_but_its_links_are() -> None:
    content = plain(f"{MINE}\n-----Original Message-----\ntheirs http://evil.example/")
    assert content.own_text.decode().strip() == MINE
    assert content.leads == (b"evil.example",)


def test_html_is_read_as_it_is_seen() -> None:
    body = (
        b"<html><head><title>no</title></head><style>p{}</style><!-- hidden --><p class='x'>Seen"
        b"&nbsp;here <a href='http://evil.example/q'>link</a></p>"
        b"<blockquote>quoted http://old.example/<blockquote>x</blockquote></blockquote>"
        + MINE.encode()
    )
    content = read_content(HTML, body, is_whole=True)
    assert content.own_text.decode().split() == ["Seen", "here", "link", *MINE.split()]
    assert (content.leads, content.quoted_leads) == ((b"evil.example",), (b"old.example",))


PITCH = "You are the winner of our lottery, claim your million at http://evil.example/ today."


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("html", f"<blockquote>{PITCH}</blockquote>"),
        ("html", f"<p>Dear Anne</p><BlockQuote type=cite><p>{PITCH}</p>"),
        ("html", f"<blockquote></blockquote><p>{PITCH}</p>"),
        ("html", f"<blockquote>a<blockquote>b</blockquote></blockquote></blockquote>{PITCH}"),
        ("html", f"<html><head><meta charset=utf-8><p>{PITCH}</p>"),
        ("plain", "\n".join(f"> {line}" for line in PITCH.split(","))),
        ("plain", f"-----Original Message-----\n{PITCH}"),
        ("plain", f"Look:\n----- Forwarded message -----\nFrom: A\n\n{PITCH}"),
    ],
    ids=["block", "greeted", "empty block", "odd ends", "open head", "lines", "mark", "forwarded"],
)
def test_what_is_shown_is_the_message_where_nothing_else_is_said(kind: str, body: str) -> None:
    content = read_content({"content-type": f"text/{kind}"}, body.encode(), is_whole=True)
    shown, bare = set(sketch_of(content.own_text)), set(sketch_of(PITCH.encode()))
    assert len(shown & bare) >= len(bare) // 2
    assert content.leads == (b"evil.example",)
    assert content.quoted_leads == ()


def test_names_of_a_schema_are_no_links() -> None:
    body = (
        b'<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0//EN" "http://www.w3.org/TR/xhtml1.dtd">'
        b"<html xmlns=\"http://www.w3.org/1999/xhtml\" xmlns:o='urn://office.example'>"
        b"<a href='http://mine.example/'>x</a>"
    )
    assert read_content(HTML, body, is_whole=True).leads == (b"mine.example",)


def test_attachments_are_known_again_whatever_their_lines() -> None:
    data = base64.b64encode(bytes(range(256)) * 4).decode()
    part = "Content-Type: application/pdf\nContent-Transfer-Encoding: base64\n\n"
    one, other = multipart(part + data), multipart(part + data[:100] + "\n" + data[100:])
    assert one.attachments == other.attachments
    assert len(one.attachments) == 1


def test_nested_parts_and_a_missing_end() -> None:
    inner = 'Content-Type: multipart/alternative; boundary="C"\n\n--C\n\ninside\n--C--'
    content = multipart("Content-Type: text/plain\n\nouter", inner)
    assert content.own_text.decode().split() == ["outer", "inside"]
    assert not content.is_cut
    assert multipart("Content-Type: text/plain\n\nouter", end="").is_cut


def test_reports() -> None:
    body = b"Final-Recipient: rfc822; <Gone@d.example>\n\nSubject: Re: x\n"
    body += b"Final-Recipient: rfc822;b@e\n"
    assert failed_recipients(body) == (b"gone@d.example", b"b@e")
    assert returned_subject(body) == b"Re: x"
    assert returned_subject(b"none") == b""


def test_near_duplicates_share_most_of_a_sketch() -> None:
    words = [chr(97 + n % 26) * (n % 5 + 2) + chr(98 + n // 26) for n in range(200)]
    text = " ".join(words)
    altered = text.replace(words[7], "other").replace(words[90], "words")
    shared = set(sketch_of(text.encode())) & set(sketch_of(f"Dear Anne, {altered} 1234".encode()))
    assert len(shared) >= 10
    assert not set(sketch_of(text.encode())) & set(sketch_of(" ".join(reversed(words)).encode()))
    assert sketch_of(b"too short") == ()


@given(st.binary(max_size=500), st.sampled_from(["base64", "quoted-printable", "8bit", "x"]))
def test_nothing_raises(body: bytes, encoding: str) -> None:
    headers = {"content-transfer-encoding": encoding}
    sketch_of(read_content(headers, body, is_whole=True).own_text)
    for kind in ('multipart/mixed; boundary="B"', "text/html", "multipart/mixed", "\x00"):
        framed = b"--B\n" + body + b"\n--B\nContent-Type: multipart/x; boundary=--\n\n" + body
        read_content({**headers, "content-type": kind}, framed, is_whole=False)
    failed_recipients(body)
    returned_subject(body)


HOSTILE = {
    "10,000 parts": b"--B\nContent-Type: text/plain\n\nx\n" * 10_000,
    "10,000 nested": b'--B\nContent-Type: multipart/x; boundary="B"\n\n' * 10_000,
    "tags that never end": b"--B\nContent-Type: text/html\n\n" + b"<style<head<!--" * 70_000,
    "angle brackets": b"--B\nContent-Type: text/html\n\n" + b"<" * 1_000_000,
    "at signs": b"--B\n\n" + b"@" * 1_000_000,
    "a word of a million": b"--B\n\n" + b"a" * 1_000_000,
    "schemes": b"--B\n\n" + b"://" * 300_000,
    "dashes": b"--B\n\n" + b"-" * 1_000_000,
    "quote lines": b"--B\n\n" + b">\n" * 500_000,
    "quote blocks": b"--B\nContent-Type: text/html\n\n" + b"<blockquote>x</blockquote>" * 40_000,
    "schemas": b"--B\nContent-Type: text/html\n\n" + b'<!doctype xmlns="' * 60_000,
    "entities": b"--B\nContent-Type: text/html\n\n" + b"&" * 1_000_000,
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_bodies_are_read_in_no_time(body: bytes) -> None:
    started_s = time.process_time()
    content = read_content({"content-type": "multipart/mixed; boundary=B"}, body, is_whole=True)
    sketch_of(content.own_text)
    assert time.process_time() - started_s < 1.5
    assert len(content.leads) <= MAX_LEADS
    assert len(content.attachments) <= MAX_ATTACHMENTS
