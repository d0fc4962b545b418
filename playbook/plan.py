"""What a step would change: a plan is a value that is shown, journaled, compared and done."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

import msgspec

from playbook.errors import BadInput
from playbook.mail.actions import MailAction
from playbook.mail.survey import SetAside


@dataclass(frozen=True)
class EvidencePreserved:
    """The incident holds what a stop would destroy, with a hash of each piece."""

    def __str__(self) -> str:
        return "Keep the connections, the account's settings and the list of logs as evidence"


@dataclass(frozen=True)
class QueueSorted:
    """Every file of these folders has a verdict with its reasons in the incident's manifest."""

    folders: tuple[SetAside, ...]

    def __str__(self) -> str:
        places = ", ".join(each.path for each in self.folders)
        return f"Sort what lies in {places} into spam, good and doubtful"


@dataclass(frozen=True)
class DoubtsDecided:
    """A person looked at the doubtful mail, and decided what they would."""

    def __str__(self) -> str:
        return "Look at the doubtful mail and decide it, a cluster at a time"


@dataclass(frozen=True)
class ReportWritten:
    """The incident holds a report, for people and for programs."""

    def __str__(self) -> str:
        return "Write the report"


IncidentAction = EvidencePreserved | QueueSorted | DoubtsDecided | ReportWritten
Action = MailAction | IncidentAction


@dataclass(frozen=True)
class Irreversible:
    """Why a change has no undo."""

    why: str


@dataclass(frozen=True)
class Obligation:
    """Something that a change leaves owed until another one pays it.

    `key` names it for whoever pays; `text` says it to a person, `pay` the command that pays.
    """

    key: str
    text: str
    pay: str = "respond resume"


@dataclass(frozen=True)
class Change:
    """One action, how to take it back, and why it is made.

    once: its effect cannot be seen, so the journal's word that it was done is the proof.
    offered: made only when a person says yes to it; consent given to a whole run is not enough.
    The step holds without it, unless it is what is tried instead of something that was refused.
    otherwise: what is tried where this one cannot be done.
    owes, pays: what it leaves owed, and the keys of the obligations that it settles.
    """

    do: Action
    why: str
    undo: Action | Irreversible
    once: bool = False
    offered: bool = False
    otherwise: "Change | None" = None
    owes: tuple[Obligation, ...] = ()
    pays: tuple[str, ...] = ()


@dataclass(frozen=True)
class Hindrance:
    """Why a step does not do its work, or cannot be called done.

    A refusal that may be overridden is lifted by a person's reason, which is written down.
    """

    what: str
    next: str
    overridable: bool = False


@dataclass(frozen=True)
class Plan:
    """The changes that a step would make, and what it saw that leads to them.

    `refuses`: nothing is done. `fails`: the changes are made, and the step ends as failed.
    `pays` are the keys of obligations that what was seen pays, where nothing is to change.
    """

    changes: tuple[Change, ...]
    because: str
    refuses: Hindrance | None = None
    fails: Hindrance | None = None
    owes: tuple[Obligation, ...] = ()
    pays: tuple[str, ...] = ()


_ACTIONS = {kind.__name__: kind for kind in get_args(Action)}


def action_as_json(action: Action) -> dict[str, object]:
    """The action as the journal and the plan write it: its class under `type`, then its fields."""
    fields: dict[str, object] = msgspec.to_builtins(action)
    return {"type": type(action).__name__, **fields}


def action_from_json(fields: Mapping[str, object]) -> Action:
    """The action that `action_as_json` wrote; raises `BadInput` for anything else."""
    values = dict(fields)
    name = values.pop("type", None)
    if name not in _ACTIONS:
        raise BadInput(f"There is no action {name!r}")
    try:
        action: Action = msgspec.convert(values, _ACTIONS[name])
    except msgspec.ValidationError as error:
        raise BadInput(f"The action {name} is not understood", str(error)) from error
    return action
