"""Writes an attacked queue down: mail tree, SMTP logs, and apart from them what is true.

Every envelope address is under `.example`.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from playbook.drill.queues.attack import build_scene
from playbook.drill.queues.daybook import Daybook
from playbook.drill.queues.letters import envelope, letter, queue_file
from playbook.drill.queues.scene import Mail, Scene, Texts
from playbook.drill.queues.style import Style

RETRY = "_outgoing/retry"
_FOLDERS = (RETRY,) * 4 + tuple(f"_outgoing/priority_{n}" for n in range(3))
_OPAQUE = b"\x01opaque\x00"


@dataclass(frozen=True, slots=True)
class Filed:
    """One file: its path below the mail tree, its bytes, and the mail in it where it is one.

    `identity` is the letter's `Message-ID`.
    """

    path: str
    content: bytes
    mail: Mail | None = None
    identity: str = ""


@dataclass(frozen=True, slots=True)
class Truth:
    """What is true of one file."""

    label: str
    kind: str
    is_ambiguous: bool
    login: str


class Clerk:
    """Writes a scene down; the log is whole when the last file was asked for."""

    def __init__(self, scene: Scene, style: Style, rng: Random) -> None:
        self._scene = scene
        self._style = style
        self._rng = rng
        self._count = 0
        self.daybook = Daybook(style, rng)

    def files(self) -> Iterator[Filed]:
        """Every file of the tree."""
        for mail in self._scene.queued:
            yield from self._file(mail)
        for mail in self._scene.passed:
            self.daybook.note(mail, *self._names(mail), is_delivered=True)
        if self._scene.level > 1:
            yield from self._odd_files()

    def _names(self, mail: Mail) -> tuple[str, str]:
        """A stem and the server's message id."""
        self._count += 1
        stem = self._style.clock(mail.at_s, "%Y%m%d%H%M%S") + f"{self._count % 10_000:04}"
        return stem, stem if self._style.has_stem_ids else f"IDA{self._count:05}"

    def _file(self, mail: Mail) -> Iterator[Filed]:
        stem, message_id = self._names(mail)
        folder = "_incoming" if mail.is_incoming else self._rng.choice(_FOLDERS)
        path = f"{folder}/{stem}.{'tm$' if mail.is_reserved else 'tmp'}"
        identity, content = self._content(mail, message_id)
        yield Filed(path, content, mail, identity)
        if mail.is_incoming:
            yield Filed(f"{folder}/{stem}.dat", envelope(mail))
        if mail.is_logged:
            self.daybook.note(mail, stem, message_id, is_delivered=False)

    def _content(self, mail: Mail, message_id: str) -> tuple[str, bytes]:
        identity, message = letter(self._rng, mail, self._style.date(mail.at_s))
        content = queue_file(self._style, mail, message_id, message)
        if mail.as_long_as is not None:
            _, model = self._content(mail.as_long_as, message_id)
            blanks = len(model) - len(content) - 1
            content += b" " * blanks + b"\n" if blanks >= 0 else b""
        return identity, content

    def _odd_files(self) -> Iterator[Filed]:
        """What is no whole message, or only one half of a pair."""
        yield Filed(f"{RETRY}/201307160744510290.tmp", b"")
        yield Filed(f"{RETRY}/201307160744516886.tmp", b"original sender: \nsender: <>\nreci")
        yield Filed("_outgoing/Thumbs.db", b"\xd0\xcf" * 300)
        yield Filed("_incoming/201307160826428878.dat", _OPAQUE)
        _, content = self._content(self._scene.queued[-1], "IDB00001")
        yield Filed("_incoming/201307160826420001.tmp", content)


def generate(
    folder: Path, seed: int, level: int, size: int, style: Style, texts: Texts | None = None
) -> dict[bytes, Truth]:
    """Write an attack of a level under a folder, as `write` does."""
    return write(folder, build_scene(seed, level, size, texts or Texts()), seed, style)


def write(folder: Path, scene: Scene, seed: int, style: Style) -> dict[bytes, Truth]:
    """Write `mail` and `logs` under a folder; the truth by path relative to `mail`."""
    clerk = Clerk(scene, style, Random(seed))  # noqa: S311
    truth = {}
    for filed in clerk.files():
        _write(folder / "mail" / filed.path, filed.content)
        truth[filed.path.encode()] = _truth(filed.mail)
    for name, lines in clerk.daybook.files():
        _write(folder / "logs" / "smtp" / name, lines)
    labels = {path.decode(): each.label for path, each in truth.items()}
    (folder / "truth.json").write_text(json.dumps(labels, indent=0))
    return truth


def _truth(mail: Mail | None) -> Truth:
    if mail is None:
        return Truth("other", "odd", is_ambiguous=False, login="")
    return Truth(mail.label, mail.kind, mail.is_ambiguous, mail.login)


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
