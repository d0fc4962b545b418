"""The SMTP log as the product writes it: `IP [THREAD] TIME TEXT` (IceWarp KB on SMTP logs)."""

import time
from pathlib import Path

from playbook.drill.layout import Layout


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


def append(file: Path, lines: str) -> None:
    """Add lines to a log by one write, so that lines of several threads do not mix."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("ab", buffering=0) as log:
        log.write(lines.encode("latin-1", "replace"))


def smtp_date(at: float) -> str:
    """A Unix time as banner and `Received` line show it (RFC 5322)."""
    return time.strftime("%a, %d %b %Y %H:%M:%S %z", time.localtime(at))


def banner(host: str, version: str, at: float) -> str:
    """What the service says on connection."""
    return f"220 {host} ESMTP IceWarp {version} RHEL9 x64; {smtp_date(at)}"
