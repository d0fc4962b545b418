"""The features of every file of a queue folder, taken on the server and handed on as they come.

Where there is perl, it takes the features itself, by the twins of `playbook.queue`. Else the first
MiB of each file comes here (by python3, or more slowly by plain tools), and `features_of` takes
them. Either way one script is one round trip, however many files there are.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final, NamedTuple

import msgspec

from playbook.errors import AnswerUnreadable
from playbook.mail.icewarp.formats.features import (
    expected_features,
    features_of,
    leads_of,
    without_head,
)
from playbook.mail.icewarp.pack import LINUX
from playbook.mail.scripts import answers
from playbook.mail.scripts.blocks import Blocks
from playbook.mail.scripts.pack import Pack
from playbook.progress import Tell, untold
from playbook.transports.base import Request, Transport
from playbook.transports.frame import ScriptRecord
from playbook.triage.features import Features, FileKind
from playbook.triage.messages import text_of

# By plain tools a file costs some processes: 100,000 of them take the better part of an hour.
_DEADLINE_S: Final = 4 * 3600.0


class MessageFields(NamedTuple):
    """What the perl twin says of a message, in this order; texts as bytes of the file."""

    account: bytes | None
    sender: bytes | None
    recipient: bytes
    recipient_count: int
    message_id: bytes
    client_name: bytes
    client_address: bytes
    is_authenticated: bool
    from_address: bytes
    reply_to: bytes
    subject: bytes
    is_report: bool
    is_cut: bool
    failed: tuple[bytes, ...]
    returned_subject: bytes
    leads: tuple[bytes, ...]
    quoted_leads: tuple[bytes, ...]
    attachments: tuple[int, ...]
    sketch: tuple[int, ...]


class _Taken(NamedTuple):
    path: bytes
    size_bytes: int
    was_read: bool
    has_pair: bool | None
    fields: MessageFields | None


class _Head(NamedTuple):
    path: bytes
    size_bytes: int
    was_read: bool
    has_pair: bool | None
    data: bytes


_Unpack = Callable[[bytes], Iterator[Features | None]]
_TAKEN: Final = msgspec.msgpack.Decoder(tuple[_Taken, ...])
_HEADS: Final = msgspec.msgpack.Decoder(tuple[_Head, ...])


def scan(
    transport: Transport, folder: str, tell: Tell = untold, pack: Pack = LINUX
) -> Iterator[Features]:
    """The features of every file below a folder of the server, paths relative to it.

    Files that are gone before they are read are left out; what cannot be read is said to be
    `UNREADABLE`. Raises a `TransportError`, in the middle too: the scan changes nothing, so that
    the caller begins it again. Raises `ServerRefused` where there is no such folder.
    """
    request = Request(
        pack.streaming_script("read/queue_files"), {"folder": folder}, (), _DEADLINE_S
    )
    blocks, files = Blocks(), 0
    unpack: _Unpack = _taken
    for record in transport.stream(request, tell):
        match record:
            case ScriptRecord("refused"):
                refused = answers.refusal((record,))
                assert refused
                raise refused
            case ScriptRecord("by", (how,)):
                unpack = _UNPACK.get(how, _taken)
            case ScriptRecord("block"):
                for features in unpack(blocks.unpacked(record)):
                    files += 1
                    if features is not None:
                        yield features
            case _:
                blocks.end(record, files)
    blocks.require_end()


def _taken(block: bytes) -> Iterator[Features | None]:
    try:
        for each in _TAKEN.decode(block):
            yield _features(each)
    except msgspec.MsgspecError as error:
        raise AnswerUnreadable("A block of the server's answer is not understood") from error


def _heads(block: bytes) -> Iterator[Features | None]:
    try:
        for each in _HEADS.decode(block):
            yield _of_head(each)
    except msgspec.MsgspecError as error:
        raise AnswerUnreadable("A block of the server's answer is not understood") from error


def _lines(block: bytes) -> Iterator[Features | None]:
    """The blocks of plain tools: a line a file, what is not a plain word in hexadecimal."""
    for line in block.splitlines():
        try:
            path, size, was_read, pair, head = line.decode("ascii").split(" ")
            raw = bytes.fromhex(path[1:]) if path.startswith("~") else path.encode()
            data = b"" if head == "-" else bytes.fromhex(head)
            size_bytes = int(size)
        except ValueError as error:
            raise AnswerUnreadable("A block of the server's answer is not understood") from error
        has_pair = None if pair == "-" else pair == "yes"
        is_gone = was_read == "gone"
        head_read = _Head(raw, size_bytes, was_read == "yes", has_pair, data)
        yield None if is_gone else _of_head(head_read)


_UNPACK: Final[dict[str, _Unpack]] = {
    "perl": _taken,
    "python3": _heads,
    "sh": _lines,
}


def _of_head(seen: _Head) -> Features:
    if not seen.was_read:
        return Features(seen.path, FileKind.UNREADABLE, 0)
    return features_of(seen.path, seen.data, seen.size_bytes, has_pair=seen.has_pair)


def _features(seen: _Taken) -> Features:
    if not seen.was_read:
        return Features(seen.path, FileKind.UNREADABLE, 0)
    expected = expected_features(seen.path, seen.size_bytes, has_pair=seen.has_pair)
    if expected.kind is not FileKind.MESSAGE:
        return expected
    return _message(expected, seen.fields) if seen.fields else without_head(expected)


def _message(expected: Features, fields: MessageFields) -> Features:
    from_address = text_of(fields.from_address)
    return replace(
        expected,
        account=None if fields.account is None else text_of(fields.account),
        sender=None if fields.sender is None else text_of(fields.sender),
        recipient=text_of(fields.recipient),
        recipient_count=fields.recipient_count,
        message_id=text_of(fields.message_id),
        client_name=text_of(fields.client_name),
        client_address=text_of(fields.client_address),
        is_authenticated=fields.is_authenticated,
        from_address=from_address,
        subject=text_of(fields.subject),
        is_report=fields.is_report,
        is_cut=fields.is_cut,
        failed=_texts(fields.failed),
        returned_subject=text_of(fields.returned_subject),
        leads=leads_of(text_of(fields.reply_to), from_address, _texts(fields.leads)),
        quoted_leads=_texts(fields.quoted_leads),
        attachments=fields.attachments,
        sketch=fields.sketch,
    )


def _texts(raw: tuple[bytes, ...]) -> tuple[str, ...]:
    return tuple(text_of(each) for each in raw)
