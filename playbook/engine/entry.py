"""A step of a runbook, as the runner takes it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from playbook.engine.step import Step

Findings = Mapping[type, object]
AnyStep = Step[object, object]


@dataclass(frozen=True)
class Entry:
    """A step of a runbook: its name, its sentence, why it stands here, and how to build it.

    `build` makes the step from what was found so far; it gives the type of a finding that the
    step cannot do without and that no step has left. `goes_on`: the run goes on when it fails.
    """

    name: str
    sentence: str
    because: str
    build: Callable[[Findings], AnyStep | type]
    reading: type
    finding: type | None
    goes_on: bool = False
