"""A saved plan is done only where the server is still as it was."""

from pathlib import Path

import pytest

from playbook import operations
from playbook.engine import saved_plan
from playbook.errors import BadInput, ExitCode, PlanChanged
from playbook.wiring import Options
from tests.support.attacked_server import attacked


def test_a_plan_is_done_while_it_holds_and_refused_when_a_folder_is_another(tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    with attacked(tmp_path / "home", ssh=False, still=True) as (server, desk):
        accounts = (server.account,)
        rehearsed = operations.rehearse(desk, accounts, Options(contain=True))
        saved_plan.save(plan, rehearsed.incident, accounts, rehearsed.seen)
        outgoing = server.install / "mail" / "_outgoing"
        outgoing.rename(outgoing.with_name("_kept"))
        outgoing.mkdir()
        with pytest.raises(PlanChanged, match="folder outgoing was"):
            operations.respond(desk, accounts, Options(contain=True, plan=plan))
        assert not (tmp_path / "home").exists()
        outgoing.rmdir()
        outgoing.with_name("_kept").rename(outgoing)
        (outgoing / "one-more.tmp").write_bytes(b"a queue moves")
        ended = operations.respond(desk, accounts, Options(contain=True, plan=plan))
        assert ended.code is ExitCode.OWED
        with pytest.raises(PlanChanged, match="another host or account"):
            operations.respond(desk, ("else@domaine.example",), Options(plan=plan))


@pytest.mark.parametrize("text", ["", "{}", '{"host": 1}', "[]"])
def test_a_file_that_is_no_plan_is_said(tmp_path: Path, text: str) -> None:
    path = tmp_path / "plan.json"
    path.write_text(text)
    with pytest.raises(BadInput, match="is no plan"):
        saved_plan.load(path)


def test_a_plan_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        saved_plan.load(tmp_path / "nowhere")
