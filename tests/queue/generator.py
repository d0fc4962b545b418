"""Writes an attacked queue to disk: mail tree, SMTP logs, and apart from them what is true.

Every envelope address is under ``.example``. The envelope block and the log can be written in
each of the ways that are possible, because the product's own way is not published.
"""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from random import Random
from time import gmtime, strftime

from tests.queue import wording
from tests.queue.scene import SERVER, Mail, Scene, Texts, build_scene


class BlockStyle(Enum):
    """How the lines above the message are written."""

    PLAIN = "key: value"
    EQUALS = "key=value"
    BLANK = "key: value, then a blank line"
    NONE = "no block"


class LogTime(Enum):
    """How the log writes the time."""

    CLOCK = "%H:%M:%S"
    SCIENTIFIC = "%Y-%m-%d %H:%M:%S"
    RFC822 = "%a, %d %b %Y %H:%M:%S +0200"
    DETAILED = "%H:%M:%S.123"


class Masking(Enum):
    """What the log shows of a login."""

    NOTHING = "nothing masked"
    PASSWORD = "password masked"
    LOGIN = "name and password masked"


@dataclass(frozen=True, slots=True)
class Style:
    """How a scene is written down."""

    block: BlockStyle = BlockStyle.PLAIN
    time: LogTime = LogTime.CLOCK
    masking: Masking = Masking.NOTHING
    has_stem_ids: bool = False
    has_logs: bool = True


@dataclass(frozen=True, slots=True)
class Truth:
    """What is true of one file."""

    label: str
    kind: str
    is_ambiguous: bool
    login: str


@dataclass(slots=True)
class _Written:
    folder: Path
    style: Style
    rng: Random
    truth: dict[bytes, Truth]
    logs: dict[str, list[tuple[int, str]]]
    count: int = 0


def generate(
    folder: Path, seed: int, level: int, size: int, style: Style, texts: Texts | None = None
) -> dict[bytes, Truth]:
    """Write ``mail`` and ``logs`` under a folder; the truth by path relative to ``mail``."""
    scene = build_scene(seed, level, size, texts or Texts())
    written = _Written(folder, style, Random(seed), {}, {})
    for mail in scene.queued:
        _write_mail(written, mail)
    for mail in scene.passed:
        _log_mail(written, mail, *_names(written, mail), is_delivered=True)
    _write_odd_files(written, scene)
    if style.has_logs:
        _write_logs(written)
    rows = {path.decode(): truth.label for path, truth in written.truth.items()}
    (folder / "truth.json").write_text(json.dumps(rows, indent=0))
    return written.truth


def _names(written: _Written, mail: Mail) -> tuple[str, str]:
    """A stem and the server's message id."""
    written.count += 1
    stem = strftime("%Y%m%d%H%M%S", gmtime(mail.at_s)) + f"{written.count % 10_000:04}"
    return stem, stem if written.style.has_stem_ids else f"IDA{written.count:05}"


def _write_mail(written: _Written, mail: Mail) -> None:
    stem, message_id = _names(written, mail)
    folder = "_incoming" if mail.is_incoming else written.rng.choice(_FOLDERS)
    ending = "tm$" if mail.is_reserved else "tmp"
    _put(written, f"{folder}/{stem}.{ending}", _bytes_of(written, mail, message_id), mail)
    if mail.is_incoming:
        _put(written, f"{folder}/{stem}.dat", b"\x01opaque\x00", None)
    if mail.is_logged:
        _log_mail(written, mail, stem, message_id, is_delivered=False)


_FOLDERS = ("_outgoing/retry",) * 4 + tuple(f"_outgoing/priority_{n}" for n in range(3))


def _put(written: _Written, path: str, data: bytes, mail: Mail | None) -> None:
    full = written.folder / "mail" / path
    full.parent.mkdir(parents=True, exist_ok=True)
    full.write_bytes(data)
    truth = Truth("other", "odd", is_ambiguous=False, login="")
    if mail is not None:
        truth = Truth(mail.label, mail.kind, mail.is_ambiguous, mail.login)
    written.truth[path.encode()] = truth


def _bytes_of(written: _Written, mail: Mail, message_id: str) -> bytes:
    date = strftime("%a, %d %b %Y %H:%M:%S +0200", gmtime(mail.at_s))
    from_address = mail.from_address or mail.sender
    lines = [
        _trace(mail, message_id, date),
        f"From: {mail.from_name} <{from_address}>",
        f"To: {mail.recipients[0]}",
        f"Subject: {mail.subject}",
        f"Date: {date}",
        f"Message-ID: <{wording.token(written.rng, 20)}@{wording.token(written.rng, 9)}>",
        *mail.headers,
        *mail.body.headers,
        "",
        "",
    ]
    block = _block(written.style.block, mail, message_id) if mail.has_block else ""
    return block.encode() + "\n".join(lines).encode() + mail.body.payload


