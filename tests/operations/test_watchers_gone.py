"""A run whose watcher goes away: the leak is closed all the same, and the journal says it."""

import os
import pty
import re
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

from playbook.drill.server import AttackedServer
from playbook.errors import ExitCode
from playbook.incident import store
from playbook.incident.incident import Incident
from playbook.incident.records import Untold
from tests.support.attacked_server import attacked

_PATIENCE_S = 60.0
_CALL = "from playbook.cli import main; main()"


def words(server: AttackedServer) -> list[str]:
    quick = server.root / "quick.toml"
    quick.write_text(re.sub(r"confirm_s = \d+", "confirm_s = 1", server.inventory.read_text()))
    place = ["--host", "drill", "--inventory", str(quick)]
    run = ["compromised-account", server.account, "--yes", "--contain", "--json"]
    return [sys.executable, "-c", _CALL, *run, *place]


def kinds(case: Incident) -> list[type]:
    return [type(each.said) for each in case.journal.records]


@pytest.mark.parametrize("streams", [pytest.param("stderr", marks=pytest.mark.slow), "both"])
def test_a_reader_that_goes_away_ends_nothing(tmp_path: Path, streams: str) -> None:
    with attacked(tmp_path, ssh=False, still=True, size=5) as (server, _):
        environment = {**os.environ, "RESPOND_HOME": str(tmp_path)}
        pipe = subprocess.PIPE
        with subprocess.Popen(
            words(server), stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, env=environment
        ) as run:
            assert run.stderr and run.stdout
            while b"stop_smtp" not in run.stderr.readline():
                pass
            run.stderr.close()
            if streams == "both":
                run.stdout.close()
            assert run.wait(_PATIENCE_S) == ExitCode.OWED
        case = store.load("", tmp_path)
        assert kinds(case).count(Untold) == 1
        assert case.closed("confirm_closed")
        assert server.score(0.0).smtp_answers


@pytest.mark.slow
@pytest.mark.parametrize("closed", ["2>&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_streams_that_were_closed_from_the_beginning(tmp_path: Path, closed: str) -> None:
    with attacked(tmp_path, ssh=False, still=True, size=5) as (server, _):
        environment = {**os.environ, "RESPOND_HOME": str(tmp_path)}
        shell = ("sh", "-c", f'exec "$@" {closed}', "sh", *words(server))
        ran = subprocess.run(shell, env=environment, timeout=_PATIENCE_S, check=False)
        assert ran.returncode == ExitCode.OWED
        case = store.load("", tmp_path)
        assert kinds(case).count(Untold) == 1
        assert case.closed("confirm_closed")


def test_a_terminal_that_is_closed_stops_the_run_at_a_boundary(tmp_path: Path) -> None:
    with attacked(tmp_path, ssh=False, still=True, size=5) as (server, _):
        child, terminal = pty.fork()
        if child == 0:
            os.environ["RESPOND_HOME"] = str(tmp_path)
            os.execv(sys.executable, words(server))
        shown, ends = b"", time.monotonic() + _PATIENCE_S
        while b"stop_smtp" not in shown:
            assert time.monotonic() < ends, shown
            if select.select([terminal], [], [], 1.0)[0]:
                shown += os.read(terminal, 4096)
        os.close(terminal)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        case = store.load("", tmp_path)
        assert status == ExitCode.PERSON
        assert "its terminal was closed" in str(case.journal.records[-1].said)
