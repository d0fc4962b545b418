"""A crash at every boundary of the journal, then `resume`: the end is that of a quiet run."""

from dataclasses import replace
from pathlib import Path

import pytest

from playbook import operations
from playbook.drill.server import AttackedServer
from playbook.errors import ExitCode, LeaseHeld
from playbook.incident import store
from playbook.incident.journal import Journal, Record
from playbook.incident.records import Said
from playbook.wiring import Desk, Options
from tests.support.attacked_server import attacked
from tests.support.end_states import state
from tests.support.slow import some_quick

# An undisturbed run writes so many records; the test below fails when that is no longer so.
BOUNDARIES = 59


class Killed(BaseException):
    """Stands for a kill -9: nothing of ours catches it, and nothing is written after it."""


def kill_at(monkeypatch: pytest.MonkeyPatch, boundary: int, *, before: bool) -> None:
    """Die right before or right after the record of this number is on disk, and stay dead."""
    append = Journal.append
    dead = False

    def deadly(journal: Journal, said: Said, step: str = "") -> Record:
        nonlocal dead
        if dead or (before and len(journal.records) + 1 == boundary):
            dead = True
            raise Killed
        record = append(journal, said, step)
        if record.number == boundary:
            dead = True
            raise Killed
        return record

    monkeypatch.setattr(Journal, "append", deadly)


def respond(server: AttackedServer, desk: Desk) -> operations.Ended:
    return operations.respond(desk, (server.account,), Options(per_minute=0))


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    with attacked(tmp_path_factory.mktemp("quiet"), ssh=False, still=True, size=40) as (
        server,
        desk,
    ):
        ended = respond(server, desk)
        assert ended.code is ExitCode.OWED
        assert len(ended.incident.journal.records) == BOUNDARIES
        return state(server, ended.incident.name)


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
@pytest.mark.parametrize("boundary", some_quick(range(2, BOUNDARIES + 1), {28}))
def test_a_crash_at_any_boundary_is_taken_up_again(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    quiet: dict[str, object],
    boundary: int,
    before: bool,
) -> None:
    with attacked(tmp_path, ssh=False, still=True, size=40) as (server, desk):
        with monkeypatch.context() as patched:
            kill_at(patched, boundary, before=before)
            with pytest.raises(Killed):
                respond(server, desk)
        case = store.load("", tmp_path)
        ended = operations.resume(replace(desk), case, Options(per_minute=0))
        assert ended.code is ExitCode.OWED
        assert state(server, case.name) == quiet


@pytest.mark.slow
def test_another_machine_goes_on_from_the_servers_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quiet: dict[str, object]
) -> None:
    with attacked(tmp_path / "mine", ssh=False, still=True, size=40) as (server, desk):
        with monkeypatch.context() as patched:
            kill_at(patched, 20, before=False)
            with pytest.raises(Killed):
                respond(server, desk)
        elsewhere = replace(desk, home=tmp_path / "elsewhere")
        case = operations.fetch(elsewhere, "")
        assert case is not None
        with pytest.raises(LeaseHeld):
            operations.resume(elsewhere, case, Options(per_minute=0))
        over = Options(per_minute=0, take_over="their machine is gone")
        ended = operations.resume(elsewhere, case, over)
        assert ended.code is ExitCode.OWED
        assert state(server, case.name) == quiet
