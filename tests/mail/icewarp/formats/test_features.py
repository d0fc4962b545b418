"""What triage keeps of a file, and the small tables it is counted in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playbook.mail.icewarp.formats.features import features_of, wall_clock_s
from playbook.triage.compact import MAX_VALUE, CompactMap
from playbook.triage.features import Features, FileKind
from playbook.triage.messages import address_in
from playbook.triage.similarity import ValueCounts

NAME = b"_outgoing/retry/201307151332484447.tmp"
FILE = (
    b"original sender: info@d.example\nsender: <x@gmail.example>\nrecipient: <a@a.example>\n"
    b"message id: IDU60958\n"
    b"Received: from User ([41.202.24.147]) by m.d.example (IceWarp 10.4.5) with ASMTP id IDU60958;"
    b" Mon, 15 Jul 2013 13:32:48 +0200\n"
    b"From: Me <info@d.example>\nReply-To: other@gmail.example\nSubject: hello\n\n"
    b"one two three four five six seven http://evil.example/\n"
)


def features(data: bytes = FILE, name: bytes = NAME, *, has_pair: bool | None = None) -> Features:
    return features_of(name, data, len(data), has_pair=has_pair)


def test_a_message() -> None:
    seen = features()
    assert seen.kind is FileKind.MESSAGE
    assert (seen.account, seen.sender, seen.recipient) == (
        "info@d.example",
        "x@gmail.example",
        "a@a.example",
    )
    assert (seen.client_address, seen.is_authenticated) == ("41.202.24.147", True)
    assert (seen.message_id, seen.at_s) == ("IDU60958", wall_clock_s("20130715133248"))
    assert seen.leads == ("other@gmail.example", "evil.example")
    assert len(seen.sketch) == 6


@pytest.mark.parametrize(
    ("name", "data", "has_pair", "kind"),
    [
        (b"a/Thumbs.db", FILE, None, FileKind.FOREIGN),
        (b"\xff\xfe.tmp", FILE, None, FileKind.FOREIGN),
        (NAME, b"", None, FileKind.EMPTY),
        (NAME, FILE[:40], None, FileKind.HEADLESS),
        (NAME, FILE[:180], None, FileKind.HEADLESS),
        (NAME, b"\x00" * 500, None, FileKind.HEADLESS),
        (NAME.replace(b".tmp", b".dat"), b"x", True, FileKind.ENVELOPE),
        (NAME, FILE, False, FileKind.ORPHAN),
        (NAME, FILE, True, FileKind.MESSAGE),
    ],
)
def test_kinds(name: bytes, data: bytes, has_pair: bool | None, kind: FileKind) -> None:
    assert features(data, name, has_pair=has_pair).kind is kind


@pytest.mark.parametrize(
    ("headers", "is_report"),
    [
        (b"Content-Type: multipart/report; report-type=delivery-status\n", True),
        (b"Content-Type: multipart/report; report-type=disposition-notification\n", False),
        (b"Auto-Submitted: auto-replied\n", False),
    ],
)
def test_reports_are_told_from_receipts_and_replies(headers: bytes, is_report: bool) -> None:
    assert features(FILE.replace(b"Subject:", headers + b"Subject:")).is_report is is_report


@given(st.binary(max_size=600), st.binary(max_size=80), st.sampled_from([None, True, False]))
def test_nothing_raises_and_all_is_bounded(data: bytes, name: bytes, has_pair: bool | None) -> None:
    for path in (name, NAME):
        for content in (data, FILE + data):
            seen = features(content, path, has_pair=has_pair)
            assert len(seen.subject) <= 160
            assert len(seen.sketch) <= 16


@given(st.text(max_size=300))
def test_no_header_or_time_raises(text: str) -> None:
    assert "<" not in address_in(text)
    assert wall_clock_s(text) >= 0


NAMES = st.text(max_size=8) | st.tuples(st.text(max_size=8), st.integers(0, 1 << 20))


@given(st.dictionaries(NAMES, st.integers(0, MAX_VALUE), max_size=300))
def test_a_compact_map_is_a_map(wanted: dict[str | tuple[str, int], int]) -> None:
    held = CompactMap()
    for name, value in wanted.items():
        held.set(name, value)
    assert len(held) == len(wanted)
    assert {name: held.get(name) for name in wanted} == wanted


def test_a_compact_map_grows_and_knows_no_others() -> None:
    held = CompactMap()
    for number in range(20_000):
        held.set(("id", number), number % 7)
    assert len(held) == 20_000
    assert all(held.get(("id", number)) == number % 7 for number in range(0, 20_000, 99))
    assert not any(("other", number) in held for number in range(20_000))


def test_counts_are_never_too_small_and_stop() -> None:
    counts = ValueCounts()
    for _ in range(70_000):
        counts.add((5,))
    counts.add((5 + (1 << 22), 6))
    assert (counts.of(5), counts.of(6), counts.of(7)) == (65_535, 1, 0)
