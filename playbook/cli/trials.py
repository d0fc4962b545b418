"""What a responder does in a drill besides the straight way: it must do no harm either."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path
from typing import Self

from playbook import operations
from playbook.engine.operator import Unattended
from playbook.engine.person import Answer, Asked
from playbook.errors import RespondError
from playbook.incident import store
from playbook.incident.incident import Incident
from playbook.mail.actions import MailReinjected
from playbook.mail.survey import SetAside
from playbook.operations import Ended
from playbook.wiring import Desk, Options


class Trial(Enum):
    """One thing that people do at night.

    `value` is the name on the command line, `does` says what is done, `must` what has to come of
    it.
    """

    does: str
    must: str

    def __new__(cls, name: str, does: str, must: str) -> Self:
        """Give a member its name on the command line as value and its two sentences."""
        member = object.__new__(cls)
        member._value_ = name
        member.does = does
        member.must = must
        return member

    REPEATED = (
        "repeated",
        (
            "After the end everything is typed again: the same command, and `adopt` of each folder "
            "that was set aside, twice each."
        ),
        "Refuse, or find nothing left to do; send no mail a second time.",
    )
    TWO_RESPONDERS = (
        "two-responders",
        (
            "The run stops after the new password; a colleague at another machine ends the "
            "incident; then the first one goes on with the journal of before."
        ),
        "Take the colleague's records first: no second password, no second stop, no mail twice.",
    )
    UNDO_HALF = (
        "undo-half",
        "Giving back is stopped after its first mails, everything is undone, and taken up again.",
        "Leave what was given back where it is, and send no mail twice and no spam.",
    )


@dataclass(frozen=True)
class _StopsAfterTheFirstMails(Unattended):
    """A person who lets the first mails go, and stops there."""

    given: list[Asked] = field(default_factory=list)

    def agrees(self, asked: Asked) -> Answer:
        if isinstance(asked.change.do, MailReinjected):
            self.given.append(asked)
            if len(self.given) > 1:
                return Answer.QUIT
        return super().agrees(asked)


def tried(trial: Trial, desk: Desk, account: str, options: Options) -> Ended:
    """Do what the trial says, and return how the incident ended; raises a `RespondError`."""
    match trial:
        case Trial.REPEATED:
            return _repeated(desk, account, options)
        case Trial.TWO_RESPONDERS:
            return _two(desk, account, options)
        case Trial.UNDO_HALF:
            return _undone(desk, account, options)


def _repeated(desk: Desk, account: str, options: Options) -> Ended:
    first = operations.respond(desk, (account,), options)
    again: list[Callable[[], object]] = [
        lambda: operations.respond(desk, (account,), options),
        lambda: operations.resume(desk, first.incident, options),
        *(_adopting(desk, account, options, aside) for aside in _aside(desk)),
    ]
    for call in (*again, *again):
        _refused_or_done(call)
    return first


def _adopting(desk: Desk, account: str, options: Options, aside: SetAside) -> Callable[[], object]:
    wanted = replace(options, runbook="adopted-queue", adopted=aside)
    return lambda: operations.respond(desk, (account,), wanted)


def _aside(desk: Desk) -> tuple[SetAside, ...]:
    return desk.reader().survey().aside


def _refused_or_done(call: Callable[[], object]) -> None:
    """A refusal in words is a right answer; what it would have done is seen in the score."""
    try:
        call()
    except RespondError:
        return


def _two(desk: Desk, account: str, options: Options) -> Ended:
    first = operations.respond(desk, (account,), replace(options, last="reset_password"))
    colleague = replace(desk, home=desk.home / "colleague")
    fetched = operations.fetch(colleague, first.incident.name)
    if fetched is None:
        return first
    ended = operations.resume(colleague, fetched, options)
    _refused_or_done(lambda: operations.resume(desk, _kept(desk.home, first.incident), options))
    return ended


def _undone(desk: Desk, account: str, options: Options) -> Ended:
    stopping = replace(desk, operator=_StopsAfterTheFirstMails())
    first = operations.respond(stopping, (account,), options)
    operations.undo(desk, _kept(desk.home, first.incident), lambda found: None)
    return operations.resume(desk, _kept(desk.home, first.incident), options)


def _kept(home: Path, case: Incident) -> Incident:
    return store.load(case.name, home)
