"""Mail that is given back to a live queue: what is given, and what became of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from playbook.mail.actions import MailReinjected
from playbook.mail.survey import Role


@dataclass(frozen=True)
class Piece:
    """A file that is to be given back: its path below the folder set aside, bytes as on disk."""

    path: bytes
    size_bytes: int


@dataclass(frozen=True)
class Answered:
    """A remote server's refusal of a mail that was given back: for now (4xx) or for good (5xx).

    `text` is what it said, bounded and without what a terminal would obey; `of_us`: it says that
    our own address is the reason.
    """

    stem: str
    address: str
    text: str
    of_us: bool


@dataclass(frozen=True)
class ReinjectionState:
    """What became of the mail that was given back, by counts.

    Of the `published`, `accepted` left the queue without a refusal that was seen, `refused` left
    it with one, `deferred` wait there after a remote server's refusal for now, `leaving` were
    answered for good and lay there a moment before, and `untried` wait there unanswered;
    `waiting` samples the names of all three. `kept` counts what could not be given back,
    `kept_why` samples it. `refused_before` counts those that remote servers refused for our
    address before this run: a person has read that, and goes on; their texts are left out.
    `given_before` counts those that the server knows as given back before, `given_before_by` names
    the incidents by which they were: they stay aside. `foreseen` is the part that only a plan gave
    back.
    """

    published: int = 0
    accepted: int = 0
    refused: int = 0
    deferred: int = 0
    leaving: int = 0
    untried: int = 0
    waiting: tuple[str, ...] = ()
    refusals: tuple[Answered, ...] = ()
    kept: int = 0
    kept_why: tuple[str, ...] = ()
    refused_before: int = 0
    given_before: int = 0
    given_before_by: tuple[str, ...] = ()
    foreseen: int = 0

    @property
    def answered(self) -> int:
        """How many were taken, or refused or put off for a reason that is not our address."""
        of_us = sum(each.of_us for each in self.refusals) + self.refused_before
        return self.accepted + max(self.refused + self.deferred + self.leaving - of_us, 0)

    @property
    def unsettled(self) -> int:
        """How many another look may see gone: a deferred one waits for hours."""
        return self.untried + self.leaving

    @property
    def in_queue(self) -> int:
        """How many lie in a live queue."""
        return self.deferred + self.unsettled

    @property
    def before(self) -> str:
        """What was given back before and stays aside, in words; "" for nothing."""
        if not self.given_before:
            return ""
        by = ", ".join(self.given_before_by)
        were = "was" if self.given_before == 1 else "were"
        return f"{self.given_before:,} {were} given back before, by incident {by}, and not again"

    @property
    def tried(self) -> int:
        """How many were published, but for those refused before this run."""
        return self.published - self.refused_before


class MailList(Protocol):
    """The list of good mail, wherever it is kept, and of what nobody needs any more."""

    def pieces(self, action: MailReinjected) -> Iterable[Piece]:
        """The files that the action gives back, in the order in which they go.

        Raises `ServerRefused` where the list is not the one that the action names.
        """

    def became(self, role: Role, aside: str, paths: Iterable[bytes], what: str) -> None:
        """Be told what became of files, by their paths below `aside`: "published" or "kept"."""

    def settled(self, aside: str) -> tuple[bytes, ...]:
        """The paths below a folder set aside whose files nobody needs any more."""

    def removed(self, aside: str, sums: Iterable[tuple[bytes, str]]) -> None:
        """Be told that files are gone, each with its SHA-256."""


class NoMail:
    """A list that is empty, for whoever only looks."""

    def pieces(self, action: MailReinjected) -> Iterable[Piece]:
        """None."""
        return ()

    def became(self, role: Role, aside: str, paths: Iterable[bytes], what: str) -> None:
        """There is nothing to mark."""

    def settled(self, aside: str) -> tuple[bytes, ...]:
        """None."""
        return ()

    def removed(self, aside: str, sums: Iterable[tuple[bytes, str]]) -> None:
        """There is nothing to mark."""
