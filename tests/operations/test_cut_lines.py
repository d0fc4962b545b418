"""The same containment over two SSH servers that share nothing, also when the line is cut."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from playbook import operations
from playbook.drill.faults import Fault
from playbook.drill.server import AttackedServer
from playbook.errors import ExitCode
from playbook.progress import Tell, untold
from playbook.transports.base import Request, Transport
from playbook.transports.frame import ScriptRecord
from playbook.wiring import Desk
from tests.support.attacked_server import attacked, behind
from tests.support.end_states import CONTAIN, contained, state
from tests.support.slow import some_quick
from tests.support.ssh_servers import Relay, openssh

# An undisturbed containment with the shortest watch; the first test fails when it takes more.
EXECS = 11


@dataclass(frozen=True)
class Wire:
    """An attacked server, a desk that reaches it over SSH, and how many execs were asked for."""

    server: AttackedServer
    desk: Desk
    execs: Callable[[], int]


@contextlib.contextmanager
def over(kind: str, folder: Path) -> Iterator[Wire]:
    """The drill's own SSH server, or a real sshd."""
    if kind == "asyncssh":
        with attacked(folder, still=True, size=40) as (server, desk):
            front = server.front
            assert front
            yield Wire(server, desk, lambda: front.execs)
        return
    with (
        openssh(folder, ["LogLevel VERBOSE"]) as sshd,
        attacked(folder, ssh=False, still=True, size=40) as (server, desk),
        behind(desk, sshd) as there,
    ):
        log = folder / "sshd.log"
        yield Wire(server, there, lambda: log.read_text().count("Starting session: command"))


@pytest.mark.parametrize("kind", some_quick(["asyncssh", "openssh"], {"asyncssh"}))
def test_a_containment_ends_the_same_with_so_many_execs(
    tmp_path: Path, contained_quietly: dict[str, object], kind: str
) -> None:
    with over(kind, tmp_path) as wire:
        ended = operations.respond(wire.desk, (wire.server.account,), CONTAIN)
        assert ended.code is ExitCode.OWED
        assert state(wire.server, ended.incident.name) == contained_quietly
        assert wire.execs() == EXECS


@pytest.mark.parametrize("cut_at_exec", some_quick(range(1, EXECS + 1), {5}))
def test_an_answer_that_is_lost_changes_nothing_of_the_end(
    tmp_path: Path, contained_quietly: dict[str, object], cut_at_exec: int
) -> None:
    cut = attacked(tmp_path, Fault.LINE_CUT, still=True, size=40, cut_at_exec=cut_at_exec)
    with cut as (server, desk):
        ended = contained(server, desk)
        assert ended.code is ExitCode.OWED
        assert state(server, ended.incident.name) == contained_quietly


@dataclass
class CutOnTheWay:
    """A transport whose line is cut in the middle of the script of this number."""

    inner: Transport
    relay: Relay
    number: int

    def run(self, request: Request, tell: Tell = untold) -> tuple[ScriptRecord, ...]:
        self._count()
        return self.inner.run(request, tell)

    def stream(self, request: Request, tell: Tell = untold) -> Iterator[ScriptRecord]:
        self._count()
        return self.inner.stream(request, tell)

    def _count(self) -> None:
        self.number -= 1
        if self.number == 0:
            self.relay.cut_after(3_000)

    def close(self) -> None:
        self.inner.close()


@pytest.mark.parametrize("number", some_quick(range(1, EXECS + 1), set()))
def test_a_script_that_is_lost_on_the_way_changes_nothing_of_the_end(
    tmp_path: Path, contained_quietly: dict[str, object], number: int
) -> None:
    with (
        openssh(tmp_path) as sshd,
        contextlib.closing(Relay(sshd.port)) as relay,
        attacked(tmp_path, ssh=False, still=True, size=40) as (server, desk),
        behind(desk, sshd, relay.port) as there,
    ):
        cut = replace(there, transport=CutOnTheWay(there.transport, relay, number))
        ended = contained(server, cut)
        assert ended.code is ExitCode.OWED
        assert state(server, ended.incident.name) == contained_quietly
