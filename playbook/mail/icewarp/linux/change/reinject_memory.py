"""What every part of giving back begins with: the values, the books, and what this server knows.

The ledger is the incident's: a line `ready ROLE NUMBER STEM ORIGINAL HASH .` says that the file
NUMBER in staging is whole. What is ready there and absent from staging was published. The memory
is the server's: `given INCIDENT ROLE NUMBER SOURCE COPY HASH ORIGINAL .`, as in the perl twin.
Values come in the environment, the list on standard input: SIZE PATH, with PATH in hexadecimal.
"""

import errno
import fcntl
import hashlib
import os
import re
import sys
from io import FileIO
from typing import Dict, List, Optional, Tuple

HARMLESS = re.compile(r"[A-Za-z0-9._:/@+,=-]+")


class Refused(Exception):
    """Why it goes no further: a word, and what was seen."""


class Kept(Exception):
    """Why one file stays where it is: a word, and what was seen."""


def full(doing: str, error: OSError) -> Refused:
    """The reason why the system did not do it, as a refusal; what is ready stays so."""
    reasons = {errno.ENOSPC: "full", errno.EDQUOT: "full", errno.EXDEV: "volume"}
    return Refused(reasons.get(error.errno or 0, "staging"), f"{doing}: {error.strerror}")


def record(*fields: str) -> None:
    """One line of the answer."""
    words = [each if HARMLESS.fullmatch(each) else "~" + os.fsencode(each).hex() for each in fields]
    sys.stdout.write(" ".join(words) + "\n")


def value(name: str) -> bytes:
    """A value of the environment, as bytes."""
    return os.environb.get(name.encode(), b"")


def with_rights_of(user: bytes, group: bytes) -> None:
    """Have for good no more rights than the mail tree's owner; "" where nobody's are taken."""
    if user:
        os.setgroups([int(group)])
        os.setegid(int(group))
        os.seteuid(int(user))
        if (os.geteuid(), os.getegid()) != (int(user), int(group)):
            raise Refused("rights", os.fsdecode(user))


class Book:
    """A file of lines that end with a dot, which nobody else has open meanwhile."""

    def __init__(self, path: bytes) -> None:
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW
        self.file = os.open(path, flags, 0o600)
        try:
            fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise Refused("busy", "another one is giving mail back") from error

    def lines(self) -> List[List[bytes]]:
        """What is whole; a line that was cut is ended, and does not count."""
        with open(os.dup(self.file), "rb") as book:
            book.seek(0)
            text = book.read()
        if text and not text.endswith(b"\n"):
            self.note(b"\n")
        parts = [line.split() for line in text.splitlines()]
        return [part for part in parts if part[-1:] == [b"."]]

    def note(self, text: bytes) -> None:
        """Add all of it or nothing."""
        before = os.fstat(self.file).st_size
        try:
            while text:
                text = text[os.write(self.file, text) :]
        except OSError as error:
            os.truncate(self.file, before)
            raise full("writing the ledger", error) from error

    def sync(self) -> None:
        """Have it on the disk."""
        os.fsync(self.file)


class Seen:
    """A file that was copied: volume and inode of it and of its copy, the SHA-256 of it."""

    def __init__(self, source: str, copy: str, content: str) -> None:
        self.source = source
        self.copy = copy
        self.content = content


class Ready:
    """A file that stands in staging under a number, and the name it gets in the live queue."""

    def __init__(
        self, role: bytes, number: int, stem: bytes, original: bytes, digest: bytes
    ) -> None:
        self.role = role
        self.number = number
        self.stem = stem
        self.original = original
        self.digest = digest
        self.written = False
        self.seen = Seen("", "", "-")

    def line(self) -> bytes:
        """Its line in the ledger."""
        said = (self.role, self.number, self.stem, self.original.hex().encode(), self.digest)
        return b"ready %s %d %s %s %s .\n" % said


class Memory:
    """Whatever was given back on this server, by every incident."""

    def __init__(self) -> None:
        self.book = Book(value("memory"))
        self.by_source: Dict[str, List[Tuple[str, str, bytes]]] = {}
        self.by_content: Dict[str, List[Tuple[str, str, bytes]]] = {}
        self.copies: Dict[str, bool] = {}

    def read(self, incident: bytes, ready: Dict[int, bool]) -> None:
        """What an incident wrote down and did not make ready is void, as is what it left behind."""
        last: Dict[Tuple[bytes, bytes], List[bytes]] = {}
        for part in self.book.lines():
            if part[0] == b"given" and len(part) == 9:
                last[part[1], part[3]] = part
            elif part[0] == b"void" and len(part) == 4:
                last.pop((part[1], part[2]), None)
        for (by, number), part in last.items():
            if by != incident or int(number) in ready:
                source, copy, content = (each.decode() for each in part[4:7])
                self.remember(by.decode(), Seen(source, copy, content), part[7])

    def remember(self, incident: str, seen: Seen, original: bytes) -> None:
        """Know this file from now on; `original` is its whole path in hexadecimal."""
        entry = (incident, seen.content, original)
        self.by_source.setdefault(seen.source, []).append(entry)
        if seen.content != "-":
            self.by_content.setdefault(seen.content, []).append(entry)
        self.copies[seen.copy] = True

    def given_before(self, seen: Seen, original: bytes, aside: bytes) -> Optional[str]:
        """The incident by which that very mail was given back, or None.

        A copy that was published, and set aside before the server took it, was not; nor is one of
        two files of a folder the other.
        """
        for incident, content, _ in self.by_source.get(seen.source, []):
            if content == seen.content or "-" in (content, seen.content):
                return incident
        if seen.source in self.copies:
            return None
        here = (aside + b"/").hex().encode()
        for incident, _, other in self.by_content.get(seen.content, []):
            if other == original or not other.startswith(here):
                return incident
        return None


def put(copy: FileIO, block: bytes, *sums: "hashlib._Hash") -> None:
    """Write all of a block, and add it to sums."""
    for each in sums:
        each.update(block)
    view = memoryview(block)
    while view:
        view = view[copy.write(view) :]


def read_list() -> List[Tuple[int, bytes]]:
    """Size and path of each file; a list that was cut on the way is none."""
    lines = sys.stdin.buffer.read().split(b"\n")
    count = int(value("count"))
    if lines[count : count + 1] != [b"."]:
        raise Refused("list", "it was cut on the way")
    pairs = [line.split(b" ") for line in lines[:count]]
    return [(int(size), bytes.fromhex(path.decode())) for size, path in pairs]
