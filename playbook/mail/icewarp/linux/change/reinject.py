"""Give files back to a live queue, as reinject.pl does, where there is no perl (Python 3.6)."""

import hashlib
import os
import re
import stat
import subprocess
import sys
import time
from io import FileIO
from typing import TYPE_CHECKING, BinaryIO, Dict, List, Optional, Set, Tuple

if TYPE_CHECKING:
    from playbook.mail.icewarp.linux.change.reinject_memory import (
        Book,
        Kept,
        Memory,
        Ready,
        Refused,
        Seen,
        full,
        put,
        read_list,
        record,
        value,
        with_rights_of,
    )

BATCH = 2000
BLOCK = 1 << 20
ENDING = re.compile(rb"(?:\.(?:tmp|tm\$))+\Z", re.I)
NAME = re.compile(
    rb"([0-9A-Za-z]{0,2}?)([0-9]{14})([0-9]{4})([0-9A-Za-z]{0,2})(?:\.(?:tmp|tm\$))+\Z", re.I
)
HEADER = re.compile(
    rb"(?:Received|Return-Path|DKIM-Signature|From|To|Subject|Date|MIME-Version|Message-ID"
    rb"|Delivered-To|Reply-To|X-[A-Za-z0-9-]+|Content-[A-Za-z-]+)[ \t]*:"
)


