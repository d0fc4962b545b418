"""Leave a report."""

from dataclasses import dataclass
from typing import ClassVar

from playbook.engine.step import Step
from playbook.mail.server import Reader
from playbook.plan import Action, Change, Irreversible, Plan, ReportWritten


@dataclass(frozen=True)
class Reportable:
    """When the report is written, on the server's clock."""

    clock: int


@dataclass(frozen=True)
class WriteReport(Step[Reportable, None]):
    """Write down what was found, what was done and when, what is owed, and what remains to do.

    It is for the admin, and for whoever asks the admin in the morning.
    """

    acts: ClassVar[tuple[type[Action], ...]] = (ReportWritten,)
    by_hand: ClassVar[tuple[str, ...]] = ("write down what you did and when",)

    def probe(self, server: Reader) -> Reportable:
        """The server's clock."""
        return Reportable(server.survey().clock)

    def plan(self, seen: Reportable) -> Plan:
        """Write it once."""
        undo = Irreversible("a report is a record of what happened")
        change = Change(ReportWritten(), "the morning asks questions", undo, once=True)
        return Plan((change,), "the report lies in the incident's folder")
