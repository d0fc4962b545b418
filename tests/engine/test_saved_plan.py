"""A saved plan is done only where the server is still as it was."""

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from playbook import operations
from playbook.cli.operator import CommandLine
from playbook.engine import saved_plan
from playbook.engine.person import Answer, Asked
from playbook.engine.saved_plan import SavedPlan, Wanted
from playbook.errors import BadInput, ExitCode, PlanChanged, StoppedByPerson
from playbook.incident.incident import Incident
from playbook.incident.journal import Journal
from playbook.mail.actions import (
    FolderSetAside,
    MailReinjected,
    PasswordReset,
    SmtpStopped,
    SubmissionSet,
)
from playbook.mail.survey import Role
from playbook.plan import Action, Change, Irreversible
from playbook.secret import PasswordShape
from playbook.wiring import Options
from tests.support.attacked_server import attacked

GONE = Irreversible("a test")


@pytest.mark.slow
def test_a_plan_is_done_while_it_holds_and_refused_when_a_folder_is_another(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    with attacked(tmp_path / "home", ssh=False, still=True) as (server, desk):
        accounts = (server.account,)
        watching = CommandLine(Console(file=io.StringIO()), foreseen=True)
        showing = replace(desk, operator=watching)
        rehearsed = operations.rehearse(showing, accounts, Options(contain=True))
        made = saved_plan.plan_of(
            rehearsed.incident, accounts, rehearsed.seen, Wanted(contain=True), watching.planned
        )
        saved_plan.save(path, made)
        plan = saved_plan.load(path)
        assert plan == made
        outgoing = server.install / "mail" / "_outgoing"
        outgoing.rename(outgoing.with_name("_kept"))
        outgoing.mkdir()
        with pytest.raises(PlanChanged, match="folder outgoing was"):
            operations.respond(desk, accounts, Options(contain=True, plan=plan))
        assert not (tmp_path / "home").exists()
        outgoing.rmdir()
        outgoing.with_name("_kept").rename(outgoing)
        (outgoing / "one-more.tmp").write_bytes(b"a queue moves")
        follows = CommandLine(Console(file=io.StringIO()), plan=plan)
        following = replace(desk, operator=follows)
        ended = operations.respond(following, accounts, Options(contain=True, plan=plan))
        assert ended.code is ExitCode.OWED
        with pytest.raises(PlanChanged, match="another host or account"):
            operations.respond(desk, ("else@domaine.example",), Options(plan=plan))


def shown(*changes: Change) -> SavedPlan:
    keys = tuple(saved_plan.keys_of(changes, "INCIDENT"))
    return SavedPlan("mail1", ("a@b.example",), Wanted(), "", {}, keys)


@pytest.mark.parametrize(
    ("action", "holds"),
    [
        (SmtpStopped(), True),
        (SmtpStopped(kill=True), False),
        (FolderSetAside(Role.OUTGOING, "/q", "/q.20260101-000000-aaaa"), True),
        (FolderSetAside(Role.RETRY, "/q", "/q.20260101-000000-aaaa"), False),
        (SubmissionSet("a@b.example", allowed=False), True),
        (SubmissionSet("c@b.example", allowed=False), False),
        (MailReinjected(Role.OUTGOING, "/q.20260101-000000-aaaa", "/q", 7, "other"), True),
    ],
    ids=str,
)
def test_only_what_was_shown_is_made(action: Action, holds: bool) -> None:
    reset = PasswordReset("a@b.example", PasswordShape())
    block = Change(SubmissionSet("a@b.example", allowed=False), "", GONE)
    forced = Change(SmtpStopped(kill=True), "", GONE, offered=True)
    plan = shown(
        Change(SmtpStopped(), "", GONE, otherwise=forced),
        Change(reset, "", GONE, otherwise=block),
        Change(FolderSetAside(Role.OUTGOING, "/q", "/q.INCIDENT"), "", GONE),
        Change(MailReinjected(Role.OUTGOING, "/q.INCIDENT", "/q", 5, "abc"), "", GONE),
    )
    operator = CommandLine(Console(file=io.StringIO()), plan=plan)
    case = Incident("20260101-000000-aaaa", Journal("mail1"))
    server: Any = None
    operator.works_in(case, (), server)
    asked = Asked("step", "It does.", Change(action, "", GONE))
    if holds:
        assert operator.agrees(asked) is Answer.YES
    else:
        with pytest.raises(StoppedByPerson, match="the plan does not show this"):
            operator.agrees(asked)


@pytest.mark.parametrize("text", ["", "{}", '{"host": 1}', "[]"])
def test_a_file_that_is_no_plan_is_said(tmp_path: Path, text: str) -> None:
    path = tmp_path / "plan.json"
    path.write_text(text)
    with pytest.raises(BadInput, match="is no plan"):
        saved_plan.load(path)


def test_a_plan_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        saved_plan.load(tmp_path / "nowhere")
