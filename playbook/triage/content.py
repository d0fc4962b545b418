"""What a message says, made comparable: its text without quotes, its links, its attachments.

Everything is bounded and linear, because the text is an attacker's: parts, words, links and bytes
beyond a bound are not looked at. No HTML or MIME library is asked; both are slow here, and neither
promises to be linear on hostile input.

All of it goes by bytes: text is brought to UTF-8, what is no letter outside ASCII becomes a
blank, and only ASCII letters have an upper and a lower case. A mail server's own language computes
the same from the same bytes, whatever Unicode it knows (`linux/read/queue_content.pl`).
"""

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from playbook.triage.similarity import checksum_of, words_in

WHITE: Final = " \t\n\r\f\v"
MAX_PARTS: Final = 64
MAX_TEXT_BYTES: Final = 1 << 16
MAX_LEADS: Final = 12
MAX_ATTACHMENTS: Final = 4
_MIN_ATTACHMENT_BYTES: Final = 200
_MIN_OWN_WORDS: Final = 12

_BOUNDARY: Final = re.compile(
    r"boundary\s{0,4}=\s{0,4}(?:\"([^\"\r\n]{1,200})\"|([^\s;\"]{1,200}))", re.I | re.A
)
_PART_TYPE: Final = re.compile(
    rb"content-type[ \t]*:[ \t]*([^\r\n]{0,400}(?:\r?\n[ \t][^\r\n]{0,400}){0,4})", re.I
)
_PART_ENCODING: Final = re.compile(
    rb"content-transfer-encoding[ \t]*:[ \t]*([A-Za-z0-9-]{1,20})", re.I
)
_DELIMITER: Final = re.compile(rb"^--([^\r\n]{1,200})", re.M)
_HEADER_END: Final = re.compile(rb"\r?\n\r?\n")
_NO_BASE64: Final = bytes(
    set(range(256)) - set(binascii.b2a_base64(bytes(range(256)) * 3)[:-1]) | {61}
)
# In UTF-8: Latin-1's signs, punctuation and symbols, full-width forms, everything beyond 16 bits.
_NO_LETTER: Final = re.compile(
    rb"\xc2[\x80-\xbf]|(?:\xe2[\x80-\xbf]|\xe3\x80|\xef[\x80-\xbf])[\x80-\xbf]"
    rb"|[\xf0-\xf4][\x80-\xbf]{3}"
)
_QUOTE_LINE: Final = re.compile(rb"^[ \t]{0,4}>[^\n]*", re.M)
_QUOTE_MARK: Final = re.compile(
    rb"-{3,10} ?(?:original message|message d'origine|message original|forwarded message"
    rb"|message transf|urspr|mensaje original)",
    re.I,
)
_QUOTE_TAG: Final = re.compile(rb"<(/?)blockquote", re.I)
# No head: a reader sees what stands in one, and one may never end.
_UNSEEN: Final = re.compile(rb"<(style|script|title)\b|<!--", re.I)
_SCHEMA: Final = re.compile(
    rb"<!doctype[^<>]{0,1000}>"
    rb"|[ \t\r\n]xmlns(?::[A-Za-z0-9_-]{1,40})?=(?:\"[^\"<>]{0,300}\"|'[^'<>]{0,300}')",
    re.I,
)
_TAG: Final = re.compile(rb"<[^<>]{0,2000}>")
_ENTITY: Final = re.compile(rb"&[#\w]{1,10};")
_LEAD: Final = re.compile(rb"(?:://|\bwww\.|@)[^\s\"'<>]*", re.I)
_HOST: Final = re.compile(rb"(?:://)?(?:[^/@\s]{0,200}@)?(?:www\.)?([\w.\x80-\xff-]{3,100})", re.I)
_LOCAL_PART: Final = re.compile(rb"[\w.+\x80-\xff-]{1,64}\Z")
_DOMAIN: Final = re.compile(rb"@([\w\x80-\xff-]{1,63}(?:\.[\w\x80-\xff-]{1,63}){1,6})")
_FAILED: Final = re.compile(
    rb"^final-recipient[ \t]*:[ \t]*[^;\r\n]{0,20};[ \t]*<?([^\s<>]{1,254})", re.I | re.M
)
_SUBJECT: Final = re.compile(rb"^subject[ \t]*:[ \t]*([^\r\n]{0,400})", re.I | re.M)


@dataclass(frozen=True, slots=True)
class Content:
    """What a message says.

    `own_text` is UTF-8 without markup, links, addresses and quotes; where that is next to nothing,
    what is quoted or forwarded is the message, as a reader sees it. A lead is a link's host or an
    address to write to; those inside quoted text stand apart. An attachment is the size of its
    encoded bytes shifted by 32 bits, and their checksum. `is_cut` marks a multipart message
    whose closing line is missing.
    """

    own_text: bytes
    leads: tuple[bytes, ...]
    quoted_leads: tuple[bytes, ...]
    attachments: tuple[int, ...]
    is_cut: bool


