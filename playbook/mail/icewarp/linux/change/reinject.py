"""Give files back to a live queue, as reinject.pl does, where there is no perl (Python 3.6).

A line `ready ROLE NUMBER STEM ORIGINAL HASH .` of the ledger says that the file NUMBER in
staging is whole. What is ready there and absent from staging was published.
Values come in the environment, the list on standard input: SIZE PATH, with PATH in hexadecimal.
"""

import errno
import fcntl
import hashlib
import os
import re
import stat
import subprocess
import sys
import time
from io import RawIOBase
from typing import BinaryIO, Dict, List, Optional, Set, Tuple

BATCH = 2000
BLOCK = 1 << 20
HARMLESS = re.compile(r"[A-Za-z0-9._:/@+,=-]+")
ENDING = re.compile(rb"(?:\.(?:tmp|tm\$))+\Z", re.I)
NAME = re.compile(
    rb"([0-9A-Za-z]{0,2}?)([0-9]{14})([0-9]{4})([0-9A-Za-z]{0,2})(?:\.(?:tmp|tm\$))+\Z", re.I
)
HEADER = re.compile(
    rb"(?:Received|Return-Path|DKIM-Signature|From|To|Subject|Date|MIME-Version|Message-ID"
    rb"|Delivered-To|Reply-To|X-[A-Za-z0-9-]+|Content-[A-Za-z-]+)[ \t]*:"
)


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


class Ready:
    """A file that stands in staging under a number, and the name it gets in the live queue."""

    def __init__(self, number: int, stem: bytes, original: bytes, digest: bytes) -> None:
        self.number = number
        self.stem = stem
        self.original = original
        self.digest = digest
        self.written = False

    def line(self, role: bytes) -> bytes:
        """Its line in the ledger."""
        said = (role, self.number, self.stem, self.original.hex().encode(), self.digest)
        return b"ready %s %d %s %s %s .\n" % said


