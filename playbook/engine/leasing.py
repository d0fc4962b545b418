"""A command with the lease on the server: taken, given up, and what tore the command out of it."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from playbook.errors import (
    AnswerUnreadable,
    DeadlinePassed,
    Interrupted,
    JournalError,
    LineLost,
    RespondError,
    StoppedByPerson,
)
from playbook.incident.incident import Incident
from playbook.incident.obligations import SMTP
from playbook.incident.records import BrokenOff, Leased, Unreleased
from playbook.mail import lease
from playbook.mail.server import HeldServer


@contextmanager
def under_lease(
    server: HeldServer, case: Incident, command: str, who: str, take_over: str
) -> Iterator[None]:
    """The lease on the server, taken for a command, and given up whatever happens.

    What tears the command out of its work is written down first: a run that was broken off is
    never one that ended. A journal that cannot be written hides no other fault.
    """
    wanted = lease.lease(case.name, who, case.identity)
    because = lease.may_take(server.survey().holder, wanted, take_over)
    case.journal.append(Leased(command, wanted.who, because))
    try:
        _take(server, wanted, over=bool(because))
        yield
    except BaseException as error:
        if not isinstance(error, StoppedByPerson):
            with suppress(JournalError):
                case.journal.append(BrokenOff(_in_words(error)))
        _release(server, case)
        if isinstance(error, JournalError):
            raise _with_state(error, case) from error
        raise
    _release(server, case)


def _take(server: HeldServer, wanted: lease.Lease, *, over: bool) -> None:
    """Take it; where the line is lost, once more: what is held already by our token is ours."""
    try:
        server.take(wanted, over=over)
    except (LineLost, DeadlinePassed, AnswerUnreadable):
        server.look_again()
        server.take(wanted, over=over)


def _with_state(error: JournalError, case: Incident) -> JournalError:
    """The same fault, with how SMTP was left: nothing else says it any more."""
    owed = SMTP in {each.key for each in case.obligations()}
    smtp = (
        "SMTP is stopped, and the line that was shown at the beginning starts it"
        if owed
        else "SMTP was not left stopped by this incident"
    )
    return type(error)(
        error.what, error.because, f"{smtp}. {error.next} Then `respond resume {case.name}`."
    )


def _release(server: HeldServer, case: Incident) -> None:
    try:
        server.release()
    except RespondError as error:
        with suppress(JournalError):
            case.journal.append(Unreleased(str(error)))


def _in_words(error: BaseException) -> str:
    """What broke a command off; a fault that nobody foresaw keeps the name of its class."""
    if isinstance(error, RespondError | Interrupted):
        return str(error)
    if isinstance(error, KeyboardInterrupt):
        return "a person interrupted it"
    return f"{type(error).__name__} {error}".strip()
