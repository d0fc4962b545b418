"""Queue files that are hard to read the same way twice, made by hand and by hypothesis."""

import base64

from hypothesis import strategies as st

BLOCK = (
    b"original sender: Info@d.example\nsender: <X@gmail.example>\nrecipient: <a@a.example>\n"
    b"recipient: <b@b.example>\nmessage id: IDU60958\n"
)
TRACE = (
    b"Received: from User ([41.202.24.147]) by m.d.example (IceWarp 10.4.5) with ASMTP (SSL)\n"
    b"\tid IDU60958; Mon, 15 Jul 2013 13:32:48 +0200\n"
)
HEAD = BLOCK + TRACE + b"From: Me <Info@d.example>\nTo: <z@z.example>\nSubject: hello\n"
TEXT = (
    "Réunion à l\u2019étage « 2 » \u2013 voir http://www.Evil.example/a?b=1, www.other.example. ou"
    " écrire à Me.Too@mail.example \u2013 ñandú 馬馬馬 Привет мир 🙂 \u017f K straße\n"
)


def typed(kind: str, body: bytes, encoding: str = "8bit") -> bytes:
    """A message of one part."""
    head = f"Content-Type: {kind}\nContent-Transfer-Encoding: {encoding}\n\n"
    return HEAD + head.encode() + body


def parts(*bodies: bytes, end: bytes = b"--B--\n") -> bytes:
    """A message of several parts; each begins with its own headers."""
    framed = b"".join(b"--B\n" + body + b"\n" for body in bodies)
    return HEAD + b'Content-Type: multipart/mixed; boundary="B"\n\n' + framed + end


REPORT = (
    b"From: Mailer-Daemon@d.example\nContent-Type: multipart/report; boundary=B\nSubject: no\n\n"
    b"--B\n\nsorry, it did not arrive there at all\n--B\nContent-Type: message/delivery-status\n\n"
    b"Final-Recipient: rfc822; <Gone@x.example>\nfinal-recipient:rfc822;b@y.example\n--B\n"
    b"Content-Type: message/rfc822\n\nSubject:  \xc3\xa9t\xc3\xa9 \xff \t\n\nx\n--B--\n"
)
_NO_DIGITS = bytes.maketrans(b"0123456789", b"ghijklmnop")
_DATA = bytes(range(256)) * 40
_PDF = b"Content-Type: application/pdf\nContent-Transfer-Encoding: base64\n\n"
_HTML = (
    "<html><HEAD><title>no</title></HEAD><style>p{}</style><!-- hidden -->" + TEXT * 3 + "&nbsp;"
    "<a href='http://evil.example:80/q'>x</a><BLOCKQUOTE>old http://old.example/</BLOCKQUOTE>"
).encode()

# From parts of trace lines, as servers write them and as a client may name itself.
FROM_PARTS: dict[str, bytes] = {
    "no name": b"from ([41.202.24.147])",
    "a name of two words": b"from my computer ([41.202.24.147])",
    "an address as the name": b"from [192.168.1.5] ([41.202.24.147])",
    "an address in parentheses as the name": b"from ([192.168.1.5]) ([41.202.24.147])",
    "a name of the network": b"from User (host.isp.example [41.202.24.147])",
    "a bare address": b"from User (41.202.24.147)",
    "IPv6": b"from User ([IPv6:2001:DB8::1:2])",
    "bare IPv6": b"from User (2001:DB8::1:2)",
    "no address": b"from User",
    "nothing": b"",
    "more behind": b"from User ([41.202.24.147] helo=pc)",
}
BY_PARTS: dict[str, bytes] = {
    "plain": b"by m.d.example with ASMTP id IDU60958;",
    "twice in parentheses": b"by m.d.example ((Our cloud mail)) with ASMTP (SSL) id IDU60958;",
    "a build": b"by m.d.example (12.2.0 build 2 RHEL7 x64) with ESMTP id 201307151332484447 / 12;",
    "two groups": b"by m.d.example (IceWarp) (our (own)) with ASMTP (SSL) (TLS1.2) id IDU60958",
    "an odd banner": b"by m.d.example (Our :) mail, with love) with ASMTP (SSL) id IDU60958;",
    "a bare banner": b"by m.d.example IceWarp 12.2.0 x64 with ASMTP id IDU60958;",
    "a second end": b"by m.d.example with ASMTP id IDU60958 ([1.2.3.4]) by m with ESMTP id IDU9;",
    "no id": b"by m.d.example with ASMTP;",
}
TRACES = {
    f"{client}, {server}": b" ".join(filter(None, (first, second)))
    for client, first in FROM_PARTS.items()
    for server, second in BY_PARTS.items()
}

