"""What is still to do, and by whom."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from playbook.incident.incident import Incident
from playbook.incident.manifest.values import Waiting
from playbook.incident.obligations import DOUBTFUL
from playbook.text import counted

RESPONDER: Final = "whoever responds"
ADMINISTRATOR: Final = "the mail administrator"
OWNER: Final = "the owner of the account, told by another way than mail"
PRIVACY: Final = "whoever answers for data protection"
_BLACKLISTS: Final = "check_blacklists"


@dataclass(frozen=True)
class ToDo:
    """One thing that is still to do: by whom, and with which command, or "" without one."""

    who: str
    what: str
    command: str = ""


def to_do(incident: Incident, waits: Waiting | None, *, is_aside: bool) -> tuple[ToDo, ...]:
    """What is owed, what of the mail waits, and what only people can do."""
    owed = [ToDo(RESPONDER, each.text, each.pay) for each in incident.obligations()]
    return (*owed, *_of_the_mail(incident, waits, is_aside=is_aside), *_of_people(incident))


def _of_the_mail(incident: Incident, waits: Waiting | None, *, is_aside: bool) -> Iterator[ToDo]:
    """What an obligation may not have said yet: mail that waits is never passed over."""
    name, owed = incident.name, {each.key.partition(":")[0] for each in incident.obligations()}
    if is_aside and waits is None and "unsorted" not in owed:
        what = "Sort the queue that was set aside: good mail lies among the spam, and waits."
        yield ToDo(RESPONDER, what, f"respond resume {name}")
    if waits and waits.good and "good" not in owed:
        decided = f", {waits.decided:,} of them by a person's decision" if waits.decided else ""
        what = f"Give {counted(waits.good, 'good mail')} back{decided}: set aside, they wait."
        yield ToDo(RESPONDER, what, f"respond reinject {name}")
    if waits and waits.kept:
        what = f"Look at {counted(waits.kept, 'good mail')} that could not be given back."
        yield ToDo(ADMINISTRATOR, what)
    if waits and waits.doubtful and DOUBTFUL not in owed:
        what = (
            f"Decide {counted(waits.doubtful, 'file')} in doubt"
            f" ({counted(waits.clusters, 'decision')})."
        )
        yield ToDo(RESPONDER, what, f"respond review {name}")


def _of_people(incident: Incident) -> Iterator[ToDo]:
    yield ToDo(OWNER, "Take the new password; say which settings and mails are not their own.")
    if not _lists_answered(incident):
        what = "Check whether the server's address is on blacklists."
        yield ToDo(ADMINISTRATOR, what, f"respond resume {incident.name} --from {_BLACKLISTS}")
    what = "Check the settings that let it happen: password policy, sending limits, relaying."
    yield ToDo(ADMINISTRATOR, what, f"respond audit --host {incident.host}")
    yield ToDo(PRIVACY, "Decide whether authorities and people concerned must be told, and when.")


def _lists_answered(incident: Incident) -> bool:
    """Whether some list answered for a public address; the step's finding is JSON here."""
    closed = incident.closed(_BLACKLISTS)
    if closed is None or not closed.outcome.good:
        return False
    return isinstance(closed.finding, dict) and bool(closed.finding.get("answered"))
