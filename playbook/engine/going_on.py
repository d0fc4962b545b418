"""Which incident a call is about, and which of the two copies of its journal goes on.

The same command typed again, a colleague at another machine, an older copy of a journal: each is
found before anything is changed, and said.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from playbook.engine.person import Person
from playbook.errors import IncidentOpen, JournalBroken, JournalForked
from playbook.incident import copies, store
from playbook.incident.incident import Incident
from playbook.incident.journal import Journal, Record
from playbook.incident.obligations import SMTP, suspects
from playbook.incident.records import Did, Leased
from playbook.incident.standing import (
    CLOSING,
    command_of,
    goes_on_with,
    in_words,
    is_open,
    is_over,
)
from playbook.mail.actions import FolderSetAside
from playbook.plan import Hindrance

Copy = Callable[[str], tuple[str, tuple[str, ...]]]
"""The mail server's copy of an incident's journal, by name (the newest for ""), and its lines."""


@dataclass(frozen=True)
class Others:
    """Other incidents of a mail server, newest first: all kept here, those open, what is broken."""

    open: tuple[Incident, ...]
    here: tuple[Incident, ...] = ()
    notes: tuple[str, ...] = ()


def others(under: Path, host: str, copy: Copy) -> Others:
    """What is kept of a host here, and the newest that the server keeps a copy of."""
    sound, broken = store.kept(under)
    notes = [f"{each.name} is broken and left aside: {each.because}" for each in broken]
    found = [each for each in sound if each.host == host]
    try:
        there = _only_there(copy, {each.name for each in sound})
    except JournalBroken as error:
        there = None
        notes.append(f"the server's copy of a journal is left aside: {error.what}")
    cases = (*((there,) if there else ()), *found)
    return Others(tuple(each for each in cases if is_open(each)), sound, tuple(notes))


def _only_there(copy: Copy, here: set[str]) -> Incident | None:
    name, lines = copy("")
    if not (name and lines) or name in here:
        return None
    records = copies.read_copy(lines)
    return Incident(store.checked_name(name), Journal(records[0].host, None, records))


def another(
    found: Others, accounts: tuple[str, ...], person: Person
) -> tuple[Incident | None, str]:
    """The open incident that a person goes on with instead, or the reason for another one.

    An incident asks itself for one of an account that looks compromised too: that is reason enough.
    Raises `IncidentOpen` where nobody gives a reason.
    """
    asked = {each for case in found.open for each in suspects(case.obligations())}
    if not found.open or (accounts and {each.lower() for each in accounts} <= asked):
        return None, ""
    case = found.open[0]
    what = f"{case.name} of this server is open ({in_words(case)})"
    opened = _in_full(case)
    if person.takes_up(f"{what}, {opened}"):
        return case, ""
    way = f"`{goes_on_with(case)}` goes on with it."
    hindrance = Hindrance(what, f"{way} Another one needs a reason (--override).", overridable=True)
    reason = person.overrides("another incident", hindrance)
    if not reason:
        raise IncidentOpen(what, opened, hindrance.next)
    return None, reason


def _in_full(case: Incident) -> str:
    """Who opened it for whom, what it set aside, and what it owes."""
    words = [f"opened by {case.opening.who} for {', '.join(case.opening.accounts) or 'no account'}"]
    aside = [each.do.aside for each in case.all(Did) if isinstance(each.do, FolderSetAside)]
    if aside:
        words.append(f"it set aside {', '.join(dict.fromkeys(aside))}")
    owed = [each.text for each in case.obligations()]
    if owed:
        words.append(f"it owes: {'; '.join(owed[:5])}")
    return "; ".join(words)


def may_resume(case: Incident, first: str) -> None:
    """Raise `IncidentOpen` where going on would begin again what was ended.

    A closing goes on with `respond close`; only a step that is named is taken once more.
    """
    if is_over(case):
        raise IncidentOpen(
            f"{case.name} is closed",
            "nothing of it is left on the server",
            "Call `respond compromised-account` for a new one.",
        )
    if command_of(case) == CLOSING and not first:
        raise IncidentOpen(
            f"{case.name} is being closed",
            "its last command was `respond close`",
            f"`respond close {case.name}` goes on; `--from STEP` takes steps once more.",
        )


def may_close(case: Incident, person: Person) -> str:
    """The reason for closing an incident that left SMTP stopped, or "" where it did not.

    Raises `IncidentOpen` where nobody gives one: nothing would say it any more.
    """
    if SMTP not in {each.key for each in case.obligations()}:
        return ""
    what = f"{case.name} left SMTP stopped"
    way = f"Start it (`respond resume {case.name}`), or say how it was (`respond discharge smtp`)."
    reason = person.overrides("closing", Hindrance(what, way, overridable=True))
    if not reason:
        raise IncidentOpen(what, "", way)
    return reason


def newest(case: Incident, copy: Copy, person: Person) -> str:
    """Go on from the newer copy of an incident that is held, and say what was taken.

    Raises `JournalForked` where both copies went on and nobody gives a reason to take the
    server's: acts were made under it.
    """
    name, lines = copy(case.name)
    if name != case.name or not lines:
        return ""
    found = copies.compare(case.journal.records, copies.read_copy(lines))
    if not found.theirs:
        case.journal.sent(len(found.common))
        return ""
    reason = _forked(case, found, person) if found.is_fork else ""
    copies.take(case, found, reason)
    who = ", ".join(copies.who_wrote(found.theirs)) or "Somebody"
    at = found.theirs[-1].at
    return f"{who} went on at {at:%H:%M} UTC; {len(found.theirs)} records were taken"


def _forked(case: Incident, found: copies.Copies, person: Person) -> str:
    what = f"Two copies of {case.name} went different ways after record {len(found.common)}"
    because = f"here: {_way(found.ours)}; on the server: {_way(found.theirs)}"
    hindrance = Hindrance(
        f"{what}: {because}",
        "To go on from the server's, give a reason (--override); ours is kept beside it.",
        overridable=True,
    )
    reason = person.overrides("two journals", hindrance)
    if not reason:
        raise JournalForked(what, because, hindrance.next)
    return reason


def _way(records: tuple[Record, ...]) -> str:
    who = next((each.said.who for each in records if isinstance(each.said, Leased)), "")
    by = f" by {who}" if who else ""
    steps = ", ".join(dict.fromkeys(each.step for each in records if each.step)) or "no step"
    return (
        f"{len(records)} records{by} from {records[0].at:%Y-%m-%d %H:%M} "
        f"to {records[-1].at:%H:%M} UTC ({steps})"
    )
