"""Take back what an incident did, newest first, from its journal alone."""

from dataclasses import dataclass

from playbook.engine.person import Answer, Asked, Person
from playbook.errors import BadInput, ServerRefused, StoppedByPerson
from playbook.incident.incident import Incident
from playbook.incident.journal import Record
from playbook.incident.obligations import SMTP, of_password, smtp_stopped_by_undo
from playbook.incident.records import Owed, Undid, Undoing
from playbook.mail.actions import (
    FolderRestored,
    MailReinjected,
    SmtpStarted,
    SmtpStopped,
    SubmissionSet,
)
from playbook.mail.server import MailServer
from playbook.outcome import Outcome
from playbook.plan import (
    Action,
    Change,
    IncidentAction,
    Irreversible,
)
from playbook.progress import Tell


@dataclass(frozen=True)
class Undone:
    """What was taken back, and what cannot be, each as a sentence."""

    taken_back: tuple[str, ...]
    kept: tuple[str, ...]


@dataclass(frozen=True)
class _Deed:
    record: Record
    action: Action
    undo: Action | Irreversible


def undo(case: Incident, server: MailServer, person: Person, tell: Tell, step: str) -> Undone:
    """Take back one step, or everything for "".

    Raises `BadInput` where a later step was built upon the one named, `ServerRefused` where the
    server does not do it, and `StoppedByPerson`; what was taken back before stays written down.
    """
    deeds = _deeds(case)
    wanted = [deed for deed in deeds if step in ("", deed.record.step)]
    if step:
        _nothing_built_upon(step, deeds, wanted)
    taken, kept = [], []
    for deed in wanted:
        if isinstance(deed.undo, Irreversible):
            kept.append(f"{deed.action}: {deed.undo.why}")
        else:
            taken.append(_take_back(case, server, person, tell, deed, deed.undo))
    back = [deed.record.step for deed in wanted if not isinstance(deed.undo, Irreversible)]
    for name in dict.fromkeys(back):
        case.closes(name, Outcome.UNDONE, "a person took it back", None)
    return Undone(tuple(taken), tuple(kept))


def _deeds(case: Incident) -> list[_Deed]:
    """What was done, newest first; a queue whose mail was given back is not merged back too.

    Merged back, that mail would be sent a second time.
    """
    deeds = [_Deed(record, said.do, said.undo) for record, said in case.actions_to_undo()]
    given = {each.action.aside for each in deeds if isinstance(each.action, MailReinjected)}
    why = Irreversible("mail of it was given back, and merged back it would be sent twice")
    return [
        _Deed(each.record, each.action, why)
        if isinstance(each.undo, FolderRestored) and each.undo.aside in given
        else each
        for each in deeds
    ]


def _nothing_built_upon(step: str, deeds: list[_Deed], wanted: list[_Deed]) -> None:
    """A queue is not merged back under a service that was started upon its absence."""
    if not wanted:
        raise BadInput(f"There is nothing of {step} to take back", "", "See `respond journal`.")
    later = [
        deed.record.step
        for deed in deeds[: deeds.index(wanted[0])]
        if not isinstance(deed.undo, Irreversible) and not isinstance(deed.action, SubmissionSet)
    ]
    if later and not isinstance(wanted[0].action, SubmissionSet):
        names = ", ".join(dict.fromkeys(later))
        raise BadInput(
            f"{step} cannot be taken back alone",
            f"later steps were built upon it: {names}",
            f"Take back {names} first, or everything with `respond undo`.",
        )


def _take_back(
    case: Incident, server: MailServer, person: Person, tell: Tell, deed: _Deed, undo: Action
) -> str:
    change = Change(undo, f"to take back: {deed.action}", deed.action)
    answer = person.agrees(Asked(deed.record.step, f"Take back {deed.record.step}.", change))
    if answer is not Answer.YES:
        raise StoppedByPerson(f"Stopped before taking back {deed.record.step}")
    step, number = deed.record.step, deed.record.number
    case.journal.append(Undoing(number, undo), step)
    if isinstance(undo, SmtpStopped):
        case.journal.append(Owed((smtp_stopped_by_undo(),)), step)
    if isinstance(undo, IncidentAction):
        raise ServerRefused("incident", f"{deed.action} is not undone on the server")
    said = server.perform(undo, tell)
    case.journal.append(Undid(number, undo, said, _pays(undo)), step)
    return f"{undo}: {said}"


def _pays(undo: Action) -> tuple[str, ...]:
    match undo:
        case SmtpStarted():
            return (SMTP,)
        case SubmissionSet(account, _):
            return of_password(account)
        case _:
            return ()
