"""Set the outgoing queue aside."""

from dataclasses import dataclass, replace
from typing import ClassVar

from playbook.engine.findings import QueuesSetAside, SmtpDown
from playbook.engine.inputs import AsideName, Consent
from playbook.engine.step import Step
from playbook.incident.obligations import other_folder
from playbook.mail.actions import FolderSetAside, SmtpStopped
from playbook.mail.server import Reader
from playbook.mail.survey import Role
from playbook.plan import Action, Plan
from steps.shared.setting_aside import QueueState, by_others, ours, queue_state, set_aside


@dataclass(frozen=True)
class RenameOutgoing(Step[QueueState, QueuesSetAside]):
    """Rename `_outgoing`, so that the server stops sending what is queued.

    The queue holds thousands of the attacker's mails, most of them in `retry`; the server makes a
    new folder when it needs one (source: IceWarp KB 320). The renamed one keeps the good mail.
    """

    acts: ClassVar[tuple[type[Action], ...]] = (
        SmtpStopped,
        FolderSetAside,
    )

    aside: AsideName
    consent: Consent
    down: SmtpDown

    def probe(self, server: Reader) -> QueueState:
        """The folders, and whether SMTP is still down."""
        return queue_state(server)

    def plan(self, seen: QueueState) -> Plan:
        """Each folder under a new name on its own volume; SMTP stopped again where it came up."""
        roles = (Role.OUTGOING, Role.RETRY, Role.TEMPORARY)
        folders = [each for each in seen.folders if each.role in roles]
        plan = set_aside(seen, folders, self.aside, self.consent, self.down)
        return replace(plan, owes=(*plan.owes, *map(other_folder, by_others(seen, self.aside))))

    def finding(self, before: QueueState, after: QueueState) -> QueuesSetAside:
        """Where they lie."""
        return QueuesSetAside(ours(after, self.aside))
