"""Prints what it costs to take the features of a queue on its server: ``python bench/scan.py``.

The same perl program is run over the same made-up queue three ways: alone, with nothing but a pipe
behind it; by this program on the same machine; and through a real SSH server on the loopback, where
there is an sshd. Each way runs in a process of its own, whose greatest memory is printed.
"""

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

from tabulate import tabulate

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from playbook.drill.queues.generator import generate
from playbook.drill.queues.style import Style
from playbook.mail.icewarp.pack import LINUX, QUEUE_FILES
from playbook.mail.icewarp.queue_files import scan
from playbook.transports.local import Local
from playbook.transports.ssh import Ssh
from tests.support.ssh_servers import openssh

WAYS = ("perl alone", "local", "ssh")
_HEADERS = ("way", "files", "seconds", "times perl alone", "files a second", "greatest memory, MB")


def perl_alone(folder: Path) -> int:
    """The program by itself; its answer is thrown away. Returns how many files it says it took."""
    made = subprocess.run(
        ("perl", "-", folder, "gzip"),
        input=LINUX.program(*QUEUE_FILES).encode(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=True,
    )
    return int(made.stdout.splitlines()[-1].split()[1])


def whole_way(transport: Local | Ssh, folder: Path) -> int:
    """Everything up to the features in this process, none of which is kept."""
    try:
        return sum(1 for _ in scan(transport, str(folder)))
    finally:
        transport.close()


@contextlib.contextmanager
def over_ssh() -> Iterator[Ssh]:
    """A transport to an sshd of our own."""
    with tempfile.TemporaryDirectory() as name, openssh(Path(name)) as server:
        yield Ssh(server.host())


def measure(way: str, folder: Path) -> dict[str, float]:
    """One way in this process: files, seconds, and the greatest memory in MB."""
    with contextlib.ExitStack() as stack:
        transport = stack.enter_context(over_ssh()) if way == "ssh" else Local(elevate=False)
        begun_s = monotonic()
        files = perl_alone(folder) if way == "perl alone" else whole_way(transport, folder)
        seconds = monotonic() - begun_s
    return {"files": files, "seconds": seconds, "memory": peak_memory_mb()}


def peak_memory_mb() -> float:
    """The greatest memory of this process, which `getrusage` would mix up with its parent's."""
    status = Path("/proc/self/status").read_text()
    return float(status.partition("VmHWM:")[2].split()[0]) / 1024


def measured(way: str, folder: Path, runs: int) -> dict[str, float]:
    """The fastest of some runs, each in a process of its own."""
    command = (sys.executable, __file__, "--one", way, "--folder", folder)
    found = [json.loads(subprocess.check_output(command)) for _ in range(runs)]
    return min(found, key=lambda each: each["seconds"])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=100_000, help="about so many files")
    parser.add_argument("--runs", type=int, default=2, help="the fastest of so many counts")
    parser.add_argument("--folder", type=Path, help="a queue that is there already")
    parser.add_argument("--one", choices=WAYS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(measure(options.one, options.folder)))
        return
    with tempfile.TemporaryDirectory() as name:
        folder = options.folder
        if folder is None:
            generate(Path(name), 1, 3, options.size, Style(has_logs=False))
            folder = Path(name) / "mail"
        rows: list[list[object]] = []
        for way in WAYS:
            found = measured(way, folder, options.runs)
            alone_s = rows[0][2] if rows else found["seconds"]
            assert isinstance(alone_s, float)
            seconds, files = found["seconds"], int(found["files"])
            ratio, rate = seconds / alone_s, files / seconds
            rows.append([way, files, seconds, ratio, rate, found["memory"]])
    print(f"{os.cpu_count()} cores")
    print(tabulate(rows, headers=_HEADERS, floatfmt=("", "", ".1f", ".2f", ",.0f", ".0f")))


if __name__ == "__main__":
    main()
