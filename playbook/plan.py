"""What a step would change: a plan is a value that is shown, journaled, compared and done."""

from dataclasses import dataclass

import msgspec

from playbook.mail.actions import MailAction
from playbook.mail.survey import SetAside


class EvidencePreserved(msgspec.Struct, frozen=True, tag=True):
    """The incident holds what a stop would destroy, with a hash of each piece."""

    def __str__(self) -> str:
        return "Keep the connections, the account's settings and the list of logs as evidence"


class QueueSorted(msgspec.Struct, frozen=True, tag=True):
    """Every file of these folders has a verdict with its reasons in the incident's manifest."""

    folders: tuple[SetAside, ...]

    def __str__(self) -> str:
        places = ", ".join(each.path for each in self.folders)
        return f"Sort what lies in {places} into spam, good and doubtful"


class DoubtsDecided(msgspec.Struct, frozen=True, tag=True):
    """A person looked at the doubtful mail, and decided what they would."""

    def __str__(self) -> str:
        return "Look at the doubtful mail and decide it, a cluster at a time"


class ReportWritten(msgspec.Struct, frozen=True, tag=True):
    """The incident holds a report, for people and for programs."""

    def __str__(self) -> str:
        return "Write the report"


IncidentAction = EvidencePreserved | QueueSorted | DoubtsDecided | ReportWritten
Action = MailAction | IncidentAction


class Irreversible(msgspec.Struct, frozen=True, tag=True):
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
    consent: the option of a call that agrees to an offer beforehand, or "".
    otherwise: what is tried where this one cannot be done.
    warns: what a person is told before they agree to it.
    owes, pays: what it leaves owed, and the keys of the obligations that it settles.
    """

    do: Action
    why: str
    undo: Action | Irreversible
    once: bool = False
    offered: bool = False
    consent: str = ""
    otherwise: "Change | None" = None
    warns: tuple[str, ...] = ()
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
    `unproven`: nothing is wrong, but what would show it could not be seen.
    `pays` are the keys of obligations that what was seen pays, where nothing is to change.
    """

    changes: tuple[Change, ...]
    because: str
    refuses: Hindrance | None = None
    fails: Hindrance | None = None
    unproven: Hindrance | None = None
    owes: tuple[Obligation, ...] = ()
    pays: tuple[str, ...] = ()