FILES: dict[str, bytes] = {
    "plain": typed("text/plain", TEXT.encode() * 9),
    "latin": typed(
        "text/plain", "Réunion à l'étage, ÿþ, écrire à me@mail.example ".encode("latin-1") * 9
    ),
    "utf-16": typed("text/plain; charset=utf-16", TEXT.encode("utf-16")),
    "half of a pair": typed(
        "text/plain", b"one two three four five six \xed\xa0\x80 \xf5 \xf4\x90\x80\x80 seven"
    ),
    "too long a form": typed(
        "text/plain", b"one two three four five six \xc0\xaf \xe0\x80\xaf seven"
    ),
    "html": typed("text/html", _HTML),
    "never closed": typed("text/html", b"<p>one two three four five six seven<script>" + _HTML),
    "base64": typed("text/plain", base64.encodebytes(TEXT.encode() * 9), "BASE64 "),
    "base64 cut": typed("text/html", base64.encodebytes(_HTML)[:-3], "base64"),
    "base64 twice": typed("text/plain", base64.encodebytes(b"one two three four") * 3, "base64"),
    "base64 broken": typed("text/plain", b"====\n!!" + base64.encodebytes(TEXT.encode()), "base64"),
    "quoted": typed(
        "text/plain",
        b"R=C3=a9union =3D== =zz =\r\nx=\n y=\r =\rz =e2=80=99 a b c d",
        "quoted-printable",
    ),
    "quoted to its end": typed(
        "text/plain", b"one two three four five six seven =", "quoted-printable"
    ),
    "quoted lines": typed(
        "text/plain", b"Mine is here http://a.example\n> his http://b.example/\n \t>me@c.example\n"
    ),
    "quote blocks": typed(
        "text/html",
        b"<!DocType a 'http://d.example/'><p XMLNS:o=\"http://x.example\">one</p><blockquote></blockQuote>"
        b"two <BLOCKQUOTE>three http://b.example/ <blockquote> four </blockquote> five</blockquote>"
        b"</blockquote> six <title>t</title> seven <blockquote>eight",
    ),
    "nothing own": typed("text/html", b"Hi <blockquote>" + _HTML + b"</blockquote>"),
    "twelve own words": typed(
        "text/plain", b"aa bb cc dd ee ff gg hh ii jj kk ll\n> mm nn oo http://q.example/\n"
    ),
    "eleven own words": typed(
        "text/plain", b"aa bb cc dd ee ff gg hh ii jj kk\n> mm nn oo http://q.example/\n"
    ),
    "a mark at once": typed(
        "text/plain",
        b"-----Original Message-----\n> one two http://m.example/\nthree four five six",
    ),
    "a mark": typed(
        "text/plain",
        b"Mine is this text of some words http://x----- Original Message http://y.example/",
    ),
    "parts": parts(
        b"\nplain one two three four five",
        b"Content-Type: text/html\n\n" + _HTML,
        _PDF + base64.encodebytes(_DATA),
    ),
    "nested": parts(
        b'Content-Type: multipart/alternative;\n boundary="C D"\n\n'
        b"--C D\n\ninside it are six words or more\n--C D--",
        b"x",
    ),
    "no end": parts(b"\none two three four five six seven", end=b""),
    "attachments": parts(
        *(_PDF + base64.encodebytes(_DATA[: 900 + 7 * n]) for n in (0, 1, 2, 0, 3, 4, 5))
    ),
    "delimiters": parts(b"\n--\n--B \t\n--Bx\n--B--x\n-- B\nwords are here in this part, six"),
    "report": BLOCK.replace(b"<X@gmail.example>", b"<>") + REPORT,
    "report without sender": REPORT.replace(b"multipart/report", b"text/plain"),
    "receipt": REPORT.replace(
        b"multipart/report;", b"multipart/report; report-type=disposition-notification;"
    ),
    "no block": TRACE + b"From: a@b.example\n\none two three four five six seven\n",
    "blank after block": BLOCK + b"\r\n" + TRACE + b"\r\n\r\nbody of six words or even more\r\n",
    "equals": HEAD.replace(b": ", b"=", 3).replace(b"original sender", b'; Original_Sender "'),
    "forged block": TRACE + b"original sender: boss@d.example\nFrom: a@b.example\n\nx\n",
    "empty sender": b"original sender: \nrecipient: <>\n" + TRACE + b"\nx\n",
    "odd bytes": BLOCK.replace(b"X@gmail", b"\xc9\xff@gmail")
    + TRACE.replace(b"User", b"Us\xe9r\x85\xa0")
    + b"From: \xc9T\xc9@x.example\xa0\nReply-To: <\xc0@y.example>\n"
    + b"Subject: \xe9\xc3\xa9 \x1c \x00 x\n\nx\n",
    "controls": HEAD.replace(b"hello", b"\x0b\x0c\x1c\x1d \x85\xa0")
    + b"X: \x0b\n \x0c\n\x0b\n\nx\n",
    "one line": b"From: " + b"x" * 3000,
    "no message": b"\x00" * 500,
    "blank": b"   \r\n",
    "headers only": b"Subject: x\n\n",
    "folded": HEAD
    + b"X-A: 1\n"
    + b" more" * 900
    + b"\n"
    + b"\tagain\n" * 500
    + b"no header\n folded\n\nx\n",
    "many headers": HEAD
    + b"".join(b"X-%d: %d\n" % (n, n) for n in range(80))
    + b"Content-Type: text/html\n\n<b>\n",
    "1,000 headers": HEAD + b"a: b\n" * 1100 + b"\nbody\n",
    "many leads": typed(
        "text/plain", b" ".join(b"http://h%d.example/ me@h%d.example" % (n, n) for n in range(30))
    ),
    "odd leads": typed(
        "text/plain",
        b"@ a@ @b a@b a@b.c ://x ://..- www. awww.x.example WWW.Y.example\n"
        b"foo\n@bar.example http://u:p@h.example/ a@b.c@d.e",
    ),
}

