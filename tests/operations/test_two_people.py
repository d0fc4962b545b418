"""Two terminals, two machines, the same command again: nothing is done twice, and it is said."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from playbook import operations
from playbook.engine.entry import Entry
from playbook.engine.operator import Unattended
from playbook.engine.person import Answer, Asked
from playbook.engine.preflight import Preflight
from playbook.errors import BadInput, ExitCode, IncidentOpen, LeaseHeld
from playbook.incident import store
from playbook.incident.journal import verify
from playbook.incident.records import Did
from playbook.mail.actions import PasswordReset, SmtpStopped
from playbook.mail.server import ServerReader
from playbook.wiring import Desk, Options
from tests.support.attacked_server import attacked

CONTAIN = Options(contain=True)


@dataclass(frozen=True, kw_only=True)
class Beside(Unattended):
    """Somebody at another terminal, who calls commands when a step begins."""

    step: str
    desk: Desk
    refusals: list[str] = field(default_factory=list)

    def begins(self, entry: Entry) -> None:
        if entry.name == self.step:
            for name, call in COMMANDS.items():
                try:
                    call(self.desk)
                except (LeaseHeld, IncidentOpen):
                    self.refusals.append(name)


@dataclass(frozen=True)
class Noting(Unattended):
    """Somebody who notes what is said before the first change."""

    warnings: list[str] = field(default_factory=list)

    def surveyed(self, server: ServerReader, checked: Preflight) -> None:
        self.warnings.extend(checked.warnings)


class Quits(Unattended):
    """A person who quits before this step."""

    def agrees(self, asked: Asked) -> Answer:
        return Answer.QUIT if asked.step == "reset_password" else Answer.YES


COMMANDS: dict[str, Callable[[Desk], object]] = {
    "resume": lambda desk: operations.resume(desk, store.load("", desk.home), CONTAIN),
    "close": lambda desk: operations.close(desk, store.load("", desk.home), Options(keep_days=0)),
    "undo": lambda desk: operations.held(desk, store.load("", desk.home), "now").__enter__(),
    "again": lambda desk: operations.respond(desk, ("info@domaine.example",), CONTAIN),
}


@pytest.mark.slow
def test_a_second_command_beside_a_run_is_refused_and_harms_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "_PATIENCE_S", 0.0)
    with attacked(tmp_path, ssh=False, still=True, size=40) as (server, desk):
        beside = Beside(step="rename_outgoing", desk=desk)
        ended = operations.respond(replace(desk, operator=beside), (server.account,), CONTAIN)
        assert beside.refusals == list(COMMANDS)
        assert ended.code is ExitCode.OWED
        assert verify(store.load("", tmp_path).journal.records) > 20


@pytest.mark.slow
def test_the_same_command_again_needs_a_reason_and_leaves_the_watchdog_as_it_was(
    tmp_path: Path,
) -> None:
    with attacked(tmp_path, ssh=False, still=True, size=40) as (server, desk):
        first = operations.respond(replace(desk, operator=Quits()), (server.account,), CONTAIN)
        assert first.code is ExitCode.PERSON
        with pytest.raises(IncidentOpen, match=first.incident.name):
            operations.respond(desk, (server.account,), CONTAIN)
        assert len(store.names(tmp_path)) == 1
        insists = replace(desk, operator=Unattended("the first is another case"))
        second = operations.respond(insists, (server.account,), CONTAIN)
        assert second.code is ExitCode.OWED
        assert server.score(0.0).watchdog_as_before
        left = store.load(first.incident.name, tmp_path).obligations()
        assert "smtp" not in {each.key for each in left}


def test_an_older_journal_takes_what_a_colleague_did_and_does_nothing_again(
    tmp_path: Path,
) -> None:
    with attacked(tmp_path / "mine", ssh=False, still=True, size=40) as (server, desk):
        mine = operations.respond(replace(desk, operator=Quits()), (server.account,), CONTAIN)
        elsewhere = replace(desk, home=tmp_path / "theirs")
        found = operations.fetch(elsewhere, "")
        assert found
        assert operations.resume(elsewhere, found, CONTAIN).code is ExitCode.OWED
        noting = Noting()
        ended = operations.resume(replace(desk, operator=noting), mine.incident, CONTAIN)
        assert ended.code is ExitCode.OWED
        assert "records were taken" in noting.warnings[0]
        done = [type(each.do) for each in ended.incident.all(Did)]
        assert done.count(PasswordReset) == done.count(SmtpStopped) == 1


@pytest.mark.parametrize(
    ("accounts", "options", "words"),
    [
        (("nobody@domaine.example",), CONTAIN, "no account of this server"),
        (("info@domaine.example",), Options(last="nosuch"), "no step nosuch"),
    ],
)
def test_what_can_be_refused_opens_nothing(
    tmp_path: Path, accounts: tuple[str, ...], options: Options, words: str
) -> None:
    with attacked(tmp_path, ssh=False, still=True, size=10) as (_, desk):
        with pytest.raises(BadInput, match=words):
            operations.respond(desk, accounts, options)
        assert store.names(tmp_path) == ()
