"""Reads a folder of queue files and its SMTP logs, and judges them offline.

Links are never followed, only regular files are opened, and no more than the first MiB of each is
read. Whatever else lies there gets the verdict not-a-message.
"""

import os
import re
import stat
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import chain, islice
from multiprocessing import get_context
from pathlib import Path

from playbook.mail.icewarp.formats.features import features_of
from playbook.mail.icewarp.formats.log_lines import LogLine, day_of_file, parse_line
from playbook.mail.icewarp.formats.log_sessions import read_sessions
from playbook.mail.icewarp.formats.queue_file import MAX_READ_BYTES, parse_name
from playbook.triage.features import Features, FileKind
from playbook.triage.history import learn
from playbook.triage.judgement import Judged, Judgement, judge
from playbook.triage.spool import SpooledFeatures

_LOG_NAME = re.compile(r"s?[0-9A-Za-z]{0,2}\d{8}(?:-\d\d)?\.(?:log|txt)")
_LINE_LIMIT_BYTES = 1 << 16
_BATCH_FILES = 1024
_MAX_PROCESSES = 8


def triage_folder(
    folder: Path, accounts: tuple[str, ...], logs: tuple[Path, ...]
) -> Iterator[Judged]:
    """One verdict for each file under a folder, paths relative to it; ``logs`` may be empty."""
    with SpooledFeatures(read_folder(folder)) as queue:
        yield from judge_queue(queue, accounts, logs)


def judge_queue(
    queue: Iterable[Features], accounts: tuple[str, ...], logs: tuple[Path, ...]
) -> Judgement:
    """The judgement of features already taken, with the logs of some files or folders."""
    return judge(queue, learn(read_sessions(read_logs(logs))), accounts)


@dataclass(frozen=True, slots=True)
class _Found:
    path: bytes
    full: bytes
    is_regular: bool
    has_pair: bool | None


def read_folder(folder: Path, processes: int = 0) -> Iterator[Features]:
    """The features of every file under a folder, in the order of their names.

    A large folder is read by ``processes`` processes, 0 for as many as there are processors; the
    features and their order are the same.
    """
    found = _walk(os.fsencode(folder), b"")
    processes = processes or min(os.cpu_count() or 1, _MAX_PROCESSES)
    first = list(islice(found, _BATCH_FILES * processes if processes > 1 else 0))
    if len(first) < _BATCH_FILES * processes:
        yield from map(_features, chain(first, found))
    else:
        yield from _read_in_parallel(chain(first, found), processes)


def _read_in_parallel(found: Iterator[_Found], processes: int) -> Iterator[Features]:
    """Batches in their order, no more of them ahead than keep every process busy."""
    batches = iter(lambda: list(islice(found, _BATCH_FILES)), [])
    # Spawned, not forked: the caller may have threads.
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        ahead = deque(pool.submit(_features_of_batch, b) for b in islice(batches, 2 * processes))
        while ahead:
            done = ahead.popleft().result()
            ahead.extend(pool.submit(_features_of_batch, batch) for batch in islice(batches, 1))
            yield from done


def _features_of_batch(batch: list[_Found]) -> list[Features]:
    return [_features(found) for found in batch]


def read_logs(paths: Iterable[Path]) -> Iterator[LogLine]:
    """The lines of log files, and of the SMTP logs found in folders, oldest day first."""
    files = [file for path in paths for file in (_log_files(path) if path.is_dir() else [path])]
    for file in sorted(files, key=lambda file: (day_of_file(file.name), file.name)):
        day_s = day_of_file(file.name)
        with file.open("rb") as handle:
            while raw := handle.readline(_LINE_LIMIT_BYTES):
                line = parse_line(raw, day_s)
                if line is not None:
                    yield line


def _log_files(folder: Path) -> list[Path]:
    """SMTP logs by name: a leading ``s``, or any log in a folder called ``smtp``."""
    return [
        file
        for file in folder.rglob("*")
        if _LOG_NAME.fullmatch(file.name)
        and (file.name.startswith("s") or file.parent.name == "smtp")
        and file.is_file()
        and not file.is_symlink()
    ]


def _walk(folder: bytes, shown: bytes) -> Iterator[_Found]:
    try:
        with os.scandir(folder) as entries:
            listed = sorted(entries, key=lambda entry: entry.name)
    except PermissionError:
        if not shown:
            raise
        yield _Found(shown[:-1], folder, is_regular=False, has_pair=None)
        return
    names = {entry.name for entry in listed}
    is_paired = _is_incoming(folder, names)
    for entry in listed:
        path = shown + entry.name
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(entry.path, path + b"/")
            continue
        has_pair = _has_pair(os.fsdecode(entry.name), names) if is_paired else None
        yield _Found(path, entry.path, entry.is_file(follow_symlinks=False), has_pair)


def _is_incoming(folder: bytes, names: set[bytes]) -> bool:
    return b"incoming" in folder.rpartition(b"/")[2].lower() or any(
        name.endswith(b".dat") for name in names
    )


def _has_pair(name: str, names: set[bytes]) -> bool:
    parsed = parse_name(name)
    if parsed is None:
        return True
    return os.fsencode(f"{parsed.stem}.dat") in names


def _features(found: _Found) -> Features:
    try:
        if not found.is_regular:
            return Features(found.path, FileKind.UNREADABLE, 0)
        handle = os.open(found.full, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return Features(found.path, FileKind.UNREADABLE, 0)
    try:
        state = os.fstat(handle)
        if not stat.S_ISREG(state.st_mode):
            return Features(found.path, FileKind.UNREADABLE, 0)
        data = os.read(handle, MAX_READ_BYTES)
    except OSError:
        return Features(found.path, FileKind.UNREADABLE, 0)
    finally:
        os.close(handle)
    return features_of(found.path, data, state.st_size, has_pair=found.has_pair)
