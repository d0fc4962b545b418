"""What would be sent is known without asking the server anything."""

from collections.abc import Iterator
from typing import get_args

import pytest

from playbook.hosts.host import IceWarpOverrides
from playbook.mail import actions
from playbook.mail.actions import FolderSetAside, MailAction, SmtpStarted, SmtpStopped, foresee
from playbook.mail.foreseen import Foreseen
from playbook.mail.icewarp import guide
from playbook.mail.icewarp.reader import IceWarpReader
from playbook.mail.survey import Role
from playbook.progress import Tell, untold
from playbook.transports.base import Request
from playbook.transports.frame import ScriptRecord
from tests.support.surveys import ACCOUNT, SURVEY


class Unasked:
    """A transport that nobody may use."""

    def run(self, request: Request, tell: Tell = untold) -> tuple[ScriptRecord, ...]:
        raise AssertionError(request.script.name)

    def stream(self, request: Request, tell: Tell = untold) -> Iterator[ScriptRecord]:
        raise AssertionError(request.script.name)

    def close(self) -> None: ...


def reader() -> IceWarpReader:
    looking = IceWarpReader(Unasked(), IceWarpOverrides())
    looking.begin_with(SURVEY)
    return looking


@pytest.mark.parametrize("kind", get_args(actions.MailAction), ids=lambda each: each.__name__)
def test_every_action_is_described_by_what_was_seen(kind: type[MailAction]) -> None:
    told = reader().describe(guide.example(kind))
    assert told.script.startswith("change/")
    assert told.text
    assert told.manual
    assert str(told).startswith(f"{told.script} with")


def test_a_dry_run_describes_what_will_be_sent_by_then() -> None:
    server = Foreseen(reader())
    server.perform(FolderSetAside(Role.OUTGOING, "/opt/icewarp/mail/_outgoing", "/aside"))
    assert server.describe(SmtpStarted(watchdog=True)).values["watchdog"]
    without = foresee(SmtpStopped(), SURVEY)
    assert server.describe(SmtpStopped(), without).script == "change/stop_smtp"


def test_the_way_out_takes_the_watchdog_from_what_was_seen_or_is_known() -> None:
    looking = reader()
    assert looking.way_out(frozenset()).endswith("c_system_tools_watchdog_smtp 1")
    down = foresee(SmtpStopped(), SURVEY)
    assert "watchdog" not in looking.way_out(frozenset(), seen=down)
    known = looking.way_out(frozenset({ACCOUNT}), seen=down, watchdog=True)
    assert known.endswith("c_system_tools_watchdog_smtp 1")
    assert "u_password" not in known
