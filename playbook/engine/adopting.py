"""Which folder a person may have taken up as a queue that was renamed by hand.

A queue that is live, mailboxes, a folder that is not there, and one that an incident set aside
are no such folders: mail of them would be sent twice, or is nobody's to send.
"""

import re
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Final, Protocol

from playbook.errors import BadInput, IncidentOpen
from playbook.incident.incident import Incident
from playbook.incident.standing import is_over
from playbook.mail.survey import SetAside, Survey

_OF_AN_INCIDENT: Final = re.compile(r".*\.([0-9]{8}-[0-9]{6}-[a-z0-9]{4})(?:\.[0-9]+)?")


class Looking(Protocol):
    """What is asked of the mail server."""

    def has_folder(self, folder: str) -> bool:
        """Whether this folder is there."""

    def journal_copy(self, incident: str) -> tuple[str, tuple[str, ...]]:
        """An incident that the server knows, and the lines of its journal; "" without one."""


def check(folder: SetAside, seen: Survey, here: Iterable[Incident], looking: Looking) -> None:
    """Raise `BadInput` or `IncidentOpen` where the folder is none to take up."""
    path = _plain(folder.path)
    _not_live(path, seen)
    _not_of_an_incident(path, tuple(here), looking)
    if not looking.has_folder(str(path)):
        raise BadInput(f"{path} is not there", "", "Name the folder as it is called now.")


def _plain(path: str) -> PurePosixPath:
    return PurePosixPath("/" + path.lstrip("/"))


def _not_live(path: PurePosixPath, seen: Survey) -> None:
    if ".." in path.parts:
        raise BadInput(f"{path} leads upwards", "", "Name the whole path without `..`.")
    for each in seen.folders:
        for live in map(_plain, filter(None, (each.path, each.target))):
            if live.is_relative_to(path) or path.is_relative_to(live):
                raise BadInput(
                    f"{path} is a queue that the server works through, or holds or lies in one",
                    f"its {each.role} queue is {live}",
                    "Name the folder that was renamed by hand; a live queue is not taken up.",
                )
    if set(path.parts) & set(seen.domains):
        raise BadInput(f"{path} holds mailboxes", "", "Name the queue that was renamed by hand.")


def _not_of_an_incident(path: PurePosixPath, here: tuple[Incident, ...], looking: Looking) -> None:
    for case in here:
        adopted = case.opening.adopted
        if adopted and _plain(adopted.path) == path and not is_over(case):
            raise _belongs(path, case.name, here=True)
    found = _OF_AN_INCIDENT.fullmatch(path.name)
    if not found:
        return
    name = found[1]
    known = next((each for each in here if each.name == name), None)
    if known and not is_over(known):
        raise _belongs(path, name, here=True)
    if not known and looking.journal_copy(name)[0] == name:
        raise _belongs(path, name, here=False)


def _belongs(path: PurePosixPath, name: str, *, here: bool) -> IncidentOpen:
    host = "" if here else " --host HOST"
    return IncidentOpen(
        f"{path} belongs to incident {name}",
        "what it gave back already would be sent twice",
        f"`respond reinject {name}{host}` gives the rest of its good mail back.",
    )
