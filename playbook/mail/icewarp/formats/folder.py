"""Reads a folder of queue files and its SMTP logs, and judges them offline.

Links are never followed, only regular files are opened, and no more than the first MiB of each is
read. Whatever else lies there gets the verdict not-a-message.
"""

import os
import signal
import stat
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from multiprocessing import active_children, get_context
from pathlib import Path
from typing import Final

from playbook.mail.icewarp.formats.features import features_of
from playbook.mail.icewarp.formats.log_files import read_log_files
from playbook.mail.icewarp.formats.queue_file import MAX_READ_BYTES, parse_name
from playbook.smtplog.reading import LogReading
from playbook.triage.features import Features, FileKind
from playbook.triage.history import learn
from playbook.triage.judgement import Judged, Judgement, judge
from playbook.triage.spool import SpooledFeatures

_BATCH_FILES: Final = 1024
_MAX_PROCESSES: Final = 8
_LONGEST_PATH: Final = 4000  # the system takes 4,096 bytes at once


def triage_folder(
    folder: Path, accounts: tuple[str, ...], logs: tuple[Path, ...]
) -> Iterator[Judged]:
    """One verdict for each file under a folder, paths relative to it; `logs` may be empty."""
    with SpooledFeatures(read_folder(folder)) as queue:
        yield from judge_queue(queue, accounts, logs)


def judge_queue(
    queue: Iterable[Features],
    accounts: tuple[str, ...],
    logs: tuple[Path, ...],
    reading: LogReading | None = None,
) -> Judgement:
    """The judgement of features already taken, with the logs of some files or folders.

    `reading` says afterwards what of the logs was not read or not understood.
    """
    history = learn(read_log_files(logs, LogReading() if reading is None else reading))
    return judge(queue, history, accounts)


@dataclass(frozen=True, slots=True)
class _Found:
    path: bytes
    full: bytes
    is_regular: bool
    has_pair: bool | None


def read_folder(folder: Path, processes: int = 0) -> Iterator[Features]:
    """The features of every file under a folder, in the order of their names.

    A large folder is read by `processes` processes, 0 for as many as there are processors; the
    features and their order are the same.
    """
    found = _walk(os.fsencode(folder.resolve()))
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
    with _unseen_signals():
        pool = ProcessPoolExecutor(processes, mp_context=get_context("spawn"))
    try:
        ahead = deque(_submitted(pool, batch) for batch in islice(batches, 2 * processes))
        while ahead:
            done = ahead.popleft().result()
            ahead.extend(_submitted(pool, batch) for batch in islice(batches, 1))
            yield from done
    except BaseException:  # whoever gives up waits for no batch
        pool.shutdown(wait=False, cancel_futures=True)
        for process in active_children():
            process.terminate()
        raise
    pool.shutdown()


def _submitted(pool: ProcessPoolExecutor, batch: list[_Found]) -> "Future[list[Features]]":
    with _unseen_signals():
        return pool.submit(_features_of_batch, batch)


@contextmanager
def _unseen_signals() -> Iterator[None]:
    """A process that is started meanwhile never sees a signal of the terminal.

    Whoever reads the folder ends its processes; they have nothing to say about it.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT, signal.SIGHUP))
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _features_of_batch(batch: list[_Found]) -> list[Features]:
    return [_features(found) for found in batch]


def _walk(top: bytes) -> Iterator[_Found]:
    """Every file below a folder, in the order of the names, however deep the folders lie."""
    waiting = [_listed(top, b"")]
    while waiting:
        found = next(waiting[-1], None)
        if found is None:
            waiting.pop()
        elif isinstance(found, _Found):
            yield found
        else:
            waiting.append(_listed(top + b"/" + found, found))


def _listed(folder: bytes, shown: bytes) -> Iterator[_Found | bytes]:
    """The files of a folder, and as bare paths the folders in it."""
    try:
        handle = _open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError:
        if not shown:
            raise
        yield _Found(shown, folder, is_regular=False, has_pair=None)
        return
    try:
        with os.scandir(handle) as entries:
            listed = sorted((os.fsencode(each.name), _kind(each)) for each in entries)
    finally:
        os.close(handle)
    names = {name for name, _ in listed}
    is_paired = _is_incoming(folder, names)
    for name, kind in listed:
        path = shown + b"/" + name if shown else name
        if kind == "folder":
            yield path
            continue
        has_pair = _has_pair(os.fsdecode(name), names) if is_paired else None
        yield _Found(path, folder + b"/" + name, kind == "file", has_pair)


def _kind(entry: "os.DirEntry[str]") -> str:
    if entry.is_dir(follow_symlinks=False):
        return "folder"
    return "file" if entry.is_file(follow_symlinks=False) else "other"


def _open(path: bytes, flags: int) -> int:
    """Open what may lie deeper than a path of the system may be long; no link is followed."""
    at: int | None = None
    try:
        while len(path) > _LONGEST_PATH:
            head = path[:_LONGEST_PATH].rpartition(b"/")[0]
            path = path[len(head) + 1 :]
            below = os.open(head, os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=at)
            if at is not None:
                os.close(at)
            at = below
        return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=at)
    finally:
        if at is not None:
            os.close(at)


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
        handle = _open(found.full, os.O_RDONLY)
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
