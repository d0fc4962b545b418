"""The first MiB of every file below a folder, in blocks: for a server without perl.

Runs there under python3, 3.6 or newer. Nothing but regular files is opened, and no link followed.

arguments: the folder
says: by python3, block PACKING WRITING SUM DATA, done FILES BLOCKS, or refused REASON FOLDER
"""

import base64
import contextlib
import errno
import os
import re
import stat
import struct
import sys
import time
import zlib
from typing import List, Optional, Union

BLOCK_BYTES = 1 << 20
READ_BYTES = 1 << 20
STEM = re.compile(rb"([0-9A-Za-z]{0,2}[0-9]{18}[0-9A-Za-z]{0,2})(?:\.(?:tmp|tm\$|dat))+", re.I)


class Blocks:
    """The blocks of an answer, and what they hold."""

    def __init__(self) -> None:
        self.files = self.blocks = self.records = self.held_bytes = 0
        self.held: List[bytes] = []
        self.told_s = time.monotonic()

    def add(
        self, path: bytes, size_bytes: int, has_pair: Optional[bool], data: Optional[bytes]
    ) -> None:
        """A file as a MessagePack array: path, size, whether it was read, has_pair, its head."""
        pair = b"\xc0" if has_pair is None else b"\xc3" if has_pair else b"\xc2"
        parts = [b"\x95", binary(path), struct.pack(">BQ", 0xCF, size_bytes)]
        parts += [b"\xc2" if data is None else b"\xc3", pair, binary(data or b"")]
        self.held += parts
        self.held_bytes += sum(map(len, parts))
        self.records += 1
        self.files += 1
        if time.monotonic() - self.told_s >= 2:
            self.told_s = time.monotonic()
            sys.stderr.write(f"@ {self.files:,} files read\n")
            sys.stderr.flush()
        if self.held_bytes >= BLOCK_BYTES:
            self.flush()

    def flush(self) -> None:
        """Say the block that is held."""
        if not self.records:
            return
        packer = zlib.compressobj(1, zlib.DEFLATED, 31)
        packed = packer.compress(struct.pack(">BI", 0xDD, self.records) + b"".join(self.held))
        packed += packer.flush()
        say("block", "gzip", "base64", "-", base64.b64encode(packed).decode())
        self.held, self.records, self.held_bytes = [], 0, 0
        self.blocks += 1


def say(*fields: Union[str, int]) -> None:
    """A line of the answer."""
    sys.stdout.write(" ".join(map(str, fields)) + "\n")
    sys.stdout.flush()


def binary(data: bytes) -> bytes:
    """Bytes in MessagePack."""
    return struct.pack(">BI", 0xC6, len(data)) + data


def take_folder(top: bytes, shown: bytes, blocks: Blocks) -> List[bytes]:
    """Every file of a folder; returns the folders in it."""
    try:
        names = os.listdir(os.path.join(top, shown))
    except OSError as error:
        if error.errno != errno.ENOENT:
            blocks.add(shown[:-1], 0, None, None)
        return []
    envelopes = {name for name in names if name.endswith(b".dat")}
    last = os.path.join(top, shown).rstrip(b"/").rpartition(b"/")[2].lower()
    is_paired = bool(envelopes) or b"incoming" in last
    folders = []
    for name in names:
        try:
            mode = os.lstat(os.path.join(top, shown + name)).st_mode
        except OSError as error:
            if error.errno != errno.ENOENT:
                blocks.add(shown + name, 0, None, None)
            continue
        if stat.S_ISDIR(mode):
            folders.append(shown + name + b"/")
        elif stat.S_ISREG(mode):
            stem = STEM.fullmatch(name[:64])
            has_pair = stem is None or stem.group(1) + b".dat" in envelopes
            take_file(top, shown + name, has_pair if is_paired else None, blocks)
        else:
            blocks.add(shown + name, 0, None, None)
    return folders


def take_file(top: bytes, path: bytes, has_pair: Optional[bool], blocks: Blocks) -> None:
    """A regular file: how large it is, and its head."""
    try:
        handle = os.open(os.path.join(top, path), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        if error.errno != errno.ENOENT:
            blocks.add(path, 0, None, None)
        return
    state = os.fstat(handle)
    data = None
    if stat.S_ISREG(state.st_mode):
        with contextlib.suppress(OSError):
            data = os.read(handle, READ_BYTES)
    os.close(handle)
    if data is None:
        blocks.add(path, 0, None, None)
    else:
        blocks.add(path, state.st_size, has_pair, data)


def main(top: bytes) -> None:
    """Take the files of the folder and of all folders below it."""
    try:
        os.listdir(top)
    except OSError as error:
        say("refused", "absent", "~" + os.fsencode(str(error)).hex())
        return
    say("by", "python3")
    blocks, folders = Blocks(), [b""]
    while folders:
        folders += take_folder(top, folders.pop(), blocks)
    blocks.flush()
    say("done", blocks.files, blocks.blocks)


main(os.fsencode(sys.argv[1]))
