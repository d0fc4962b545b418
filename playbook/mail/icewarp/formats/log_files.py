"""SMTP logs in folders of this machine: which files they are, and their bytes.

No link is followed below a folder, only regular files are opened, and what is not read is said.
"""

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from playbook.mail.icewarp.formats.log_names import Named, day_of_file, named
from playbook.mail.icewarp.formats.logs import read_logs, speaks_smtp
from playbook.smtplog.deliveries import Delivery
from playbook.smtplog.reading import LogReading
from playbook.smtplog.sessions import Session

_PIECE_BYTES: Final = 1 << 20
_HEAD_BYTES: Final = 1 << 16
_MOST_FILES: Final = 100_000


def read_log_files(paths: Iterable[Path], reading: LogReading) -> Iterator[Session | Delivery]:
    """The sessions and deliveries of log files, and of the SMTP logs in folders, oldest first.

    A file that is named is read whatever it is called. `reading` says afterwards what was not.
    """
    found: list[tuple[str, Path]] = []
    for path in paths:
        if path.is_dir():
            found += _in_folder(path, reading)
        else:
            found.append((path.name, path.resolve()))
    found.sort(key=lambda each: (day_of_file(each[1].name), each[1].name, each[0]))
    return read_logs(((name, _bytes(path, name, reading)) for name, path in found), reading)


def _in_folder(top: Path, reading: LogReading) -> Iterator[tuple[str, Path]]:
    folders, files = [top], 0
    while folders:
        folder = folders.pop()
        for entry in _entries(folder, top, reading):
            path = Path(entry.path)
            name = _below(path, top)
            if entry.is_dir(follow_symlinks=False):
                folders.append(path)
                continue
            likely = named(f"{folder.name}/{entry.name}")
            if likely is Named.OTHER:
                continue
            files += 1
            if files > _MOST_FILES:
                reading.leave(str(top), f"it holds more than {_MOST_FILES:,} logs")
                return
            if _is_wanted(entry, likely, path, name, reading):
                yield name, path


def _entries(folder: Path, top: Path, reading: LogReading) -> "list[os.DirEntry[str]]":
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        if folder == top:
            raise
        reading.leave(_below(folder, top), f"the folder cannot be opened ({error.strerror})")
        return []


def _is_wanted(
    entry: "os.DirEntry[str]", likely: Named, path: Path, name: str, reading: LogReading
) -> bool:
    if not entry.is_file(follow_symlinks=False):
        reading.leave(name, "it is a link" if entry.is_symlink() else "it is not a file")
        return False
    if likely is Named.SMTP:
        return True
    quiet = LogReading()
    head = b"".join(_bytes(path, name, quiet, _HEAD_BYTES))
    is_smtp = speaks_smtp(head, name)
    if not is_smtp:
        reading.leave(name, "neither its name nor its lines are an SMTP log's")
    return is_smtp


def _bytes(path: Path, name: str, reading: LogReading, most: int = 1 << 62) -> Iterator[bytes]:
    """The bytes of a file in pieces; what cannot be opened or read is noted."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        reading.leave(name, f"it cannot be opened ({error.strerror})")
        return
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            reading.leave(name, "it is not a file")
            return
        while most > 0 and (piece := os.read(handle, min(_PIECE_BYTES, most))):
            most -= len(piece)
            yield piece
    except OSError as error:
        reading.leave(name, f"it cannot be read to its end ({error.strerror})")
    finally:
        os.close(handle)


def _below(path: Path, top: Path) -> str:
    return str(path.relative_to(top))
