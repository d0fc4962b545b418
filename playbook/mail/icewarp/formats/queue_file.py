"""The format of IceWarp's queue files: names, envelope block, trace line and headers."""

import re
from dataclasses import dataclass

from playbook.triage.messages import Envelope, QueueMessage, Trace, text_of

MAX_READ_BYTES = 1 << 20
_MAX_LINE_BYTES = 2048
_MAX_HEADER_LINES = 1000
_MAX_HEADERS_KEPT = 64
_MAX_RECIPIENTS_KEPT = 4
_LINE = re.compile(rb"[^\n]*\n?")
_ORIGINAL_SENDER = re.compile(rb"\W{0,8}original[ _-]?sender\b[\s:=<\"]*([^\s<>\"]{0,254})", re.I)
_BLOCK_LINE = re.compile(
    rb"\W{0,4}(original[ _-]?sender|sender|mail[ _]?from|recipients?|rcpt(?:[ _]?to)?"
    rb"|message[ _]?id)\s{0,8}[:=\t<\"]\s{0,8}<?([^\s<>\"]{0,254})",
    re.I,
)
_HEADER = re.compile(rb"([!-9;-~]{1,76})[ \t]{0,8}:[ \t]{0,64}(.*)", re.DOTALL)
_MESSAGE_HEADERS = re.compile(
    rb"(?:Received|Return-Path|DKIM-Signature|From|To|Subject|Date|MIME-Version|Message-ID"
    rb"|Delivered-To|Reply-To|X-[A-Za-z0-9-]{1,60}|Content-[A-Za-z-]{1,40})[ \t]{0,8}:"
)
# What stands in parentheses, with one more pair inside: `(IceWarp 11 x64)`, `((Our mail))`.
_GROUP = rb"\s{0,8}\([^()]{0,200}(?:\([^()]{0,200}\)[^()]{0,200}){0,3}\)"
# The client's part may look anyhow. The words of it are the client's own, so that what looks like
# a second end of the line makes it worthless.
_TRACE = re.compile(
    rb"(?:from(\s.{1,500}?))?\bby\s{1,8}(\S{1,128})(?:\s.{1,300}?)??\s{1,8}with\s{1,8}([A-Za-z]{3,10})"
    rb"(?:%s){0,3}\s{1,8}id\s{1,8}([0-9A-Za-z]{4,32})(?![0-9A-Za-z])" % _GROUP,
    re.IGNORECASE | re.DOTALL,
)
_SECOND_END = re.compile(
    rb"\swith\s{1,8}[A-Za-z]{3,10}\s.{0,400}?\bid\s", re.IGNORECASE | re.DOTALL
)
_CLIENT_ADDRESS = re.compile(
    rb"\([^()\[\]]{0,128}\[(?:IPv6:)?([0-9A-Fa-f.:]{2,45})\]|\((?:IPv6:)?"
    rb"(\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f]{0,4}:[0-9A-Fa-f]{0,4}:[0-9A-Fa-f.:]{0,35})\)",
    re.IGNORECASE,
)
_CLIENT_NAME = re.compile(rb"\s{1,8}([^\s(]\S{0,127})")
_NAME = re.compile(
    r"([0-9A-Za-z]{0,2}\d{18}[0-9A-Za-z]{0,2})((?:\.(?:tmp|tm\$|dat))+)", re.I | re.A
)
_STEM_TIME = re.compile(r"(?:^|(?<=^.)|(?<=^..))((?:19|20)\d{12})\d{4}")


@dataclass(frozen=True, slots=True)
class FileName:
    """A queue file's name: its stem of 18 digits with the server's id around it, and its ending."""

    stem: str
    extension: str

    @property
    def is_reserved(self) -> bool:
        """Whether the server was working on the file (`.tm$`)."""
        return self.extension.endswith("tm$")


def parse_name(name: str) -> FileName | None:
    """The name of a queue file, or `None` for a file of another kind."""
    found = _NAME.fullmatch(name[:64])
    return FileName(found.group(1), found.group(2)[1:].lower()) if found else None


def stem_time(stem: str) -> str:
    """The digits `YYYYMMDDhhmmss` in a stem, or `""`; the server's id may stand around them."""
    found = _STEM_TIME.search(stem)
    return found.group(1) if found else ""


