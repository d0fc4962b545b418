"""Every fault of the drill, and what the tool must make of it."""

from pathlib import Path

import pytest

from playbook import operations
from playbook.cli.rehearsal import mastered, respond_to
from playbook.drill.faults import Fault
from playbook.errors import ExitCode
from playbook.outcome import Outcome
from playbook.wiring import Options
from tests.support.attacked_server import attacked
from tests.support.slow import some_quick


@pytest.mark.parametrize(
    "fault",
    some_quick(
        [each for each in Fault if each is not Fault.SECOND_ACCOUNT],
        {Fault.STOP_RETURNS_EARLY},
    ),
)
def test_the_leak_is_closed_and_no_mail_is_lost(tmp_path: Path, fault: Fault) -> None:
    with attacked(tmp_path, fault) as (server, desk):
        runs = respond_to(server, desk, (fault.value,))
        records = [record for run in runs for record in run.incident.journal.records]
        renamed = [record for record in records if record.step == "rename_outgoing"]
        assert mastered(server.score(renamed[-1].at.timestamp()), runs, (fault.value,))


@pytest.mark.slow
def test_a_service_that_hangs_is_named_and_nothing_is_renamed(tmp_path: Path) -> None:
    with attacked(tmp_path, Fault.STOP_HANGS) as (server, desk):
        ended = operations.respond(desk, (server.account,), Options())
        assert ended.code is ExitCode.RED
        assert ended.outcomes["stop_smtp"] is Outcome.FAILED
        assert ended.outcomes["reset_password"] is Outcome.CHANGED
        assert ended.outcomes["rename_outgoing"] is Outcome.REFUSED
        assert (server.install / "mail" / "_outgoing").is_dir()
        assert not list((server.install / "mail").glob("_outgoing.*"))
        assert "smtp" in [each.key for each in ended.incident.obligations()]


@pytest.mark.slow
def test_a_second_stolen_account_is_named_as_owed(tmp_path: Path) -> None:
    with attacked(tmp_path, Fault.SECOND_ACCOUNT, size=200) as (server, desk):
        ended = operations.respond(desk, (server.account,), Options())
        assert ended.code is not ExitCode.GREEN
        assert f"suspect:{server.second_account}" in [d.key for d in ended.incident.obligations()]
