"""DNS questions and what may come back, as values: what decides and what asks meet here."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


@dataclass(frozen=True)
class Question:
    """A DNS question: an absolute name, and what kind of record, as it is written (A, AAAA, MX)."""

    name: str
    record: str = "A"


class Said(StrEnum):
    """What a resolver made of a question."""

    RECORDS = "records"
    NOTHING = "nothing"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True)
class Answer:
    """What came back: the records as text, or that there are none, or why nothing came."""

    said: Said
    records: tuple[str, ...] = ()
    why: str = ""


class Resolver(Protocol):
    """Whoever answers DNS questions; its text says who that is."""

    def ask(self, questions: Iterable[Question]) -> Mapping[Question, Answer]:
        """Answer every question, within a few seconds altogether; raises nothing foreseeable."""
