"""Leave the mail server as if nobody had responded on it."""

from dataclasses import dataclass
from typing import ClassVar

from playbook.engine.inputs import AsideName
from playbook.engine.step import Step
from playbook.incident.manifest.removal import emptied
from playbook.incident.manifest.store import Manifest
from playbook.mail.actions import EmptyFolderRemoved, IncidentForgotten
from playbook.mail.server import Reader
from playbook.mail.survey import SetAside
from playbook.plan import Action, Change, Irreversible, Plan


@dataclass(frozen=True)
class Remains:
    """What is left of the incident on the server: the folders whose mail is all settled."""

    emptied: tuple[SetAside, ...]


@dataclass(frozen=True)
class LeaveServer(Step[Remains, None]):
    """Take the emptied folders, the journal's copy and the lease off the server.

    A folder with a file left in it stays, and so does everything that stays in it.
    """

    patience_s: ClassVar[float] = 0.0
    acts: ClassVar[tuple[type[Action], ...]] = (
        EmptyFolderRemoved,
        IncidentForgotten,
    )

    aside: AsideName
    manifest: Manifest

    def probe(self, server: Reader) -> Remains:
        """The folders of this incident that hold no file any more, by the manifest."""
        empty = set(emptied(self.manifest))
        seen = server.survey().aside
        return Remains(tuple(each for each in seen if each.path in empty))

    def plan(self, seen: Remains) -> Plan:
        """Each emptied folder, and then what is kept of the incident."""
        gone = Irreversible("it is empty")
        folders = tuple(
            Change(EmptyFolderRemoved(each.role, each.path), "nothing is left in it", gone)
            for each in seen.emptied
        )
        forget = Change(
            IncidentForgotten(self.aside.incident),
            "the server keeps nothing that it does not need",
            Irreversible("the whole journal stays on this machine"),
            once=True,
        )
        return Plan((*folders, forget), "the incident is closed on the server")
