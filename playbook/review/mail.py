"""A sample of a queue file as a person reads it: envelope, the headers that tell, and its text.

Nothing of it is loaded, opened or obeyed: HTML is shown as text with its links written out, and
every character passes `printable`. All work is bounded by the bytes that were read.
"""

import binascii
import codecs
import contextlib
import html
import re
from collections.abc import Iterable, Iterator
from email.errors import MessageError
from email.header import decode_header, make_header
from typing import Final

from playbook.text import one_line, printable
from playbook.triage.content import leaf_parts
from playbook.triage.messages import QueueMessage, address_in

MOST_CHARACTERS: Final = 20_000
_MOST_HEADER: Final = 300
_ABOVE: Final = ("Subject", "From", "Reply-To", "To", "Auto-Submitted")
_BELOW: Final = ("Date", "X-Mailer", "User-Agent", "Received")
_UNSEEN: Final = re.compile(r"<(style|script)\b[^<>]{0,2000}>", re.I)
_TAG: Final = re.compile(r"<(/?)([a-z!][a-z0-9]{0,20})((?:\s[^<>]{0,4000})?)/?>", re.I)
_ADDRESS: Final = re.compile(r"\b(?:href|src)\s{0,4}=\s{0,4}[\"']?([^\"'\s>]{1,2000})", re.I)
_CHARSET: Final = re.compile(r"charset\s{0,4}=\s{0,4}[\"']?([A-Za-z0-9_.:-]{1,40})", re.I)
_BLANK_LINES: Final = re.compile(r"\n[ \n]*\n")
_BREAKS: Final = frozenset(
    ["br", "p", "div", "tr", "li", "table", "h1", "h2", "h3", "h4", "blockquote", "ul", "ol", "hr"]
)


def reading(message: QueueMessage) -> str:
    """The sample as lines for a person, made harmless and at most `MOST_CHARACTERS` long."""
    above = "\n".join((*_headers(message, _ABOVE), *_envelope(message)))
    below = "\n".join(_headers(message, _BELOW))
    parts = (above, *_texts(message), below)
    return _bounded(printable("\n\n".join(filter(None, parts))))


def header_text(value: str) -> str:
    """A header's value with its encoded words (RFC 2047) and UTF-8 decoded, where they can be."""
    with contextlib.suppress(UnicodeError):
        value = value.encode("latin-1").decode("utf-8")
    if "=?" not in value:
        return value
    try:
        return str(make_header(decode_header(value)))
    except (MessageError, LookupError, ValueError):
        return value


def _headers(message: QueueMessage, names: Iterable[str]) -> Iterator[str]:
    for name in names:
        value = message.headers.get(name.lower())
        if value is not None:
            yield f"{name}: {one_line(header_text(value), _MOST_HEADER)}"


def _envelope(message: QueueMessage) -> Iterator[str]:
    """What the server noted, where it says more than the headers do."""
    envelope = message.envelope
    if envelope is None:
        return
    account, sender, to = envelope.original_sender, envelope.sender, envelope.recipients
    more = envelope.recipient_count - len(to)
    from_address = address_in(message.headers.get("from", ""))
    same = sender == from_address and to == (address_in(message.headers.get("to", "")),)
    if not same:
        shown = "not told" if sender is None else f"<{sender}>"
        others = f" and {more:,} more" if more > 0 else ""
        yield f"Envelope: {one_line(shown)} to {one_line(', '.join(to)) or 'not told'}{others}"
    if account != from_address:
        yield f"Account: {one_line(account or ('nobody' if account == '' else 'not told'))}"


def _texts(message: QueueMessage) -> Iterator[str]:
    """The text parts; HTML only where no plain text stands beside it; the others by their type."""
    parts = [(_kind(kind), kind, encoding, raw) for kind, encoding, raw in _leaves(message)]
    has_plain = any(kind == "text/plain" and raw.strip() for kind, _, _, raw in parts)
    for kind, content_type, encoding, raw in parts:
        if kind == "text/html":
            text = _without_tags(_text(content_type, encoding, raw)).strip()
            if not has_plain:
                yield f"[HTML, shown as text]\n{text}"
            elif links := _links(_text(content_type, encoding, raw)):
                yield "[its HTML part leads to]\n" + "\n".join(links)
        elif kind.startswith(("text/", "message/")):
            yield _text(content_type, encoding, raw).strip()
        elif kind:
            yield f"[{one_line(kind, 60)}, {len(raw):,} bytes as sent, not shown]"


def _leaves(message: QueueMessage) -> Iterator[tuple[str, str, bytes]]:
    return leaf_parts(message.headers, message.body)


def _kind(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower() or "text/plain"


def _text(content_type: str, encoding: str, raw: bytes) -> str:
    match encoding.strip().lower():
        case "base64":
            raw = _from_base64(raw)
        case "quoted-printable":
            raw = binascii.a2b_qp(raw)
        case _:
            pass
    named = _CHARSET.search(content_type)
    for charset in ("utf-8", named.group(1) if named else "", "latin-1"):
        # A sample may end in the middle of a character.
        with contextlib.suppress(LookupError, UnicodeError):
            return codecs.getincrementaldecoder(charset)().decode(raw)
    return ""


def _from_base64(raw: bytes) -> bytes:
    packed = raw.translate(None, b" \t\r\n")
    try:
        return binascii.a2b_base64(packed[: len(packed) // 4 * 4])
    except binascii.Error:
        return raw


def _without_tags(text: str) -> str:
    seen = _TAG.sub(_shown_tag, _without_unseen(text[: 4 * MOST_CHARACTERS]))
    folded = "\n".join(" ".join(each.split()) for each in html.unescape(seen).split("\n"))
    return _BLANK_LINES.sub("\n\n", folded)


def _without_unseen(text: str) -> str:
    """Without styles and scripts; one that never ends hides nothing."""
    folded, kept, position = text.lower(), [], 0
    while found := _UNSEEN.search(text, position):
        closed_at = folded.find(f"</{found.group(1).lower()}>", found.end())
        if closed_at < 0:
            break
        kept.append(text[position : found.start()])
        position = closed_at
    return "".join((*kept, text[position:]))


def _shown_tag(found: "re.Match[str]") -> str:
    closes, name, rest = found.group(1), found.group(2).lower(), found.group(3)
    address = _ADDRESS.search(rest)
    if address and not closes:
        return f" [{'picture' if name == 'img' else 'link'} {address.group(1)}] "
    return "\n" if name in _BREAKS else ""


def _links(text: str) -> tuple[str, ...]:
    found = (each.group(1) for each in _ADDRESS.finditer(text))
    return tuple(dict.fromkeys(each for each, _ in zip(found, range(20), strict=False)))


def _bounded(text: str) -> str:
    if len(text) <= MOST_CHARACTERS:
        return text
    return f"{text[:MOST_CHARACTERS]}\n[cut here: the sample goes on]"
