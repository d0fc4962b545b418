"""How an incident stands: whether it is open, and what it knows of the server's first state."""

from collections.abc import Iterable
from typing import Final

from playbook.incident.incident import Incident
from playbook.incident.obligations import SMTP
from playbook.incident.records import BrokenOff, Did, Intended, Leased, RunEnded, UndoEnded
from playbook.mail.actions import IncidentForgotten, SmtpStarted, SmtpStopped
from playbook.outcome import Outcome

CLOSING: Final = "close-incident"
UNDOING: Final = "undo"
_NOT_DONE: Final = (Outcome.FAILED, Outcome.REFUSED, Outcome.UNKNOWN)


def is_over(case: Incident) -> bool:
    """Whether it was closed to its end: the server keeps nothing of it any more."""
    return any(isinstance(each.do, IncidentForgotten) for each in case.all(Did))


def is_open(case: Incident) -> bool:
    """Whether something of it is still to be done."""
    if is_over(case):
        return False
    match case.ending:
        case RunEnded(outcomes, stopped):
            undone = any(each in _NOT_DONE for each in outcomes.values())
            return bool(stopped or undone or case.obligations())
        case BrokenOff() | UndoEnded() | None:
            return True


def command_of(case: Incident) -> str:
    """The runbook of its last run, or "undo"; "" before the first lease."""
    commands = [each.command for each in case.all(Leased)]
    return commands[-1] if commands else ""


def goes_on_with(case: Incident) -> str:
    """The command that goes on with it; "" where nothing is left to do."""
    if not is_open(case):
        return ""
    verb = "close" if command_of(case) == CLOSING else "resume"
    return f"respond {verb} {case.name}"


def in_words(case: Incident, *, running: bool = False) -> str:
    """How it stands, in a few words."""
    if running:
        return f"running ({command_of(case) or 'opening'})"
    match case.ending:
        case None:
            return "broken off"
        case BrokenOff(what):
            return f"broken off, because {what}"
        case UndoEnded(stopped):
            return "an undo was stopped by a person" if stopped else "taken back by a person"
        case RunEnded(outcomes, stopped):
            if stopped:
                return "stopped by a person"
            at = next((step for step, end in outcomes.items() if end in _NOT_DONE), "")
            if at:
                return f"{outcomes[at]} at {at}"
            ended = "ended, and something is owed" if case.obligations() else "ended"
            return "closed" if is_over(case) else ended


def watchdog_was_on(cases: Iterable[Incident]) -> bool:
    """Whether one of these incidents switched the watchdog of SMTP off and still owes it.

    What is seen now says nothing of that: it is off because they did it.
    """
    return any(
        isinstance(each.do, SmtpStopped)
        and isinstance(each.undo, SmtpStarted)
        and each.undo.watchdog is True
        for case in cases
        if SMTP in {owed.key for owed in case.obligations()}
        for each in case.all(Intended)
    )
