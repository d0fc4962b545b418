"""One running module: `service.py INSTALL/MODULE`, as `icewarpd.sh` starts it."""

import fcntl
import os
import signal
import sys
import time
from pathlib import Path
from threading import Event, Thread

from playbook.drill.layout import Layout
from playbook.drill.process import MODULES, register, running, spawn, write_pid_file
from playbook.drill.settings import read_settings
from playbook.drill.smtp import serve_smtp

WATCHDOG_INTERVAL_S = 0.2
RENAME_INTERVAL_S = 0.002
JUST_S = 0.3


def main() -> int:
    """Be the one process of a module until told to end."""
    module_path, *options = sys.argv[1:]
    layout, module = Layout(Path(module_path).parents[1]), Path(module_path).name
    register(layout)
    Thread(target=end_with_the_drill, args=(layout,), daemon=True).start()
    if "--at-rename" in options:
        wait_for_rename(layout)
    lock = (layout.var / f"{module}.lock").open("wb")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return 0
    told_to_end = Event()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: told_to_end.set())
    match module:
        case "smtp":
            siblings = "--siblings" in options and was_just_renamed(layout)
            serve_smtp(layout, told_to_end, siblings=siblings)
        case "control":
            write_pid_file(layout, module)
            watch_over(layout, told_to_end)
        case _:
            write_pid_file(layout, module)
            told_to_end.wait()
    (layout.var / f"{module}.pid").unlink(missing_ok=True)
    return 0


def wait_for_rename(layout: Layout) -> None:
    """Wait, ready to serve, for the moment when SMTP is stopped and `_outgoing` is gone."""
    while layout.outgoing.exists() or running(layout, "smtp") is not None:
        time.sleep(RENAME_INTERVAL_S)


def was_just_renamed(layout: Layout) -> bool:
    """Whether this process can have had the queue folder open from before its rename.

    One that this machine let run only later would not have found the folder.
    """
    folders = layout.mail.glob("_outgoing.*")
    youngest = max((folder.stat().st_ctime for folder in folders), default=0.0)
    return time.time() - youngest < JUST_S


def end_with_the_drill(layout: Layout) -> None:
    """End this process when the drill's own, which holds a lock for its life, has died."""
    with layout.owner.open("rb") as owner:
        fcntl.flock(owner, fcntl.LOCK_SH)
    os._exit(1)


def watch_over(layout: Layout, told_to_end: Event) -> None:
    """The watchdog: start a watched module that has died, at an accelerated interval."""
    while not told_to_end.wait(WATCHDOG_INTERVAL_S):
        system = read_settings(layout.settings).system
        for module in MODULES:
            watched = system.get(f"c_system_tools_watchdog_{module}") == "1"
            if watched and running(layout, module) is None and not layout.closing.exists():
                child = spawn(layout, module)
                _wait_until_ready(layout, module, child.pid)


def _wait_until_ready(layout: Layout, module: str, pid: int) -> None:
    deadline = time.monotonic() + 2
    while running(layout, module) != pid and time.monotonic() < deadline:
        time.sleep(0.01)


if __name__ == "__main__":
    sys.exit(main())
