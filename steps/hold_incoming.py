"""Set the incoming queue aside where it would keep SMTP from starting."""

from dataclasses import dataclass
from typing import ClassVar

from playbook.engine.findings import QueuesSetAside, SmtpDown
from playbook.engine.inputs import AsideName, Consent
from playbook.engine.step import Step
from playbook.mail.actions import FolderSetAside, SmtpStopped
from playbook.mail.server import Reader
from playbook.mail.survey import Role
from playbook.plan import Action, Plan
from steps.shared.setting_aside import QueueState, ours, queue_state, set_aside

# The vendor speaks of 13,000 items that kept SMTP from starting; less than half of that is safe.
MOST_PAIRS = 5_000


@dataclass(frozen=True)
class IncomingState:
    """The queue folders, how many pairs lie in `_incoming`, and how many are the attacker's."""

    queues: QueueState
    pairs: int
    of_accounts: int


@dataclass(frozen=True)
class HoldIncoming(Step[IncomingState, QueuesSetAside]):
    """Set `_incoming` aside if it is so full that SMTP may not start, or holds the attacker's mail.

    The SMTP service has a limit of time to start, and a huge incoming queue uses it up (source:
    the product's documentation of its services).
    """

    acts: ClassVar[tuple[type[Action], ...]] = (
        SmtpStopped,
        FolderSetAside,
    )
    by_hand: ClassVar[tuple[str, ...]] = (
        "only where more than 5,000 .dat files lie in _incoming, or mail of the account:",
    )

    aside: AsideName
    consent: Consent
    down: SmtpDown
    queues: QueuesSetAside

    def probe(self, server: Reader) -> IncomingState:
        """The folder, and what was counted in it."""
        seen = server.survey()
        return IncomingState(queue_state(server), seen.incoming_pairs, seen.incoming_of_accounts)

    def plan(self, seen: IncomingState) -> Plan:
        """Nothing, unless it is too full or holds mail of the compromised account."""
        if seen.pairs <= MOST_PAIRS and not seen.of_accounts:
            return Plan((), f"{seen.pairs} pairs wait, none of them the attacker's")
        folders = [each for each in seen.queues.folders if each.role is Role.INCOMING]
        return set_aside(seen.queues, folders, self.aside, self.consent, self.down)

    def finding(self, before: IncomingState, after: IncomingState) -> QueuesSetAside:
        """Everything that was set aside, this folder too."""
        return QueuesSetAside(ours(after.queues, self.aside))
