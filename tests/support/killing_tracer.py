"""Run a program under ptrace and look at the world after each of its system calls.

It makes `kill -9` after each act exact, whatever language the program is written in, and nothing
in the program knows of it. Linux only; no library is needed.
"""

import contextlib
import ctypes
import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

_TRACEME, _CONT, _SYSCALL, _SETOPTIONS = 0, 7, 24, 0x4200
_OPTIONS = 0x1 | 0x2 | 0x4 | 0x8 | 0x00100000  # system calls marked, fork, vfork, clone, exit-kill
_ANY_CHILD = 0x40000000
_SYSCALL_STOP = signal.SIGTRAP | 0x80

_libc = ctypes.CDLL(None, use_errno=True)
_libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
_libc.ptrace.restype = ctypes.c_long


class CannotTrace(Exception):
    """The system does not let a process trace its own children."""


def _ptrace(request: int, pid: int, data: int = 0) -> None:
    if _libc.ptrace(request, pid, None, data) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def _trace_me() -> None:
    _libc.ptrace(_TRACEME, 0, None, None)


def run(
    command: tuple[str, ...], given: bytes, scratch: Path, goes_on: Callable[[], bool]
) -> bytes | None:
    """Run to the end and return what it wrote; None where `goes_on` said no and it was killed.

    `goes_on` is called after each system call of every process that the program starts (the first
    one only reads its own text, byte by byte); the killing is of all at once, with SIGKILL.
    """
    (scratch / "given").write_bytes(given)
    with (scratch / "given").open("rb") as stdin, (scratch / "said").open("w+b") as stdout:
        process = subprocess.Popen(
            command,
            stdin=stdin,
            stdout=stdout,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=_trace_me,  # noqa: PLW1509 - the child does nothing else before it is traced
        )
        ended = _follow(process.pid, goes_on)
        process.returncode = 0 if ended else -signal.SIGKILL
        stdout.seek(0)
        return stdout.read() if ended else None


def _follow(first: int, goes_on: Callable[[], bool]) -> bool:
    _, status = os.waitpid(first, 0)
    if not os.WIFSTOPPED(status):
        raise CannotTrace
    _ptrace(_SETOPTIONS, first, _OPTIONS)
    _ptrace(_CONT, first)
    living = {first}
    while first in living:
        pid, status = os.waitpid(-first, _ANY_CHILD)
        if os.WIFEXITED(status) or os.WIFSIGNALED(status):
            living.discard(pid)
            continue
        living.add(pid)
        stop = os.WSTOPSIG(status)
        if stop == _SYSCALL_STOP and not goes_on():
            _kill_all(first)
            return False
        passed_on = 0 if stop in (_SYSCALL_STOP, signal.SIGTRAP, signal.SIGSTOP) else stop
        with contextlib.suppress(ProcessLookupError):
            _ptrace(_CONT if pid == first else _SYSCALL, pid, passed_on)
    _kill_all(first)
    return True


def _kill_all(group: int) -> None:
    """End every process of the program, its heartbeat too, and wait until they are gone."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        while True:
            os.waitpid(-group, _ANY_CHILD)
