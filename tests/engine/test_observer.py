"""Whoever watches may fail at every call: the run is the same, and its journal says it once."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NoReturn

import pytest

from playbook.engine.entry import Entry
from playbook.engine.person import Agreed
from playbook.engine.runner import Runner
from playbook.engine.step import Step
from playbook.errors import Interrupted
from playbook.incident.incident import Incident
from playbook.incident.journal import Journal
from playbook.incident.records import Untold
from playbook.mail.actions import SmtpStarted, SmtpStopped
from playbook.mail.server import Reader
from playbook.outcome import Outcome
from playbook.plan import Change, Plan


class Fake:
    """A server with a switch."""

    def __init__(self) -> None:
        self.running = True

    def survey(self) -> bool:
        return self.running

    def perform(self, action: object, tell: Callable[[str], None]) -> str:
        tell("stopping")
        self.running = False
        return "seen stopped"

    def look_again(self) -> None: ...


@dataclass(frozen=True)
class Stop(Step[bool, None]):
    """Stop it."""

    def probe(self, server: Reader) -> bool:
        return bool(server.survey())

    def plan(self, seen: bool) -> Plan:
        change = Change(SmtpStopped(), "it must", SmtpStarted(None))
        return Plan((change,) if seen else (), "it stands still")


class Broken:
    """An observer that fails at every call."""

    def __init__(self, error: BaseException) -> None:
        self.error, self.calls = error, 0

    def __getattr__(self, name: str) -> Callable[..., NoReturn]:
        def fail(*_: object) -> NoReturn:
            self.calls += 1
            raise self.error

        return fail


def entries() -> Iterator[Entry]:
    step: Any = Stop()
    for name in ("first", "second"):
        yield Entry(name, "Stop it.", "it must", lambda _: step, bool, None)


def run(observer: Any) -> tuple[Incident, Fake, dict[str, Outcome]]:
    server: Any = Fake()
    case = Incident("case", Journal("mail"))
    outcomes = Runner(case, server, Broken(KeyError()), Agreed(), observer).run(entries(), ())
    return case, server, outcomes


@pytest.mark.parametrize(
    "error", [RuntimeError("a bug"), OSError("closed"), BrokenPipeError(), SystemExit(1)]
)
def test_an_observer_that_fails_everywhere_harms_nothing(error: BaseException) -> None:
    observer = Broken(error)
    case, server, outcomes = run(observer)
    assert outcomes == {"first": Outcome.CHANGED, "second": Outcome.HOLDS}
    assert not server.running
    assert observer.calls > 5
    untold = [each for each in case.journal.records if isinstance(each.said, Untold)]
    assert len(untold) == 1


@pytest.mark.parametrize("error", [KeyboardInterrupt, GeneratorExit, Interrupted])
def test_what_ends_the_program_is_no_fault_of_an_observer(error: type[BaseException]) -> None:
    with pytest.raises(error):
        run(Broken(error()))


def test_a_signal_that_unwinds_by_an_exit_code_is_no_fault_of_an_observer() -> None:
    with pytest.raises(SystemExit):
        run(Broken(SystemExit(143)))
