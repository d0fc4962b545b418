"""The features of a queue file of IceWarp, from its name and its first bytes."""

from calendar import timegm
from dataclasses import replace

from playbook.mail.icewarp.formats.queue_file import (
    MAX_READ_BYTES,
    FileName,
    parse_message,
    parse_name,
    stem_time,
)
from playbook.triage.content import failed_recipients, read_content, returned_subject
from playbook.triage.features import Features, FileKind
from playbook.triage.messages import QueueMessage, address_in, text_of
from playbook.triage.similarity import sketch_of

MAX_SUBJECT_BYTES = 160


_EXPECTED_HEADERS = {"received", "from", "date", "subject", "to"}


def features_of(path: bytes, data: bytes, size_bytes: int, *, has_pair: bool | None) -> Features:
    """The features of a file from its first MiB; `data` may hold less, never misses the start.

    `has_pair` says for a file of an incoming queue whether the other half lies beside it, and
    is `None` elsewhere. A mail server takes the same features itself by the scripts
    `linux/read/queue_*.pl`: a rule that changes here changes there.
    """
    expected = expected_features(path, size_bytes, has_pair=has_pair)
    if expected.kind is not FileKind.MESSAGE:
        return expected
    message = parse_message(data)
    if not message.has_whole_head or not _EXPECTED_HEADERS & message.headers.keys():
        return without_head(expected)
    is_whole = len(data) >= size_bytes and len(data) <= MAX_READ_BYTES
    return _message_features(expected, message, is_whole=is_whole)


def expected_features(path: bytes, size_bytes: int, *, has_pair: bool | None) -> Features:
    """What name, size and pair tell already; where the kind is a message, it is to be read."""
    name = parse_name(path.rpartition(b"/")[2].decode("latin-1"))
    kind = _kind_by_name(name, size_bytes, has_pair=has_pair)
    if name is None or kind is not FileKind.MESSAGE:
        return Features(path, kind, size_bytes, stem=name.stem if name else "")
    return Features(
        path=path,
        kind=kind,
        size_bytes=size_bytes,
        stem=name.stem,
        is_reserved=name.is_reserved,
        is_incoming=has_pair is not None,
        at_s=wall_clock_s(stem_time(name.stem)),
    )


def without_head(expected: Features) -> Features:
    """The features of a file that was taken for a message and has no whole head of one."""
    return Features(expected.path, FileKind.HEADLESS, expected.size_bytes, stem=expected.stem)


def _kind_by_name(name: FileName | None, size_bytes: int, *, has_pair: bool | None) -> FileKind:
    if name is None:
        return FileKind.FOREIGN
    if name.extension.endswith("dat"):
        return FileKind.ENVELOPE
    if size_bytes == 0:
        return FileKind.EMPTY
    return FileKind.ORPHAN if has_pair is False else FileKind.MESSAGE


def _message_features(expected: Features, message: QueueMessage, *, is_whole: bool) -> Features:
    headers, envelope, trace = message.headers, message.envelope, message.trace
    content = read_content(headers, message.body, is_whole=is_whole)
    is_report = _is_report(headers, envelope.sender if envelope else None)
    from_address = address_in(headers.get("from", ""))
    reply_to = address_in(headers.get("reply-to", ""))
    subject = returned_subject(message.body) if is_report else b""
    return replace(
        expected,
        account=envelope.original_sender if envelope else None,
        sender=envelope.sender if envelope else None,
        recipient=_recipient(message),
        recipient_count=envelope.recipient_count if envelope else 0,
        message_id=trace.message_id if trace else (envelope.message_id if envelope else ""),
        client_name=trace.client_name if trace else "",
        client_address=trace.client_address if trace else "",
        is_authenticated=trace.is_authenticated if trace else False,
        from_address=_text(from_address),
        subject=_text(headers.get("subject", "")[:MAX_SUBJECT_BYTES]),
        is_report=is_report,
        is_cut=content.is_cut,
        failed=_texts(failed_recipients(message.body)) if is_report else (),
        returned_subject=text_of(subject[:MAX_SUBJECT_BYTES]),
        leads=leads_of(_text(reply_to), _text(from_address), _texts(content.leads)),
        quoted_leads=_texts(content.quoted_leads),
        attachments=content.attachments,
        sketch=() if is_report else sketch_of(content.own_text),
    )


def leads_of(reply_to: str, from_address: str, leads: tuple[str, ...]) -> tuple[str, ...]:
    """An address that answers go to and that is not the sender's is a lead too, the first one."""
    return (reply_to, *leads) if reply_to and reply_to != from_address else leads


def _text(latin: str) -> str:
    return latin if latin.isascii() else text_of(latin.encode("latin-1", "replace"))


def _texts(raw: tuple[bytes, ...]) -> tuple[str, ...]:
    return tuple(text_of(each) for each in raw)


def wall_clock_s(digits: str) -> int:
    """Seconds since 1970 for `YYYYMMDDhhmmss` as a wall clock shows it; 0 for no time."""
    if len(digits) != 14 or not digits.isascii() or not digits.isdigit():
        return 0
    year, month, day = int(digits[:4]), int(digits[4:6]), int(digits[6:8])
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return 0
    return timegm((year, month, day, int(digits[8:10]), int(digits[10:12]), int(digits[12:14])))


def _recipient(message: QueueMessage) -> str:
    if message.envelope is not None and message.envelope.recipients:
        return message.envelope.recipients[0]
    return _text(address_in(message.headers.get("to", "")))


def _is_report(headers: dict[str, str], sender: str | None) -> bool:
    content_type = headers.get("content-type", "").lower()
    if "multipart/report" in content_type:
        return "disposition-notification" not in content_type
    name = address_in(headers.get("from", "")).partition("@")[0]
    return not sender and name in {"mailer-daemon", "postmaster"}
