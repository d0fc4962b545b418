"""The dry run changes nothing, and lists what the run then does."""

import hashlib
from pathlib import Path

from playbook import operations
from playbook.drill.server import AttackedServer
from playbook.errors import ExitCode
from playbook.incident.incident import Incident
from playbook.incident.records import Intended
from playbook.operations import PLACEHOLDER
from playbook.outcome import Outcome
from playbook.wiring import Options
from tests.support.attacked_server import attacked


def fingerprint(server: AttackedServer) -> dict[str, tuple[int, int, str]]:
    """Every file and folder with its times and its content.

    Left out are the service's own log, and what its processes write when its watchdog looks
    whether one is missing.
    """
    return {
        str(path): (
            path.lstat().st_mtime_ns,
            path.lstat().st_mode,
            hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "",
        )
        for path in sorted(server.root.rglob("*"))
        if not {"logs", "truth.jsonl", "webmail", "processes"} & set(path.parts)
        and path.suffix != ".lock"
    }


def changes(case: Incident) -> list[str]:
    return [str(each).replace(case.name, PLACEHOLDER) for each in case.all(Intended)]


def test_nothing_differs_and_the_changes_are_the_runs(tmp_path: Path) -> None:
    with attacked(tmp_path, still=True) as (server, desk):
        before = fingerprint(server)
        rehearsed = operations.rehearse(desk, (server.account,), Options())
        assert fingerprint(server) == before
        assert not list(tmp_path.iterdir())
        done = operations.respond(desk, (server.account,), Options())
        # The watch is the one thing that cannot be foreseen.
        assert (rehearsed.code, done.code) == (ExitCode.UNPROVEN, ExitCode.OWED)
        assert rehearsed.outcomes.pop("confirm_closed") is Outcome.UNPROVEN
        assert done.outcomes.pop("confirm_closed").good
        assert rehearsed.outcomes == done.outcomes
        assert changes(rehearsed.incident) == changes(done.incident)
        assert fingerprint(server) != before
