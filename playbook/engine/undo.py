"""Take back what an incident did, newest first, from its journal; first it is seen as a whole.

Mail that was set aside stays there, because spam lies in it that would leave at once; what of it
is good goes back by `respond reinject`. Only who asks for it by name has everything merged back.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from playbook.engine.person import Answer, Asked, Person
from playbook.errors import BadInput, ServerRefused, StoppedByPerson
from playbook.incident.incident import Incident
from playbook.incident.manifest.store import Manifest
from playbook.incident.obligations import SMTP, of_password, smtp_stopped_by_undo
from playbook.incident.records import Closed, Intended, Owed, Reopened, Undid, Undoing
from playbook.mail.actions import (
    FolderRestored,
    MailReinjected,
    SmtpStarted,
    SmtpStopped,
    SubmissionSet,
)
from playbook.mail.server import MailServer
from playbook.outcome import Ending, Outcome
from playbook.plan import Action, Change, IncidentAction, Irreversible
from playbook.progress import Tell

_SENDS: Final = "SMTP sends what its queue holds"


@dataclass(frozen=True)
class Deed:
    """One thing that was done: in which step, by which record, and how it is taken back.

    `leaves` says what mail would leave the server because of that, "" for none.
    """

    step: str
    number: int
    action: Action
    undo: Action | Irreversible
    leaves: str = ""


@dataclass(frozen=True)
class Overview:
    """What would be taken back, in this order, and what stays, each with why."""

    deeds: tuple[Deed, ...]
    kept: tuple[str, ...]
    is_named: bool = False

    def lines(self) -> tuple[str, ...]:
        """Both, as sentences."""
        would = [f"Takes back {each.step}: {each.undo}" for each in self.deeds]
        leaves = [f"Then {each.leaves}" for each in self.deeds if each.leaves]
        return (*would, *leaves, *(f"Stays. {each}" for each in self.kept))


@dataclass(frozen=True)
class Undone:
    """What was taken back, and what cannot be, each as a sentence."""

    taken_back: tuple[str, ...]
    kept: tuple[str, ...]


def overview(
    case: Incident, manifest: Manifest, step: str = "", *, with_spam: bool = False
) -> Overview:
    """What an undo of one step, or of everything for "", would take back.

    `with_spam`: what was set aside is merged back, whatever lies in it. Raises `BadInput` where
    a later step was built upon the one named.
    """
    given = _given_back(case)
    deeds = [
        _judged(Deed(record.step, record.number, said.do, said.undo), manifest, given)
        for record, said in case.actions_to_undo()
    ]
    if not with_spam:
        deeds = [_left_aside(each, manifest) for each in deeds]
    wanted = [deed for deed in deeds if step in ("", deed.step)]
    if step:
        _nothing_built_upon(step, deeds, wanted)
    else:
        wanted = _without_a_needless_stop(wanted)
        wanted += _started_again(case, wanted)
    back = tuple(each for each in wanted if not isinstance(each.undo, Irreversible))
    kept = tuple(
        f"{each.action}: {each.undo.why}" for each in wanted if isinstance(each.undo, Irreversible)
    )
    return Overview(back, kept, bool(step))


def _given_back(case: Incident) -> frozenset[str]:
    """The folders of which mail was given back, or may have been: a giving-back can fail half way.

    Merged back, that mail would be sent a second time.
    """
    actions = (said.do for _, said in case.actions_to_undo())
    return frozenset(each.aside for each in actions if isinstance(each, MailReinjected))


def _judged(deed: Deed, manifest: Manifest, given: frozenset[str]) -> Deed:
    """The deed with the mail that would leave; a queue whose mail was given back stays aside."""
    if isinstance(deed.undo, SmtpStarted):
        return replace(deed, leaves=_SENDS)
    if not isinstance(deed.undo, FolderRestored):
        return deed
    aside = deed.undo.aside
    found = manifest.lying_in(aside)
    if aside in given or found.given:
        why = "mail of it was given back, and merged back it would be sent twice"
        return replace(deed, undo=Irreversible(why))
    return replace(deed, leaves=f"all of {aside} leaves: {_mail_in(aside, manifest)}")


def _mail_in(aside: str, manifest: Manifest) -> str:
    if not manifest.files_in(aside):
        return "it is not sorted, and the attacker's mail lies in it"
    found = manifest.lying_in(aside)
    return f"{found.spam:,} spam, {found.good:,} good and {found.doubtful:,} doubtful lie in it"


def _left_aside(deed: Deed, manifest: Manifest) -> Deed:
    if not isinstance(deed.undo, FolderRestored):
        return deed
    ways = "`respond reinject` gives the good mail back; `--with-spam` merges everything"
    why = f"{_mail_in(deed.undo.aside, manifest)}. {ways}"
    return replace(deed, undo=Irreversible(why), leaves="")


def _started_again(case: Incident, wanted: list[Deed]) -> list[Deed]:
    """SMTP that an undo stops, or stopped before it was cut, is up again at its end.

    The incident may have found SMTP stopped by another one, and stopped nothing itself.
    """
    owed = SMTP in {each.key for each in case.obligations()}
    stopped = owed and any(isinstance(each.do, SmtpStopped) for each in case.all(Undoing))
    stops = stopped or any(isinstance(each.undo, SmtpStopped) for each in wanted)
    if not stops or any(isinstance(each.undo, SmtpStarted) for each in wanted):
        return []
    started = [
        Deed(record.step, record.number, record.said.do, record.said.do, _SENDS)
        for record in case.journal.records
        if isinstance(record.said, Intended) and isinstance(record.said.do, SmtpStarted)
    ]
    return started[-1:]


def _without_a_needless_stop(deeds: list[Deed]) -> list[Deed]:
    """SMTP is not stopped and started again where nothing is merged into its queue between."""
    merges = any(isinstance(each.undo, FolderRestored) for each in deeds)
    is_up = any(isinstance(each.undo, SmtpStopped) for each in deeds)
    if merges or not is_up:
        return deeds
    return [each for each in deeds if not isinstance(each.undo, SmtpStopped | SmtpStarted)]


def _nothing_built_upon(step: str, deeds: list[Deed], wanted: list[Deed]) -> None:
    """A queue is not merged back under a service that was started upon its absence."""
    if not wanted:
        raise BadInput(f"There is nothing of {step} to take back", "", "See `respond journal`.")
    if all(isinstance(each.undo, Irreversible) for each in wanted):
        return
    later = [
        deed.step
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


def undo(
    case: Incident,
    found: Overview,
    server: MailServer,
    person: Person,
    tell: Tell,
) -> Undone:
    """Take back what the overview says.

    Raises `ServerRefused` where the server does not do it, and `StoppedByPerson`; what was taken
    back before stays written down, and its steps are open again.
    """
    taken: list[str] = []
    done: list[Deed] = []
    try:
        for deed in found.deeds:
            taken.append(_take_back(case, found, deed, server, person, tell))
            done.append(deed)
    finally:
        _open_again(case, done)
    return Undone(tuple(taken), found.kept)


def _open_again(case: Incident, done: Iterable[Deed]) -> None:
    """What was taken back, and what was proved upon it, is to be done and proved anew.

    A step that stands is not taken once more, but where its queue is no longer set aside.
    """
    back = tuple(dict.fromkeys(each.step for each in done))
    if not back:
        return
    for step in back:
        case.closes(step, Ending(Outcome.UNDONE, "a person took it back"))
    merged = any(isinstance(each.undo, FolderRestored) for each in done)
    standing = case.actions_to_undo()
    stands = {each.step for each, said in standing if not isinstance(said.do, IncidentAction)}
    first = min(each.number for each in case.journal.records if each.step in back)
    later = [
        record.step
        for record in case.journal.records[first:]
        if isinstance(record.said, Closed)
        and record.step not in stands
        and (merged or record.said.finding is None)
    ]
    case.journal.append(Reopened(tuple(dict.fromkeys((*back, *later)))))


def _take_back(
    case: Incident, found: Overview, deed: Deed, server: MailServer, person: Person, tell: Tell
) -> str:
    undo = deed.undo
    assert not isinstance(undo, Irreversible)
    spam = isinstance(undo, FolderRestored)
    again = Irreversible(deed.leaves) if spam else deed.action
    change = Change(undo, f"to take back: {deed.action}", again)
    answer = person.agrees(Asked(deed.step, f"Take back {deed.step}.", change))
    if answer is not Answer.YES:
        raise StoppedByPerson(
            f"Stopped before taking back {deed.step}",
            "",
            f"`respond undo {case.name}` goes on with it.",
        )
    case.journal.append(Undoing(deed.number, undo), deed.step)
    if isinstance(undo, SmtpStopped):
        case.journal.append(Owed((smtp_stopped_by_undo(),)), deed.step)
    if isinstance(undo, IncidentAction):
        raise ServerRefused("incident", f"{deed.action} is not undone on the server")
    said = server.perform(undo, tell)
    pays = _pays(undo, is_named=found.is_named)
    case.journal.append(Undid(deed.number, undo, said, pays), deed.step)
    return f"{undo}: {said}"


def _pays(undo: Action, *, is_named: bool) -> tuple[str, ...]:
    """What is not owed any more: a password only where a person lets just that account in again."""
    match undo:
        case SmtpStarted():
            return (SMTP,)
        case SubmissionSet(account, _) if is_named:
            return of_password(account)
        case _:
            return ()
