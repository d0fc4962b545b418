"""What a step is: it reads, it plans, it leaves a finding. The engine does everything else."""

from abc import ABC, abstractmethod
from typing import ClassVar, Generic, TypeVar

from playbook.mail.server import Reader
from playbook.plan import Action, Plan

Reading = TypeVar("Reading")
Finding = TypeVar("Finding")


class Step(ABC, Generic[Reading, Finding]):
    """One sentence of a runbook, alone in its file.

    A subclass is a frozen dataclass. Its fields are what it needs: inputs of the run and findings
    of the steps before it, asked for by type; a field that may be `None` is one that it can do
    without. Its docstring opens with the sentence that it encodes, which is what `respond show`,
    the prompt's "why" and the report print.
    """

    patience_s: ClassVar[float] = 30.0
    """How long the engine probes again until the plan is empty."""

    remembers: ClassVar[bool] = False
    """Whether an earlier reading in the incident is `joined` to the one that is planned by."""

    acts: ClassVar[tuple[type[Action], ...]] = ()
    """The kinds of action that it may plan; each of the mail server has its commands by hand."""

    by_hand: ClassVar[tuple[str, ...]] = ()
    """What a person does where the program does not work, besides or without such commands."""

    @abstractmethod
    def probe(self, server: Reader) -> Reading:
        """Read what the plan needs: a small frozen value that can be written in the journal."""

    @abstractmethod
    def plan(self, seen: Reading) -> Plan:
        """The changes that would make the sentence true, given what was seen; no I/O."""

    def joined(self, earlier: Reading, seen: Reading) -> Reading:
        """The reading to plan by, where an earlier one says more than this one.

        `earlier` was the last one in the incident, and nothing was changed against it since. Only
        a step that `remembers` is asked.
        """
        return seen

    def finding(self, before: Reading, after: Reading) -> Finding | None:
        """What later steps may ask for, from the first reading and the last."""
        return None