@dataclass(slots=True)
class _Collected:
    own: list[bytes] = field(default_factory=list)
    quoted: list[tuple[bytes, bool]] = field(default_factory=list)
    leads: dict[bytes, None] = field(default_factory=dict)
    quoted_leads: dict[bytes, None] = field(default_factory=dict)
    attachments: dict[int, None] = field(default_factory=dict)
    text_bytes: int = 0


def read_content(headers: dict[str, str], body: bytes, *, is_whole: bool) -> Content:
    """The content of a message; `is_whole` is false where `body` was cut by the reader."""
    collected = _Collected()
    content_type = headers.get("content-type", "text/plain")
    boundary = _boundary_in(content_type)
    is_cut = False
    if boundary is None:
        _add_part(collected, content_type, headers.get("content-transfer-encoding", ""), body)
    else:
        closing = b"--" + boundary + b"--"
        is_cut = is_whole and closing not in body
        for part_type, encoding, part in _parts(body, boundary):
            _add_part(collected, part_type, encoding, part)
    _own_what_is_shown(collected)
    return Content(
        own_text=b" ".join(collected.own),
        leads=tuple(collected.leads),
        quoted_leads=tuple(lead for lead in collected.quoted_leads if lead not in collected.leads),
        attachments=tuple(collected.attachments),
        is_cut=is_cut,
    )


def failed_recipients(body: bytes) -> tuple[bytes, ...]:
    """The recipients that a delivery status notification (RFC 3464) reports, at most four."""
    found = (match.group(1) for match in _FAILED.finditer(body[:MAX_TEXT_BYTES]))
    return tuple(raw.lower() for raw, _ in zip(found, range(4), strict=False))


def returned_subject(body: bytes) -> bytes:
    """The subject of the message that a notification carries, or `b""`."""
    found = _SUBJECT.search(body[:MAX_TEXT_BYTES])
    return found.group(1).strip() if found else b""


def _boundary_in(content_type: str) -> bytes | None:
    if not content_type.lstrip(WHITE)[:10].lower().startswith("multipart/"):
        return None
    found = _BOUNDARY.search(content_type)
    return (found.group(1) or found.group(2)).encode("latin-1", "replace") if found else None


def leaf_parts(headers: dict[str, str], body: bytes) -> Iterator[tuple[str, str, bytes]]:
    """Type, encoding and raw bytes of each part of a message that holds no other parts."""
    content_type = headers.get("content-type", "text/plain")
    boundary = _boundary_in(content_type)
    if boundary is None:
        yield content_type, headers.get("content-transfer-encoding", ""), body
    else:
        yield from _parts(body, boundary)


def _parts(body: bytes, outer: bytes) -> Iterator[tuple[str, str, bytes]]:
    """Type, encoding and bytes of each leaf part; nested multiparts are walked flat."""
    boundaries = {outer}
    part: _PartHead | None = None
    count = 0
    for found in _DELIMITER.finditer(body):
        line = found.group(1).rstrip()
        is_last = line.endswith(b"--") and line[:-2] in boundaries
        if not is_last and line not in boundaries:
            continue
        if part is not None:
            yield part.content_type, part.encoding, body[part.end : found.start()]
        count += 1
        if count > MAX_PARTS:
            return
        part = None if is_last else _part_head(body, found.end(), boundaries)
    if part is not None:
        yield part.content_type, part.encoding, body[part.end :]


@dataclass(frozen=True, slots=True)
class _PartHead:
    content_type: str
    encoding: str
    end: int


def _part_head(body: bytes, start: int, boundaries: set[bytes]) -> _PartHead | None:
    """The headers of the part that starts here; `None` for one that only holds other parts."""
    end = _HEADER_END.search(body, start, start + 8192)
    head = body[start : end.start()] if end else b""
    type_found, encoding_found = _PART_TYPE.search(head), _PART_ENCODING.search(head)
    content_type = type_found.group(1).decode("latin-1") if type_found else "text/plain"
    inner = _boundary_in(content_type)
    if inner is not None:
        boundaries.add(inner)
        return None
    encoding = encoding_found.group(1).decode("latin-1") if encoding_found else ""
    return _PartHead(content_type, encoding, end.end() if end else start)


def _add_part(collected: _Collected, content_type: str, encoding: str, raw: bytes) -> None:
    kind = content_type.lstrip(WHITE)[:60].lower()
    if kind.startswith(("text/plain", "text/html", "text/enriched")) or not kind:
        room = MAX_TEXT_BYTES - collected.text_bytes
        text = _utf8(_decode(encoding, raw[: room * 2]))[:room]
        collected.text_bytes += len(text)
        _add_text(collected, text, is_html="html" in kind[:12])
        return
    is_attachment = len(raw) >= _MIN_ATTACHMENT_BYTES and not kind.startswith("message/delivery")
    if is_attachment and len(collected.attachments) < MAX_ATTACHMENTS:
        packed = raw.translate(None, b" \t\r\n")
        collected.attachments[len(packed) << 32 | checksum_of(packed)] = None


