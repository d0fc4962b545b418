"""A local process that cannot be ended is waited for no longer than a moment."""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from playbook.errors import AnswerUnreadable, DeadlinePassed, ElevationRefused
from playbook.transports import local
from playbook.transports.base import Request, Script
from playbook.transports.local import Local


def test_a_process_that_belongs_to_root_and_hangs_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As `sudo` does, which an ordinary user may not end."""

    def forbidden(process: "subprocess.Popen[bytes]") -> None:
        started.append(process)
        raise PermissionError

    started: list[subprocess.Popen[bytes]] = []
    monkeypatch.setattr(subprocess.Popen, "kill", forbidden)
    monkeypatch.setattr(local, "_GRACE_S", 0.2)
    begun = time.monotonic()
    with pytest.raises(DeadlinePassed):
        Local(elevate=False).run(Request(Script("read/hangs", "sleep 60"), {}, (), 0.3))
    assert time.monotonic() - begun < 5
    (process,) = started
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def test_a_process_that_closes_its_streams_and_stays_is_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(local, "_GRACE_S", 0.2)
    begun = time.monotonic()
    with pytest.raises(AnswerUnreadable):
        Local(elevate=False).run(
            Request(Script("read/stays", "exec >&- 2>&- 3<&- <&-; sleep 60"), {}, (), 30)
        )
    assert time.monotonic() - begun < 5


def test_a_sudo_that_refuses_is_told_in_its_own_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sudo").write_text("#!/bin/sh\necho 'sudo: a password is required' >&2\nexit 1\n")
    (tmp_path / "sudo").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(ElevationRefused, match="a password is required"):
        Local().run(Request(Script("read/x", "exit"), {}, (), 10))
