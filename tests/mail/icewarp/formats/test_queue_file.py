"""Queue files taken apart: four readings of the block, and anything at all in their place."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playbook.mail.icewarp.formats.queue_file import (
    FileName,
    parse_message,
    parse_name,
    parse_trace,
    stem_time,
)
from tests.support.hard_queue_files import BY_PARTS, FROM_PARTS, TRACES

MESSAGE = (
    b"Received: from User ([41.202.24.147]) by mail.d.example (IceWarp 10.4.5) with ASMTP (SSL)"
    b" id IDU60958; Mon, 15 Jul 2013 13:32:48 +0200\n"
    b"From: Info <info@d.example>\nSubject: hello\n  world\n\nbody\n"
)
PLAIN = (
    b"original sender: info@d.example\nsender: <x@gmail.example>\n"
    b"recipient: <a@a.example>\nrecipient: <b@b.example>\nmessage id: IDU60958\n"
)
READINGS = {
    "plain": PLAIN,
    "equals": PLAIN.replace(b": ", b"="),
    "blank": PLAIN + b"\n",
    "carriage returns": PLAIN.replace(b"\n", b"\r\n"),
    "quoted, other case": PLAIN.replace(b"original sender: ", b'; Original_Sender "'),
}


@pytest.mark.parametrize("block", READINGS.values(), ids=READINGS.keys())
def test_readings_of_the_block(block: bytes) -> None:
    message = parse_message(block + MESSAGE)
    assert message.envelope is not None
    assert message.envelope.original_sender == "info@d.example"
    assert message.envelope.sender == "x@gmail.example"
    assert message.envelope.recipients == ("a@a.example", "b@b.example")
    assert message.envelope.message_id == "IDU60958"
    assert message.headers["subject"] == "hello world"
    assert message.body == b"body\n"


def test_no_block_at_all() -> None:
    message = parse_message(MESSAGE)
    assert message.envelope is None
    assert message.trace is not None
    assert message.trace.message_id == "IDU60958"
    assert message.has_whole_head


def test_an_empty_original_sender_is_not_a_missing_one() -> None:
    empty = parse_message(b"original sender: \nsender: <>\n" + MESSAGE)
    assert empty.envelope is not None
    assert (empty.envelope.original_sender, empty.envelope.sender) == ("", "")
    missing = parse_message(b"sender: <a@d.example>\nrecipient: <b@b.example>\n" + MESSAGE)
    assert missing.envelope is not None
    assert missing.envelope.original_sender is None


def test_a_header_written_by_the_sender_is_no_block() -> None:
    message = parse_message(MESSAGE.replace(b"From:", b"original sender: boss@d.example\nFrom:"))
    assert message.envelope is None


@pytest.mark.parametrize(
    ("received", "address", "is_authenticated", "message_id"),
    [
        (
            "from A ([1.2.3.4]) by H (IceWarp 11.2) with ASMTP (SSL) id 202001172348481734; D",
            "1.2.3.4",
            True,
            "202001172348481734",
        ),
        (
            "from elrond ([1.2.3.4]) by HOST (Merak 8.3.6) with ASMTP id JMX17238 for <r@d>; D",
            "1.2.3.4",
            True,
            "JMX17238",
        ),
        (
            "from A ([1.2.3.4]) by H (12.3.0 build 2) with ESMTP (SSL) id 01202208161112188637; D",
            "1.2.3.4",
            False,
            "01202208161112188637",
        ),
        (
            "from a ([IPv6:2001:DB8::1]) by b with SMTP id ABC12345; D",
            "2001:db8::1",
            False,
            "ABC12345",
        ),
    ],
)
def test_traces(received: str, address: str, is_authenticated: bool, message_id: str) -> None:
    trace = parse_trace(received)
    assert trace is not None
    assert trace.client_address == address
    assert trace.is_authenticated is is_authenticated
    assert trace.message_id == message_id


@pytest.mark.parametrize("by", sorted(set(BY_PARTS) - {"a second end", "no id"}))
@pytest.mark.parametrize("client", FROM_PARTS)
def test_id_and_protocol_are_read_whatever_the_clients_part_looks_like(
    client: str, by: str
) -> None:
    trace = parse_trace(TRACES[f"{client}, {by}"].decode())
    assert trace is not None
    is_build = by == "a build"
    assert trace.message_id == ("201307151332484447" if is_build else "IDU60958")
    assert trace.is_authenticated is not is_build
    address = "2001:db8::1:2" if "IPv6" in client else "41.202.24.147"
    assert trace.client_address == ("" if client in {"no address", "nothing"} else address)


@pytest.mark.parametrize("client", FROM_PARTS)
def test_what_a_client_wrote_into_the_line_makes_it_worthless(client: str) -> None:
    assert parse_trace(TRACES[f"{client}, a second end"].decode()) is None


@pytest.mark.parametrize(
    ("name", "parsed"),
    [
        ("201307151332484447.tmp", FileName("201307151332484447", "tmp")),
        ("01201307151332484447.tm$", FileName("01201307151332484447", "tm$")),
        ("201307151332484447.tm$.tm$", FileName("201307151332484447", "tm$.tm$")),
        ("201307151332484447.DAT", FileName("201307151332484447", "dat")),
        ("Thumbs.db", None),
        ("2013.tmp", None),
        ("201307151332484447.tmp.gz", None),
    ],
)
def test_names(name: str, parsed: FileName | None) -> None:
    assert parse_name(name) == parsed


@pytest.mark.parametrize(
    ("stem", "digits"),
    [
        ("201307151332484447", "20130715133248"),
        ("01201307151332484447", "20130715133248"),
        ("20130715133248444701", "20130715133248"),
        ("999999999999999999", ""),
    ],
)
def test_the_time_in_a_stem(stem: str, digits: str) -> None:
    assert stem_time(stem) == digits


@given(st.binary(max_size=400))
def test_nothing_raises(data: bytes) -> None:
    parse_message(data)
    parse_message(PLAIN + data)
    parse_message(PLAIN + MESSAGE + data)


@given(st.text(max_size=200))
def test_no_name_or_trace_raises(text: str) -> None:
    parse_name(text)
    stem_time(text)
    parse_trace("from " + text)


HOSTILE = {
    "a header of 50 MB": b"Received: from " + b"x" * 50_000_000,
    "100,000 recipients": PLAIN + b"recipient: <a@a.example>\n" * 100_000 + MESSAGE,
    "100,000 headers": b"A: b\n" * 100_000,
    "no line end": PLAIN + b"(" * 2_000_000,
    "brackets": b"Received: from a " + b"([" * 400_000,
    "ends": b"Received: from a" + b" by a with a" * 90_000,
    "groups": b"Received: from a by b" + b" (a(a)(a)(a)" * 90_000,
    "ends of ends": b"Received: by a with abc id abcd" + b" with abc (" * 90_000,
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_files_are_read_in_no_time(data: bytes) -> None:
    started_s = time.process_time()
    message = parse_message(data)
    assert time.process_time() - started_s < 1.5
    assert len(message.headers) <= 64
    assert all(len(value) <= 5000 for value in message.headers.values())


def test_very_many_recipients_are_counted_and_four_kept() -> None:
    message = parse_message(PLAIN + b"recipient: <c@c.example>\n" * 9_998 + MESSAGE)
    assert message.envelope is not None
    assert message.envelope.recipient_count == 10_000
    assert len(message.envelope.recipients) == 4
    assert message.trace is not None