def _trace(mail: Mail, message_id: str, date: str) -> str:
    server = f"{SERVER} (IceWarp 10.4.5) with {'ASMTP' if mail.login else 'ESMTP'}"
    return f"Received: from {mail.client} ([{mail.address}]) by {server} id {message_id}; {date}"


def _block(style: BlockStyle, mail: Mail, message_id: str) -> str:
    if style is BlockStyle.NONE:
        return ""
    pairs = [("original sender", mail.login), ("sender", f"<{mail.sender}>")]
    pairs += [("recipient", f"<{recipient}>") for recipient in mail.recipients]
    pairs.append(("message id", message_id))
    separator = "=" if style is BlockStyle.EQUALS else ": "
    block = "".join(f"{key}{separator}{value}\n" for key, value in pairs)
    return block + ("\n" if style is BlockStyle.BLANK else "")


def _write_odd_files(written: _Written, scene: Scene) -> None:
    if scene.level == 1:
        return
    retry = "_outgoing/retry"
    _put(written, f"{retry}/201307160744510290.tmp", b"", None)
    _put(written, f"{retry}/201307160744516886.tmp", b"original sender: \nsender: <>\nreci", None)
    _put(written, "_outgoing/Thumbs.db", b"\xd0\xcf" * 300, None)
    _put(written, "_incoming/201307160826428878.dat", b"\x01opaque\x00", None)
    whole = _bytes_of(written, scene.queued[-1], "IDB00001")
    _put(written, "_incoming/201307160826420001.tmp", whole, None)


def _log_mail(
    written: _Written, mail: Mail, stem: str, message_id: str, *, is_delivered: bool
) -> None:
    if not (written.style.has_logs and mail.is_logged):
        return
    say = _teller(written, mail.at_s, mail.address)
    say("Connected")
    say(f"<<< EHLO {mail.client}")
    if mail.login:
        _log_login(written, say, mail.login)
    say(f"<<< MAIL FROM:<{mail.sender}>")
    for recipient in mail.recipients[:3]:
        say(f"<<< RCPT TO:<{recipient}>")
        say(f">>> 250 2.1.5 <{recipient}>... Recipient ok; will forward")
    say("<<< DATA")
    total = f"{len(mail.recipients)} {len(mail.body.payload)} 00:00:01"
    say(f"*** <{mail.sender}> <{mail.recipients[0]}> {total} OK {message_id}")
    say(
        f">>> 250 2.6.0 1 bytes received in 00:00:01; Message id {message_id} accepted for delivery"
    )
    say("Disconnected")
    _log_delivery(written, mail, stem, message_id, is_delivered=is_delivered)


def _log_login(written: _Written, say: Callable[[str], None], account: str) -> None:
    masking = written.style.masking
    name = "*****" if masking is Masking.LOGIN else base64.b64encode(account.encode()).decode()
    secret = "c2VjcmV0IQ==" if masking is Masking.NOTHING else "*****"
    for line in ("<<< AUTH LOGIN", ">>> 334 VXNlcm5hbWU6", f"<<< {name}"):
        say(line)
    for line in (
        ">>> 334 UGFzc3dvcmQ6",
        f"<<< {secret}",
        ">>> 235 2.0.0 Authentication successful",
    ):
        say(line)


def _log_delivery(
    written: _Written, mail: Mail, stem: str, message_id: str, *, is_delivered: bool
) -> None:
    at_s = mail.at_s + 3
    status = "OK" if is_delivered else "DELAYED"
    thread = f"{written.count % 0xFFFF:04X}"
    local = _teller(written, at_s, "SYSTEM", thread)
    remote = _teller(written, at_s, "65.54.1.2", thread)
    local(f"Client session Message id {message_id} item {stem}.tm$")
    remote("Client session Connected")
    path = f"<{mail.sender}> <{mail.recipients[0]}>"
    remote(f"Client session *** {path} 1 9 00:00:02 {status} {message_id}")
    local("Client session Disconnected")


def _teller(written: _Written, at_s: int, address: str, thread: str = "") -> Callable[[str], None]:
    written.count += 0 if thread else 1
    thread = thread or f"{written.rng.randrange(0xFFFF):04X}"
    day, time = strftime("%Y%m%d", gmtime(at_s)), strftime(written.style.time.value, gmtime(at_s))
    lines = written.logs.setdefault(day, [])
    return lambda text: lines.append((at_s, f"{address} [{thread}] {time} {text}\r\n"))


def _write_logs(written: _Written) -> None:
    folder = written.folder / "logs" / "smtp"
    folder.mkdir(parents=True, exist_ok=True)
    for day, lines in written.logs.items():
        lines.sort(key=lambda line: line[0])
        (folder / f"s{day}-00.log").write_bytes("".join(text for _, text in lines).encode())