class Publisher:
    """The ledger, the staging folder and the live queue, for one slice of a list."""

    def __init__(self) -> None:
        self.role = value("role")
        self.paired = self.role == b"incoming"
        self.aside = value("aside")
        self.folder = value("folder")
        self.staging = value("staging")
        self.interval_s = float(value("interval"))
        self.waits = bool(value("waits"))
        self.ends = time.time() + float(value("seconds"))
        self.default_from = value("default_from")
        self.done = 0
        self.number = 0
        self.by_original: Dict[bytes, Ready] = {}
        self.published: Set[int] = set()
        self.taken: Set[bytes] = set()

    def give_back(self) -> None:
        """All of the list that there is time for."""
        pieces = read_list()
        self.read_ledger()
        self.discard_what_is_not_ready()
        self.make_folder()
        self.owner, self.group, self.mode = self.siblings()
        for queue in filter(os.path.isdir, (self.folder, value("retry"))):
            self.note_stems(queue, 0)
        size = 50 if self.interval_s > 0 else BATCH
        while pieces and (self.done == 0 or time.time() < self.ends):
            self.give_batch(pieces[:size])
            del pieces[:size]

    def give_batch(self, pieces: List[Tuple[int, bytes]]) -> None:
        """What is ready is published, also where the disk is too full for the next copy."""
        batch: List[Ready] = []
        hindered: Optional[Refused] = None
        for size, path in pieces:
            try:
                file = self.prepare(size, path)
            except Refused as refusal:
                hindered = refusal
                list(map(os.unlink, self.copies(self.number + 1)))
                break
            if file:
                batch.append(file)
        self.settle([file for file in batch if not file.written])
        for file in batch:
            if self.done and time.time() >= self.ends:
                break
            if self.waits and self.interval_s > 0:
                time.sleep(self.interval_s)
            self.waits = self.interval_s > 0
            self.publish(file)
        if hindered:
            raise hindered

    def read_ledger(self) -> None:
        """What earlier slices wrote down; a line that was cut is ended, and does not count."""
        self.book = os.open(value("ledger"), os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            fcntl.flock(self.book, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise Refused("busy", "another one is giving mail back") from error
        with open(os.dup(self.book), "rb") as lines:
            lines.seek(0)
            text = lines.read()
        if text and not text.endswith(b"\n"):
            self.note(b"\n")
        for line in text.splitlines():
            part = line.split()
            if part[-1:] != [b"."]:
                continue
            if part[0] == b"ready" and len(part) == 7:
                original = bytes.fromhex(part[4].decode())
                file = Ready(int(part[2]), part[3], original, part[5])
                file.written = True
                self.by_original[original] = file
                self.taken.add(file.stem)
                self.number = max(self.number, file.number)
            elif part[0] == b"published":
                self.published.add(int(part[1]))

    def note(self, text: bytes) -> None:
        """Add to the ledger all of it or nothing."""
        before = os.fstat(self.book).st_size
        try:
            while text:
                text = text[os.write(self.book, text) :]
        except OSError as error:
            os.truncate(self.book, before)
            raise full("writing the ledger", error) from error

    def discard_what_is_not_ready(self) -> None:
        """Half copies go; a staging folder that is gone is no proof that all was published."""
        known = {file.number for file in self.by_original.values()}
        if not os.path.isdir(self.staging):
            if known - self.published:
                raise Refused("staging", "it is gone, and with it files that were ready")
            os.mkdir(self.staging, 0o700)
        for name in os.listdir(self.staging):
            number = re.match(rb"[0-9]+", name)
            if number and int(number.group()) not in known:
                os.unlink(os.path.join(self.staging, name))

    def make_folder(self) -> None:
        """The server makes its folder at the next need; until then as the one set aside was."""
        if os.path.isdir(self.folder):
            return
        was = os.stat(self.aside)
        try:
            os.mkdir(self.folder, 0o700)
        except FileExistsError:
            return
        own(self.folder, was.st_uid, was.st_gid, stat.S_IMODE(was.st_mode))

    def siblings(self) -> Tuple[int, int, int]:
        """Owner, group and mode: of a file that lies there, else of the folder."""
        of = os.stat(self.folder)
        for name in os.listdir(self.folder):
            if not name.endswith((b".tmp", b".tm$")):
                continue
            try:
                like = os.lstat(os.path.join(self.folder, name))
            except FileNotFoundError:
                continue
            if stat.S_ISREG(like.st_mode):
                return like.st_uid, like.st_gid, like.st_mode & 0o777
        return of.st_uid, of.st_gid, of.st_mode & 0o666

    def note_stems(self, where: bytes, depth: int) -> None:
        """Every stem in the live queue, whatever folder it lies in."""
        for entry in os.scandir(where):
            if entry.name.startswith(b"."):
                continue
            self.taken.add(entry.name.partition(b".")[0])
            if depth < 3 and b"." not in entry.name and entry.is_dir(follow_symlinks=False):
                self.note_stems(entry.path, depth + 1)

    def prepare(self, size: int, path: bytes) -> Optional[Ready]:
        """The file as it stands in staging; nothing where it is published or cannot be."""
        original = os.path.join(self.aside, path)
        known = self.by_original.get(original)
        if known:
            if self.copies(known.number):
                return known
            if known.number not in self.published:
                self.note(b"published %d %d .\n" % (known.number, time.time()))
                self.published.add(known.number)
            self.said(known)
            return None
        number, stem = self.number + 1, b""
        try:
            stem = self.free_stem(path)
            digest = self.copy(original, b"%d" % number, size, message=True)
            if self.paired:
                envelope = ENDING.sub(b"", original) + b".dat"
                self.copy(envelope, b"%d.dat" % number, None, message=False)
        except Kept as reason:
            list(map(os.unlink, self.copies(number)))
            self.taken.discard(stem)
            self.done += 1
            word, words = reason.args
            self.note(b"kept %s %s %s .\n" % (self.role, word.encode(), original.hex().encode()))
            record("kept", os.fsdecode(path), word, words)
            return None
        self.number = number
        return Ready(number, stem, original, digest)

    def copies(self, number: int) -> List[bytes]:
        """What of a file is in staging."""
        message = os.path.join(self.staging, b"%d" % number)
        return [each for each in (message, message + b".dat") if os.path.lexists(each)]

    def free_stem(self, path: bytes) -> bytes:
        """Its own, or the next one that neither the live queue nor the ledger knows."""
        if path.startswith(b"/") or {b".", b".."} & set(path.split(b"/")):
            raise Kept("path", "it leads out of the folder")
        found = NAME.match(path.rpartition(b"/")[2])
        if found:
            before, second, count, behind = found.groups()
        else:
            original = os.path.join(self.aside, path)
            at = os.lstat(original).st_mtime if os.path.lexists(original) else time.time()
            second = time.strftime("%Y%m%d%H%M%S", time.localtime(at)).encode()
            before, count, behind = b"", b"0", b""
        for step in range(10000):
            stem = b"%s%s%04d%s" % (before, second, (int(count) + step) % 10000, behind)
            if stem not in self.taken:
                self.taken.add(stem)
                return stem
        raise Kept("stem", "no name is free for it")

    def copy(self, source: bytes, name: bytes, size: Optional[int], message: bool) -> bytes:
        """Copy into staging and compare; the SHA-256 of the copy."""
        target = os.path.join(self.staging, name)
        try:
            flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
            original = open(os.open(source, flags), "rb")
        except OSError as error:
            raise Kept("absent", error.strerror) from error
        with original:
            there = os.fstat(original.fileno())
            if not stat.S_ISREG(there.st_mode):
                raise Kept("absent", "it is not a file")
            if size is not None and there.st_size != size:
                raise Kept("changed", f"it has {there.st_size} bytes, not {size}")
            added, at = self.added(original) if message and self.default_from else (b"", 0)
            digest = hashlib.sha256()
            try:
                with open(target, "xb", buffering=0) as copy:
                    blocks = iter(lambda: original.read(BLOCK), b"")
                    if added:
                        put(copy, original.read(at) + added, digest)
                    for block in blocks:
                        put(copy, block, digest)
            except OSError as error:
                raise full("making a copy", error) from error
        own(target, self.owner, self.group, self.mode)
        again = hashlib.sha256()
        with open(target, "rb") as copy:
            for block in iter(lambda: copy.read(BLOCK), b""):
                again.update(block)
        if os.stat(target).st_size != there.st_size + len(added):
            raise Kept("changed", "it was read only in part")
        if again.digest() != digest.digest():
            raise Kept("changed", "the copy differs")
        return digest.hexdigest().encode()

    def added(self, original: BinaryIO) -> Tuple[bytes, int]:
        """The From line that a message without one gets, and where: behind its headers."""
        head = original.read(BLOCK)
        original.seek(0)
        begun, at = False, 0
        for found in re.finditer(rb"[^\n]*\n", head):
            line = found.group()
            begun = begun or bool(HEADER.match(line))
            if begun and re.match(rb"From[ \t]*:", line, re.I):
                break
            if begun and line in (b"\n", b"\r\n"):
                return b"From: " + self.default_from + line, at
            at += len(line)
        return b"", 0

    def settle(self, new: List[Ready]) -> None:
        """What was copied is on the disk before it is called ready, and that before a rename."""
        if not new:
            return
        if subprocess.call(["sync", "-f", self.staging], stderr=subprocess.DEVNULL) != 0:
            os.sync()
        self.note(b"".join(file.line(self.role) for file in new))
        os.fsync(self.book)
        for file in new:
            file.written = True
            self.by_original[file.original] = file

    def publish(self, file: Ready) -> None:
        """The message first, and of a pair the envelope last: it is what the server looks for."""
        message = os.path.join(self.staging, b"%d" % file.number)
        envelope = message + b".dat"
        try:
            if os.path.lexists(message):
                while any(os.path.lexists(each) for each in self.names(file.stem)):
                    file.stem = self.free_stem(file.stem + b".tmp")
                    self.note(file.line(self.role))
                os.rename(message, self.names(file.stem)[0])
            if self.paired and os.path.lexists(envelope):
                os.rename(envelope, self.names(file.stem)[-1])
        except OSError as error:
            raise full("the rename into the live queue", error) from error
        except Kept as reason:
            raise Refused(*reason.args) from reason
        self.note(b"published %d %d .\n" % (file.number, time.time()))
        self.published.add(file.number)
        self.said(file)
        if self.interval_s > 0 or self.done % 100 == 0:
            sys.stderr.write(f"@ given {self.done}\n")
            sys.stderr.flush()

    def names(self, stem: bytes) -> List[bytes]:
        """The names that a file may have in the live queue, the one it gets first."""
        endings = (b".tmp", b".tm$", b".dat") if self.paired else (b".tmp", b".tm$")
        return [os.path.join(self.folder, stem + ending) for ending in endings]

    def said(self, file: Ready) -> None:
        """Count it as given back, and say so."""
        self.done += 1
        path = file.original[len(self.aside) + 1 :]
        record("published", os.fsdecode(path), os.fsdecode(file.stem), str(file.number))


def own(path: bytes, user: int, group: int, mode: int) -> None:
    """Owner and mode as the server's own files have them."""
    try:
        now = os.stat(path)
        if (now.st_uid, now.st_gid) != (user, group):
            os.chown(path, user, group)
        os.chmod(path, mode)
    except OSError as error:
        raise Refused("owner", f"a file cannot be given to {user}:{group}") from error


def put(copy: RawIOBase, block: bytes, digest: "hashlib._Hash") -> None:
    """Write all of a block."""
    digest.update(block)
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


try:
    Publisher().give_back()
except Refused as refusal:
    record("refused", *refusal.args)
except OSError as error:
    record("refused", *full("giving back", error).args)
sys.stdout.flush()
