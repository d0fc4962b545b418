"""A served drill ends cleanly however it is ended."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from playbook.drill.mails import seeded
from playbook.drill.process import PACKAGE_FOLDER
from playbook.drill.senders import PATIENCE, SWARM_INTERVAL_S, pause_s
from tests.drill.test_server import processes_of


@pytest.mark.parametrize(
    ("ending", "status"),
    [
        (signal.SIGINT, 0),
        pytest.param(signal.SIGTERM, 143, marks=pytest.mark.slow),
        pytest.param(signal.SIGHUP, 129, marks=pytest.mark.slow),
    ],
)
def test_a_served_drill_is_taken_away(tmp_path: Path, ending: int, status: int) -> None:
    program = [sys.executable, "-c", "from playbook.cli import main; main()"]
    with subprocess.Popen(
        [*program, "drill", "--serve", "--json", "--size", "20"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(PACKAGE_FOLDER), "TMPDIR": str(tmp_path)},
    ) as serving:
        assert serving.stdout is not None
        facts = json.loads(serving.stdout.readline())
        root = Path(facts["inventory"]).parent
        assert root.is_relative_to(tmp_path)
        assert processes_of(root / "icewarp")
        serving.send_signal(ending)
        _, said = serving.communicate(timeout=30)
    assert serving.returncode == status
    assert b"Traceback" not in said
    assert not processes_of(root / "icewarp")
    assert not list(tmp_path.iterdir())


def test_a_sender_slows_down_so_that_an_hour_is_bounded() -> None:
    random = seeded("pace")
    assert pause_s(random, 0) <= 1.5 * SWARM_INTERVAL_S
    hour = [pause_s(random, tried) for tried in range(20 * PATIENCE)]
    assert sum(hour) > 3600