class Publisher:
    """The ledger, the staging folder and the live queue, for one slice of a list."""

    def __init__(self) -> None:
        self.role, self.incident = value("role"), value("incident")
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
        self.said = b""
        self.by_original: Dict[bytes, Ready] = {}
        self.published: Set[int] = set()
        self.taken: Set[bytes] = set()

    def give_back(self) -> None:
        """All of the list that there is time for."""
        pieces = read_list()
        self.read_ledger()
        self.memory = Memory()
        written = {each.number: True for each in self.by_original.values()}
        self.memory.read(self.incident, written)
        with_rights_of(value("tree_user"), value("tree_group"))
        self.discard_what_is_not_ready()
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
        for file in [file for file in batch if file.written]:
            if self.done and time.time() >= self.ends:
                break
            if self.waits and self.interval_s > 0:
                time.sleep(self.interval_s)
            self.waits = self.interval_s > 0
            self.publish(file)
        self.flush()
        if hindered:
            raise hindered

    def read_ledger(self) -> None:
        """What earlier slices wrote down."""
        self.book = Book(value("ledger"))
        for part in self.book.lines():
            if part[0] == b"ready" and len(part) == 7:
                original = bytes.fromhex(part[4].decode())
                file = Ready(part[1], int(part[2]), part[3], original, part[5])
                file.written = True
                self.by_original[original] = file
                self.taken.add(file.stem)
                self.number = max(self.number, file.number)
            elif part[0] == b"published":
                self.published.add(int(part[1]))

    def discard_what_is_not_ready(self) -> None:
        """Half copies go; a staging folder that is gone is no proof that all was published."""
        known = {file.number for file in self.by_original.values()}
        if not os.path.isdir(self.staging):
            ours = {file.number for file in self.by_original.values() if file.role == self.role}
            if ours - self.published:
                raise Refused("staging", "it is gone, and with it files that were ready")
            os.mkdir(self.staging, 0o700)
        # It may have been planted: it must be ours, and nobody else's to write in.
        seen = os.lstat(self.staging)
        if not stat.S_ISDIR(seen.st_mode) or seen.st_uid != os.geteuid() or seen.st_mode & 0o022:
            raise Refused("staging", "it was made by somebody else")
        for name in os.listdir(self.staging):
            number = re.match(rb"[0-9]+", name)
            if number and int(number.group()) not in known:
                os.unlink(os.path.join(self.staging, name))

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
            self.is_published(known)
            return None
        number, stem = self.number + 1, b""
        try:
            stem = self.free_stem(path)
            digest, seen = self.copy(original, b"%d" % number, size, message=True)
            if self.paired:
                envelope = ENDING.sub(b"", original) + b".dat"
                _, theirs = self.copy(envelope, b"%d.dat" % number, None, message=False)
                seen.content += "-" + theirs.content
        except Kept as reason:
            list(map(os.unlink, self.copies(number)))
            self.taken.discard(stem)
            self.done += 1
            word, words = reason.args
            self.book.note(
                b"kept %s %s %s .\n" % (self.role, word.encode(), original.hex().encode())
            )
            record("kept", os.fsdecode(path), word, words)
            return None
        self.number = number
        file = Ready(self.role, number, stem, original, digest)
        file.seen = seen
        return file

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

    def copy(
        self, source: bytes, name: bytes, size: Optional[int], message: bool
    ) -> Tuple[bytes, Seen]:
        """Copy into staging and compare; the SHA-256 of the copy, and what the original was."""
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
            content = hashlib.sha256()
            digest = hashlib.sha256() if added else content
            try:
                with open(os.path.join(self.staging, name), "x+b", buffering=0) as copy:
                    if added:
                        head = original.read(at)
                        content.update(head)
                        put(copy, head + added, digest)
                    for block in iter(lambda: original.read(BLOCK), b""):
                        put(copy, block, *(content, digest)[: 2 if added else 1])
                    self.own(copy.fileno())
                    self.compare(copy, there.st_size + len(added), digest.digest())
                    made = os.fstat(copy.fileno())
            except OSError as error:
                raise full("making a copy", error) from error
        source_id, copy_id = (f"{each.st_dev}:{each.st_ino}" for each in (there, made))
        return digest.hexdigest().encode(), Seen(source_id, copy_id, content.hexdigest())

    def compare(self, copy: FileIO, size: int, digest: bytes) -> None:
        """The copy, read again, holds what was read of the original."""
        again = hashlib.sha256()
        copy.seek(0)
        for block in iter(lambda: copy.read(BLOCK), b""):
            again.update(block)
        if os.fstat(copy.fileno()).st_size != size:
            raise Kept("changed", "it was read only in part")
        if again.digest() != digest:
            raise Kept("changed", "the copy differs")

    def own(self, copy: int) -> None:
        """A copy is its maker's; only in a tree of root's alone may siblings be somebody else's."""
        now = os.fstat(copy)
        try:
            if not value("tree_user") and (now.st_uid, now.st_gid) != (self.owner, self.group):
                os.chown(copy, self.owner, self.group)
            os.chmod(copy, self.mode)
        except OSError as error:
            raise Refused("owner", f"a file cannot be {self.owner}:{self.group}'s") from error

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
        """What was copied is on the disk before the server is told of it, and so in turn.

        The server's memory comes before the incident's ledger, and that before the first rename.
        """
        if new and subprocess.call(["sync", "-f", self.staging], stderr=subprocess.DEVNULL) != 0:
            os.sync()
        first = [file for file in new if self.is_the_first(file)]
        if not first:
            return
        lines = []
        for each in first:
            seen = f"{each.number} {each.seen.source} {each.seen.copy} {each.seen.content}"
            said = (self.incident, self.role, seen.encode(), each.original.hex().encode())
            lines.append(b"given %s %s %s %s .\n" % said)
        self.memory.book.note(b"".join(lines))
        self.memory.book.sync()
        self.book.note(b"".join(file.line() for file in first))
        self.book.sync()
        for file in first:
            file.written = True
            self.by_original[file.original] = file

    def is_the_first(self, file: Ready) -> bool:
        """Known as given back before, a file stays where it is, and its copy goes."""
        original = file.original.hex().encode()
        by = self.memory.given_before(file.seen, original, self.aside)
        if by is None:
            self.memory.remember(self.incident.decode(), file.seen, original)
            return True
        list(map(os.unlink, self.copies(file.number)))
        self.done += 1
        self.book.note(b"already %s %s %s .\n" % (self.role, by.encode(), original))
        record("already", os.fsdecode(file.original[len(self.aside) + 1 :]), by)
        return False

    def publish(self, file: Ready) -> None:
        """The message first, and of a pair the envelope last: it is what the server looks for."""
        message = os.path.join(self.staging, b"%d" % file.number)
        envelope = message + b".dat"
        try:
            if os.path.lexists(message):
                while any(os.path.lexists(each) for each in self.names(file.stem)):
                    file.stem = self.free_stem(file.stem + b".tmp")
                    self.book.note(file.line())
                os.rename(message, self.names(file.stem)[0])
            if self.paired and os.path.lexists(envelope):
                os.rename(envelope, self.names(file.stem)[-1])
        except OSError as error:
            raise full("the rename into the live queue", error) from error
        except Kept as reason:
            raise Refused(*reason.args) from reason
        self.is_published(file)
        if self.interval_s > 0 or self.done % 100 == 0:
            sys.stderr.write(f"@ given {self.done}\n")
            sys.stderr.flush()

    def names(self, stem: bytes) -> List[bytes]:
        """The names that a file may have in the live queue, the one it gets first."""
        endings = (b".tmp", b".tm$", b".dat") if self.paired else (b".tmp", b".tm$")
        return [os.path.join(self.folder, stem + ending) for ending in endings]

    def is_published(self, file: Ready) -> None:
        """Say so. It is written down in groups: what is ready and gone from staging is known."""
        if file.number not in self.published:
            self.said += b"published %d %d .\n" % (file.number, time.time())
            self.published.add(file.number)
        self.done += 1
        path = file.original[len(self.aside) + 1 :]
        record("published", os.fsdecode(path), os.fsdecode(file.stem), str(file.number))
        if self.interval_s > 0:
            self.flush()

    def flush(self) -> None:
        """Write down what was published."""
        text, self.said = self.said, b""
        if text:
            self.book.note(text)


def main() -> None:
    """Give back, and say why it goes no further."""
    publisher = Publisher()
    try:
        publisher.give_back()
    except Refused as refusal:
        record("refused", *refusal.args)
    except OSError as error:
        record("refused", *full("giving back", error).args)
    try:
        publisher.flush()
    except Refused:
        pass
    sys.stdout.flush()


main()