def parse_message(data: bytes) -> QueueMessage:
    """The file's parts. Nothing after the first MiB is looked at, no line after its first 2 KiB."""
    data = data[:MAX_READ_BYTES]
    envelope, position = _read_envelope(data)
    headers, position, has_whole_head = _read_headers(data, position)
    trace = parse_trace(headers.get("received", ""))
    return QueueMessage(envelope, trace, headers, has_whole_head, data[position:])


def parse_trace(received: str) -> Trace | None:
    """The value of a `Received` header as the server writes it (`with ASMTP` = logged in).

    Id and protocol are read whatever the client's part looks like; its name and address are `""`
    where they do not stand there.
    """
    raw = received.encode("latin-1", "replace")
    found = _TRACE.match(raw)
    if found is None or _SECOND_END.search(raw, found.end()):
        return None
    client, server, protocol, message_id = (part or b"" for part in found.groups())
    name = _CLIENT_NAME.match(client)
    addresses = [each.group(1) or each.group(2) for each in _CLIENT_ADDRESS.finditer(client)]
    return Trace(
        client_name=text_of(name.group(1)) if name else "",
        client_address=text_of(addresses[-1]).lower() if addresses else "",
        server_name=text_of(server),
        is_authenticated=protocol.upper() in {b"ASMTP", b"ASMTPS", b"ESMTPA", b"ESMTPSA"},
        message_id=text_of(message_id),
    )


def _read_envelope(data: bytes) -> tuple[Envelope | None, int]:
    """The block and where the message begins after it."""
    if not _has_block(data):
        return None, 0
    values: dict[bytes, bytes] = {}
    recipients: list[bytes] = []
    count = position = 0
    for line in _LINE.finditer(data):
        text = line.group()[:_MAX_LINE_BYTES].rstrip()
        if not text or _MESSAGE_HEADERS.match(text):
            position = line.end() if not text else line.start()
            break
        found = _BLOCK_LINE.match(text)
        if found is not None:
            key, value = _block_key(found.group(1)), found.group(2)
            value = value if key == b"message id" else value.lower()
            values.setdefault(key, value)
            if key == b"recipient":
                count += 1
                recipients += [value] if count <= _MAX_RECIPIENTS_KEPT else []
        position = line.end()
    account, sender = values.get(b"original sender"), values.get(b"sender")
    envelope = Envelope(
        original_sender=None if account is None else text_of(account),
        sender=None if sender is None else text_of(sender),
        recipients=tuple(text_of(raw) for raw in recipients),
        recipient_count=count,
        message_id=text_of(values.get(b"message id", b"")),
    )
    return envelope, position


def _has_block(data: bytes) -> bool:
    """A block stands before the server's trace line, which nobody but the server writes first."""
    for _, line in zip(range(8), _LINE.finditer(data), strict=False):
        text = line.group()[:_MAX_LINE_BYTES].rstrip()
        if not text or text[:9].lower() == b"received:":
            return False
        if _ORIGINAL_SENDER.match(text):
            return True
        if _BLOCK_LINE.match(text) and not _MESSAGE_HEADERS.match(text):
            return True
    return False


def _block_key(raw: bytes) -> bytes:
    key = raw.lower()
    for start, name in ((b"original", b"original sender"), (b"rc", b"recipient")):
        if key.startswith(start):
            return name
    if key.startswith(b"recipient"):
        return b"recipient"
    return b"message id" if key.startswith(b"message") else b"sender"


def _read_headers(data: bytes, position: int) -> tuple[dict[str, str], int, bool]:
    headers: dict[str, str] = {}
    name = ""
    for count, line in enumerate(_LINE.finditer(data, position)):
        text = line.group()[:_MAX_LINE_BYTES].rstrip()
        position = line.end()
        if not text or count >= _MAX_HEADER_LINES:
            return headers, position, line.group().endswith(b"\n")
        if text[:1] in b" \t":
            if name and len(headers[name]) < _MAX_LINE_BYTES:
                headers[name] += " " + text.strip().decode("latin-1")
            continue
        found = _HEADER.match(text)
        name = found.group(1).decode("latin-1").lower() if found else ""
        if found is None or name in headers or len(headers) >= _MAX_HEADERS_KEPT:
            name = ""
            continue
        headers[name] = found.group(2).decode("latin-1")
    return headers, position, False
