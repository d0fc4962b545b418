"""The grammar of a journal: every kind of record that there is, as one tagged union.

A record is written with its kind under `kind`, in lower-case words ("broken off"), and its fields
beside it. Whoever reads a journal matches over all kinds. The grammar has a `VERSION`, which
stands in every line: a kind or a field that is new makes a new one.
It is long because a grammar stands in one place.
"""

import re
from typing import Final

import msgspec

from playbook.mail.survey import SetAside
from playbook.outcome import Outcome
from playbook.plan import Action, Irreversible, Obligation
from playbook.triage.verdicts import Verdict

VERSION: Final = 1


def _kind(name: str) -> str:
    """`BrokenOff` is the kind "broken off"."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()


class _Said(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag=_kind):
    """What every kind of record is."""


class Opened(_Said, frozen=True):
    """The incident was opened: for which runbook and accounts, and by whom.

    `adopted` is a folder that somebody had set aside by hand.
    """

    runbook: str
    accounts: tuple[str, ...]
    who: str
    adopted: SetAside | None = None


class Leased(_Said, frozen=True):
    """A command took the lease on the server; `because` says why over another one's, or is ""."""

    command: str
    who: str
    because: str = ""


class Unreleased(_Said, frozen=True):
    """The lease could not be given up."""

    because: str


class Untold(_Said, frozen=True):
    """Whoever watched could not be told how the run goes on, from here; why, in words."""

    because: str


class Overridden(_Said, frozen=True):
    """A person went on against a hindrance, and gave a reason."""

    what: str
    reason: str


class Owed(_Said, frozen=True):
    """Something is owed."""

    owes: tuple[Obligation, ...]


class Settled(_Said, frozen=True):
    """What was seen pays for these obligations."""

    pays: tuple[str, ...]


class Discharged(_Said, frozen=True):
    """A person says that these obligations are paid, and why."""

    pays: tuple[str, ...]
    because: str


class Saw(_Said, frozen=True):
    """What the first probe of a step saw, as JSON; the step knows its type."""

    reading: object


class Declined(_Said, frozen=True):
    """The change was not agreed to."""

    do: Action


class Intended(_Said, frozen=True):
    """The change is about to be made, and from now on what it owes is owed."""

    do: Action
    why: str
    undo: Action | Irreversible
    owes: tuple[Obligation, ...] = ()


class Did(_Said, frozen=True):
    """The change was made, with the words of whoever made it."""

    do: Action
    said: str
    pays: tuple[str, ...] = ()


class Failed(_Said, frozen=True):
    """The change was refused; `reason` is the script's one word, the others are for a person."""

    do: Action
    reason: str
    what: str
    because: str
    next: str

    def __str__(self) -> str:
        because = f", because {self.because}" if self.because else ""
        return f"{self.what}{because}. {self.next}"


class EvidenceKept(_Said, frozen=True):
    """Evidence lies in the incident's folder, with a manifest of this SHA-256."""

    manifest_sha256: str


class Closed(_Said, frozen=True):
    """A step ended: how, why, and the finding it leaves (as JSON, or None).

    Where it does not hold, `cause` is the reason of the reason, and `next` what to try, or "".
    """

    outcome: Outcome
    because: str
    finding: object = None
    cause: str = ""
    next: str = ""


class Reopened(_Said, frozen=True):
    """These steps are taken once more."""

    steps: tuple[str, ...]


class Undoing(_Said, frozen=True):
    """The intention of this number is about to be taken back."""

    number: int
    do: Action


class Undid(_Said, frozen=True):
    """The intention of this number was taken back."""

    number: int
    do: Action
    said: str
    pays: tuple[str, ...] = ()


class Decided(_Said, frozen=True):
    """A person decided a cluster of doubtful mail; `before` is the decision that stood.

    `cluster` is an id, `title` the same in words. `digest` is of the files that were decided: on
    another sorting the decision holds for these very files alone.
    """

    cluster: str
    title: str
    verdict: Verdict
    before: Verdict | None
    files: int
    digest: str
    who: str


class Undecided(_Said, frozen=True):
    """A person took a decision back; `before` is the decision that holds again."""

    cluster: str
    title: str
    verdict: Verdict
    before: Verdict | None
    who: str


class Split(_Said, frozen=True):
    """A person made several clusters of one; `parts` are their ids."""

    cluster: str
    title: str
    by: str
    parts: tuple[str, ...]
    who: str


class Joined(_Said, frozen=True):
    """A person put the parts of a cluster together again."""

    cluster: str
    title: str
    parts: tuple[str, ...]
    who: str


class RunEnded(_Said, frozen=True):
    """A run came to its end, or a person stopped it: `stopped` says where, "" for its end."""

    outcomes: dict[str, Outcome]
    stopped: str = ""


class BrokenOff(_Said, frozen=True):
    """A run or an undo was torn out of its work: by what, in words."""

    what: str


class UndoEnded(_Said, frozen=True):
    """An undo came to its end, or a person stopped it."""

    stopped: str = ""


class TailCut(_Said, frozen=True):
    """The last line had been cut by a crash or a full disk: so many bytes of it were taken off."""

    size_bytes: int


class Taken(_Said, frozen=True):
    """What others did meanwhile was taken from the server's copy, up to this record.

    `parted` says how many records of our own were set apart for it, with a person's reason.
    """

    records: int
    who: tuple[str, ...]
    parted: int = 0
    reason: str = ""


Said = (
    Opened
    | Leased
    | Unreleased
    | Untold
    | Overridden
    | Owed
    | Settled
    | Discharged
    | Saw
    | Declined
    | Intended
    | Did
    | Failed
    | EvidenceKept
    | Closed
    | Reopened
    | Undoing
    | Undid
    | Decided
    | Undecided
    | Split
    | Joined
    | RunEnded
    | BrokenOff
    | UndoEnded
    | TailCut
    | Taken
)


def owes(said: Said) -> tuple[Obligation, ...]:
    """What is owed from this record on."""
    return said.owes if isinstance(said, Intended | Owed) else ()


def pays(said: Said) -> tuple[str, ...]:
    """The keys of the obligations that this record pays."""
    return said.pays if isinstance(said, Did | Undid | Settled | Discharged) else ()
