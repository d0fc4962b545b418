"""Keep what a stop would destroy."""

from dataclasses import dataclass
from typing import ClassVar

from playbook.engine.findings import CompromisedAccounts
from playbook.engine.step import Step
from playbook.mail.server import Reader
from playbook.plan import Action, Change, EvidencePreserved, Irreversible, Plan


@dataclass(frozen=True)
class Perishable:
    """What is known of the evidence before it is taken: only when, on the server's clock."""

    clock: int


@dataclass(frozen=True)
class PreserveEvidence(Step[Perishable, None]):
    """Keep what the stop destroys or the run changes: connections, account settings, log files.

    Connections on the mail ports end with the stop, and they name the attacker's addresses. The
    queue and the logs keep: a rename changes neither size nor time.
    """

    acts: ClassVar[tuple[type[Action], ...]] = (EvidencePreserved,)

    stolen: CompromisedAccounts

    def probe(self, server: Reader) -> Perishable:
        """The server's clock."""
        return Perishable(server.survey().clock)

    def plan(self, seen: Perishable) -> Plan:
        """Keep it once."""
        why = "connections are lost at the stop, and settings are about to be changed"
        undo = Irreversible("evidence is kept until the incident is closed")
        return Plan((Change(EvidencePreserved(), why, undo, once=True),), why)
