"""Signals while a large folder is read by several processes: an end in seconds, without a trace."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from playbook.errors import ExitCode

_PROGRAM = """
import os, time
from playbook.mail.icewarp.formats import folder
os.cpu_count = lambda: 2
from playbook.cli import main
main()
"""


@pytest.fixture(scope="module")
def queue(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("queue")
    text = b"Received: x\r\n" * 20_000
    (place / "first").write_bytes(text)
    for number in range(12_000):
        os.link(place / "first", place / f"{number:05}.tmp")
    return place


def workers(of: int) -> list[str]:
    with Path(f"/proc/{of}/task/{of}/children").open() as file:
        return file.read().split()


def lives(pid: str) -> bool:
    """Whether a process is there, and not only its entry."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signals_end_the_reading_and_its_processes(queue: Path, number: int) -> None:
    with subprocess.Popen(
        (sys.executable, "-c", _PROGRAM, "triage", str(queue)),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as run:
        ends = time.monotonic() + 60
        while len(children := workers(run.pid)) < 3:  # two, and multiprocessing's own tracker
            assert run.poll() is None
            assert time.monotonic() < ends
            time.sleep(0.01)
        os.killpg(run.pid, number)
        assert run.stderr
        said = run.stderr.read().decode()
        status = run.wait(20)
    assert status == ExitCode.PERSON
    assert "Traceback" not in said
    assert said.startswith("Stopped at once")
    while any(map(lives, children)):
        assert time.monotonic() < ends


def test_ctrl_c_again_and_again_hangs_nowhere(queue: Path) -> None:
    with subprocess.Popen(
        (sys.executable, "-c", _PROGRAM, "triage", str(queue)),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as run:
        ends = time.monotonic() + 60
        while len(workers(run.pid)) < 3:
            assert run.poll() is None
            assert time.monotonic() < ends
            time.sleep(0.01)
        while run.poll() is None:
            assert time.monotonic() < ends
            os.killpg(run.pid, signal.SIGINT)
            time.sleep(0.05)