def _decode(encoding: str, raw: bytes) -> bytes:
    """The bytes behind a transfer encoding; of base64 what stands before the first `=`."""
    kind = encoding.strip(WHITE).lower()
    if kind == "base64":
        packed = raw.partition(b"=")[0].translate(None, _NO_BASE64)
        packed = packed[:-1] if len(packed) % 4 == 1 else packed
        return binascii.a2b_base64(packed + b"=" * (-len(packed) % 4))
    return binascii.a2b_qp(raw) if kind == "quoted-printable" else raw


def _utf8(raw: bytes) -> bytes:
    """Text as UTF-8, whatever it was: what is not UTF-8 is taken for Latin-1."""
    if raw.isascii():
        return raw
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        raw = raw.decode("latin-1").encode()
    return _NO_LETTER.sub(b" ", raw)


def _own_what_is_shown(collected: _Collected) -> None:
    """Where the own text is next to nothing, take what is quoted for the message."""
    words = words_in(b" ".join(collected.own))
    if sum(1 for _ in islice(words, _MIN_OWN_WORDS)) == _MIN_OWN_WORDS:
        return
    collected.own += [_shown(text, is_html=is_html) for text, is_html in collected.quoted]
    both = dict.fromkeys([*collected.leads, *collected.quoted_leads])
    collected.leads = dict.fromkeys(islice(both, MAX_LEADS))


def _add_text(collected: _Collected, text: bytes, *, is_html: bool) -> None:
    """Text below a line such as "Original Message" is not own, but who wrote its links is open."""
    text = _SCHEMA.sub(b" ", text) if is_html else text
    own, quoted = _without_quotes(text, is_html=is_html)
    _add_leads(collected.leads, own)
    _add_leads(collected.quoted_leads, quoted)
    mark = _QUOTE_MARK.search(own)
    if mark is not None:
        own, quoted = own[: mark.start()], own[mark.start() :] + b"\n" + quoted
    collected.own.append(_shown(own, is_html=is_html))
    collected.quoted.append((quoted, is_html))


def _shown(text: bytes, *, is_html: bool) -> bytes:
    """What a reader sees of a text, without links and addresses."""
    text = _LEAD.sub(b" ", text)
    return _ENTITY.sub(b" ", _TAG.sub(b" ", _without_unseen(text))) if is_html else text


def _without_quotes(text: bytes, *, is_html: bool) -> tuple[bytes, bytes]:
    """The text and what it quotes: lines with `>` before them, in HTML the quote blocks."""
    if is_html:
        return _without_blocks(text)
    if b">" not in text:
        return text, b""
    return _QUOTE_LINE.sub(b"", text), b"\n".join(_QUOTE_LINE.findall(text))


def _without_blocks(html: bytes) -> tuple[bytes, bytes]:
    """The text outside and inside of quote blocks; one that never ends holds the rest."""
    pieces: tuple[list[bytes], list[bytes]] = [], []
    depth = position = 0
    for found in _QUOTE_TAG.finditer(html):
        after = max(depth - 1, 0) if found.group(1) else depth + 1
        if bool(after) != bool(depth):
            pieces[depth > 0].append(html[position : found.start()])
            position = found.start()
        depth = after
    pieces[depth > 0].append(html[position:])
    return b" ".join(pieces[0]), b" ".join(pieces[1])


def _without_unseen(html: bytes) -> bytes:
    """The text without comments, styles, scripts and title; one that never ends hides the rest."""
    folded = html.lower()
    kept: list[bytes] = []
    position = 0
    while (found := _UNSEEN.search(html, position)) is not None:
        kept.append(html[position : found.start()])
        name = found.group(1)
        end = b"</" + name.lower() + b">" if name else b"-->"
        closed_at = folded.find(end, found.end())
        if closed_at < 0:
            return b" ".join(kept)
        position = closed_at + len(end)
    kept.append(html[position:])
    return b" ".join(kept)


def _add_leads(leads: dict[bytes, None], text: bytes) -> None:
    for found in _LEAD.finditer(text):
        if len(leads) >= MAX_LEADS:
            return
        lead = _lead(text, found).lower().rstrip(b".-")
        if lead:
            leads[lead] = None


def _lead(text: bytes, found: re.Match[bytes]) -> bytes:
    raw = found.group()[:400]
    if raw.startswith(b"@"):
        domain = _DOMAIN.match(raw)
        name = _LOCAL_PART.search(text[max(0, found.start() - 64) : found.start()])
        return name.group() + b"@" + domain.group(1) if domain and name else b""
    host = _HOST.match(raw)
    return host.group(1) if host else b""
