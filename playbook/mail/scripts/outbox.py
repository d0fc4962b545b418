"""What is to be kept on the mail server of an incident's journal."""

from typing import Protocol


class Line(Protocol):
    """A record of a journal, as it is kept on the mail server: one line of ASCII."""

    @property
    def line(self) -> str:
        """The record as it is written."""


class Outbox(Protocol):
    """The journal as custody sees it: which of its lines the mail server has, and which not yet."""

    @property
    def records(self) -> "tuple[Line, ...]":
        """All records, oldest first."""

    def unsent(self) -> "tuple[Line, ...]":
        """The records that the mail server's copy does not have yet."""

    def sent(self, number: int) -> None:
        """The mail server's copy is whole up to this record."""
