"""The service processes: how one is started, found, recognised and ended."""

import fcntl
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playbook.drill.layout import Layout

MODULES = ("smtp", "pop3", "control", "im")
PACKAGE_FOLDER = Path(__file__).resolve().parents[2]


def python_command(module: str) -> list[str]:
    """The command line that runs one of the server's programs, fast and by itself."""
    return [sys.executable, "-S", "-s", "-P", "-m", f"playbook.drill.{module}"]


def lift_file_limit() -> None:
    """Allow this process to write files again where its session forbade it."""
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))


def register(layout: Layout) -> None:
    """Put this process among those that must not outlive the drill; leave if it is ending.

    The order matters: whoever ends the drill writes `closing` first, reads the list, and removes
    the list before anything else.
    """
    _record(layout, os.getpid())
    if layout.closing.exists() or not layout.processes.exists():
        sys.exit(1)


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Hold an exclusive lock on a file, which also ends with this process."""
    with file.open("wb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def spawn(layout: Layout, module: str, *options: str) -> subprocess.Popen[bytes]:
    """Start one module in a session of its own, holding nothing of its starter."""
    child = subprocess.Popen(
        [*python_command("service"), str(layout.install / module), *options],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=layout.install,
        env=os.environ | {"PYTHONPATH": str(PACKAGE_FOLDER)},
        start_new_session=True,
    )
    _record(layout, child.pid)
    return child


def write_pid_file(layout: Layout, module: str) -> None:
    """Say that this process is the module and ready."""
    draft = layout.var / f"{module}.pid.new"
    draft.write_bytes(b"%d\n" % os.getpid())
    draft.rename(layout.var / f"{module}.pid")


def running(layout: Layout, module: str) -> int | None:
    """The pid of a module that runs, by its pid file and its command line."""
    try:
        pid = int((layout.var / f"{module}.pid").read_bytes())
    except (FileNotFoundError, ValueError):
        return None
    return pid if is_ours(layout, pid, str(layout.install / module)) else None


def is_ours(layout: Layout, pid: int, named: str | None = None) -> bool:
    """Whether a pid belongs to a living process of this server (`named`: with this argument)."""
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except (FileNotFoundError, ProcessLookupError):
        return False
    install = os.fsencode(layout.install)
    if named is not None:
        return os.fsencode(named) in command
    return any(word == install or word.startswith(install + b"/") for word in command)


def has_threads(pid: int) -> bool:
    """Whether a process has more than its first thread.

    Of a process that was killed, the first thread may be gone, and the command line with it, while
    another one still moves a file.
    """
    try:
        return len(list(Path(f"/proc/{pid}/task").iterdir())) > 1
    except (FileNotFoundError, ProcessLookupError):
        return False


def gone_within(layout: Layout, module: str, timeout_s: float) -> bool:
    """Wait for a module to be no longer running; whether it went in time."""
    deadline = time.monotonic() + timeout_s
    while running(layout, module) is not None:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def kill_everything(layout: Layout, timeout_s: float = 30.0) -> None:
    """End every registered process for good; nothing starts any more afterwards."""
    layout.closing.touch()
    deadline = time.monotonic() + timeout_s
    killed: set[int] = set()
    while alive := [
        pid
        for pid in _registered(layout)
        if is_ours(layout, pid) or (pid in killed and has_threads(pid))
    ]:
        for pid in alive:
            killed.add(pid)
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        if time.monotonic() > deadline:
            raise TimeoutError(f"processes {alive} of the drill did not end")
        time.sleep(0.005)
    layout.processes.unlink(missing_ok=True)


def _record(layout: Layout, pid: int) -> None:
    # Without O_CREAT: a late process must not write into a folder that is being removed.
    try:
        known = os.open(layout.processes, os.O_WRONLY | os.O_APPEND)
    except FileNotFoundError:
        return
    try:
        os.write(known, b"%d\n" % pid)
    finally:
        os.close(known)


def _registered(layout: Layout) -> list[int]:
    if not layout.processes.exists():
        return []
    return [int(line) for line in layout.processes.read_bytes().split()]
