"""Where every message of a drill lies: delivered, in a live queue, or elsewhere."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from playbook.drill.delivery import delivered_at
from playbook.drill.envelope import HEAD_BYTES, Envelope
from playbook.drill.layout import Layout
from playbook.drill.process import locked
from playbook.drill.truth import Truth, TruthFile

_IDENTITY = re.compile(rb"^Message-ID: (<[^<>\s]{1,200}>)\r?$", re.MULTILINE)


@dataclass(frozen=True)
class Delivered:
    """A message that left: the folder it arrived in, its identity, and the Unix time."""

    place: Path
    identity: str
    at: float


@dataclass(frozen=True)
class Found:
    """All messages at one moment.

    `live` are those in the queues that the service delivers from, each with the folder where it is
    to arrive; `aside` are the identities of those that lie anywhere else.
    """

    truths: dict[str, Truth]
    delivered: tuple[Delivered, ...]
    live: tuple[tuple[Path, str], ...]
    aside: frozenset[str]


def look(layout: Layout) -> Found:
    """Where everything lies; the service moves nothing meanwhile.

    The truth is read first: what it calls accepted has been published before.
    """
    with locked(layout.moving):
        truths = TruthFile(layout.truth).all()
        delivered = tuple(_deliveries(layout))
        live = tuple(_live(layout))
        aside = frozenset(_aside(layout))
    return Found(truths, delivered, live, aside)


def identity_in(file: Path) -> str | None:
    """The `Message-ID` in the first bytes of a file, if there is one."""
    try:
        with file.open("rb") as opened:
            found = _IDENTITY.search(opened.read(HEAD_BYTES))
    except FileNotFoundError:
        return None
    return found[1].decode("latin-1") if found else None


def _deliveries(layout: Layout) -> Iterator[Delivered]:
    for folder in (layout.sink, *layout.mailboxes()):
        for file in folder.iterdir():
            identity = identity_in(file)
            if identity is not None:
                yield Delivered(folder, identity, delivered_at(file.name))


def _live(layout: Layout) -> Iterator[tuple[Path, str]]:
    outgoing = (*_files(layout.outgoing, set()), *_files(layout.retry, set()))
    for file in dict.fromkeys(outgoing):
        identity = identity_in(file)
        if identity is not None:
            yield layout.sink, identity
    for file in _files(layout.incoming, set()):
        identity = identity_in(file)
        if identity is not None:
            yield _mailbox_of(layout, file), identity


def _mailbox_of(layout: Layout, message: Path) -> Path:
    """Where a message of the incoming queue is to arrive; without an envelope it stays there."""
    try:
        mailboxes = map(layout.mailbox, Envelope.of_pair(message).recipients)
    except OSError:
        return message.parent
    return next((each for each in mailboxes if each.is_dir()), layout.sink)


def _aside(layout: Layout) -> Iterator[str]:
    """What lies anywhere below the root except where deliveries start and end."""
    apart = {layout.sink, *layout.mailboxes()}
    apart |= {folder.resolve() for folder in (layout.outgoing, layout.retry, layout.incoming)}
    for file in _files(layout.root, apart):
        identity = identity_in(file)
        if identity is not None:
            yield identity


def _files(top: Path, apart: set[Path]) -> Iterator[Path]:
    for folder, subfolders, names in os.walk(top.resolve()):
        here = Path(folder)
        subfolders[:] = [name for name in subfolders if here / name not in apart]
        yield from (here / name for name in names)
