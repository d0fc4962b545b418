"""The SMTP log as the product writes it: `IP [THREAD] TIME TEXT` (IceWarp KB on SMTP logs)."""

import time
from pathlib import Path

from playbook.drill.layout import Layout
from playbook.drill.scenario import SERVER_ADDRESS


def log_line(address: str, thread: int, at: float, text: str) -> str:
    """One line with its CR LF; `at` is a Unix time, shown as local time of day."""
    clock = time.strftime("%H:%M:%S", time.localtime(at))
    return f"{address} [{thread & 0xFFFF:04X}] {clock} {text}\r\n"


def log_file(layout: Layout, at: float) -> Path:
    """The SMTP log file of the day of a Unix time."""
    return layout.logs / "smtp" / time.strftime("s%Y%m%d-00.log", time.localtime(at))


def error_log_file(layout: Layout, at: float) -> Path:
    """The error log file of the day of a Unix time."""
    return layout.logs / time.strftime("e%Y%m%d-00.log", time.localtime(at))


def append(file: Path, lines: str, *, odd: bool = False) -> None:
    """Add lines to a log by one write, so that lines of several threads do not mix.

    With `odd` they are written as old servers do.
    """
    lines = as_old_servers_write(lines) if odd else lines
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("ab", buffering=0) as log:
        log.write(lines.encode("latin-1", "replace"))


def as_old_servers_write(lines: str) -> str:
    """The same lines in the form that IceWarp 10.3.1 was seen to write, and some that nobody knows.

    The address column is padded to 15 characters and a blank, a connection's line names the
    server's own address, and two lines that are none stand behind it (IceWarp facts, log forms).
    """
    return "".join(_old(line) for line in lines.splitlines(keepends=True))


def _old(line: str) -> str:
    address, _, rest = line.partition(" ")
    padded = f"{address:<15} {rest}"
    if not rest.endswith(" Connected\r\n") or "Client session" in rest:
        return padded
    local = f"{padded.rstrip()}, local IP={SERVER_ADDRESS}:25\r\n"
    head = rest.removesuffix("Connected\r\n")
    return f"{local}{address:<15} {head}\r\n{address:<15} [????] Cache flush delayed\r\n"


def smtp_date(at: float) -> str:
    """A Unix time as banner and `Received` line show it (RFC 5322)."""
    return time.strftime("%a, %d %b %Y %H:%M:%S %z", time.localtime(at))


def banner(host: str, version: str, at: float) -> str:
    """What the service says on connection."""
    return f"220 {host} ESMTP IceWarp {version} RHEL9 x64; {smtp_date(at)}"