HOSTILE: dict[str, bytes] = {
    "a header of 50 MB": b"Received: from " + b"x" * 50_000_000,
    "spaces": HEAD + (b"X" + b" " * 2040 + b"x\n") * 500,
    "10,000 parts": parts(*[b"Content-Type: text/plain\n\nx"] * 10_000),
    "10,000 nested": parts(*[b'Content-Type: multipart/x; boundary="B"\n'] * 10_000),
    "dashes in lines": parts(b"\n--" * 300_000),
    "100,000 recipients": BLOCK + b"recipient: <a@a.example>\n" * 100_000 + TRACE + b"\nx\n",
    "angle brackets": typed("text/html", b"<" * 1_000_000),
    "tags that never end": typed("text/html", b"<style<head<!--" * 70_000),
    "closed at once": typed("text/html", b"<!---->" * 150_000),
    "at signs": typed("text/plain", b"@" * 1_000_000),
    "at signs apart": typed("text/plain", b"a@b.example " * 80_000),
    "schemes": typed("text/plain", b"://" * 300_000),
    "hosts": typed("text/plain", b"awww." * 200_000),
    "words": typed(
        "text/plain", b" ".join(b"%x" % n for n in range(180_000)).translate(_NO_DIGITS)
    ),
    "a word of a million": typed("text/plain", b"a" * 1_000_000),
    "dashes": typed("text/plain", b"-" * 1_000_000),
    "quote lines": typed("text/plain", b">\n" * 500_000),
    "equals": typed("text/plain", b"=\r" * 500_000, "quoted-printable"),
    "base64": typed("text/plain", b"=A" * 500_000, "base64"),
    "high bytes": typed("text/plain", b"\xf0\x9f\x98\x80" * 250_000),
    "an attachment": parts(_PDF + base64.encodebytes(_DATA * 70)),
    "brackets": b"Received: from a " + b"([" * 400_000,
}

_TOKENS = st.sampled_from(
    [
        b"\n",
        b"\r\n",
        b"\n\n",
        b" ",
        b"\t",
        b":",
        b"=",
        b"--",
        b"--B",
        b"--B--",
        b"<",
        b">",
        b"@",
        b'"',
        b"(",
        b")",
        b"[",
        b"]",
        b"a@b.example",
        b"<X@Y.example>",
        b"http://",
        b"www.",
        b"://",
        b"word",
        b"Two",
        b"\xc3\xa9",
        b"\xe2\x80\x99",
        b"\xff",
        b"\xed\xa0\x80",
        b"\xf0\x9f\x98\x80",
        b"=C3=A9",
        b"=\n",
        b"UsOpdW5pb24=",
        b"&amp;",
        b"<b>",
        b"<!--",
        b"-->",
        b"<style>",
        b"</style>",
        b"<blockquote>",
        b"-----Original Message",
        b"> ",
        b"\x00",
        b"\x0b",
        b"\x85",
        b"\xa0",
        b"original sender: ",
        b"sender: ",
        b"recipient: ",
        b"rcpt to=",
        b"message id: ",
        b"From: ",
        b"Subject: ",
        b"Received: from a ([1.2.3.4]) by b (c) with ASMTP id ABCD1;",
        b"Reply-To: ",
        b"Content-Type: text/html\n",
        b"Content-Type: multipart/mixed; boundary=B\n",
        b"Content-Type: multipart/report; boundary=B\n",
        b"Content-Type: application/x\n",
        b"Content-Transfer-Encoding: base64\n",
        b"Content-Transfer-Encoding: quoted-printable\n",
        b"Final-Recipient: rfc822; ",
        b"one two three four five six seven eight ",
    ]
)
_LOOSE = st.lists(_TOKENS | st.binary(max_size=6), max_size=40).map(b"".join)


@st.composite
def queue_files(draw: st.DrawFn) -> bytes:
    """A queue file that is nearly one: headers of the known kinds, then anything."""
    block = draw(st.sampled_from([b"", BLOCK, BLOCK + b"\n"]) | _LOOSE)
    headers = draw(st.lists(_TOKENS.filter(lambda each: b": " in each), max_size=6))
    head = b"".join(each if each.endswith(b"\n") else each + b"x\n" for each in headers)
    return block + draw(st.sampled_from([b"", TRACE])) + head + b"\n" + draw(_LOOSE)


FILES.update(
    (f"trace {name}", b"Received: " + trace + b" date\nFrom: <a@b.example>\n\nx\n")
    for name, trace in TRACES.items()
)
