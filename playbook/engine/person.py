"""The person: what they are asked, and the answers they may give."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from playbook.errors import StoppedByPerson
from playbook.plan import Change, Hindrance, IncidentAction, Irreversible


class Answer(Enum):
    """What a person says to a change that is shown to them; nobody may be there to be asked."""

    YES = "yes"
    NO = "no"
    SKIP = "skip"
    QUIT = "quit"
    UNASKED = "nobody was asked"


@dataclass(frozen=True)
class Asked:
    """A change as a person is asked about it: the step, its sentence, and the change."""

    step: str
    sentence: str
    change: Change


class Person(Protocol):
    """Whoever decides: at a terminal, or by the options of the call."""

    def agrees(self, asked: Asked) -> Answer:
        """Whether to make this change, leave it out, leave the whole step out, or stop here."""

    def overrides(self, step: str, hindrance: Hindrance) -> str | None:
        """The reason for going on against a hindrance, or None to leave it at that."""

    def takes_up(self, what: str) -> bool:
        """Whether to go on with an incident that is open, instead of opening another one."""


@dataclass(frozen=True)
class Agreed:
    """A person who agreed beforehand, with `--yes`: to every change, but to no offer.

    `override` is the reason that was given beforehand for going on against hindrances.
    """

    override: str = ""

    def agrees(self, asked: Asked) -> Answer:
        """Yes to what the runbook wants; what is only offered waits for a person to be asked."""
        return Answer.UNASKED if asked.change.offered else Answer.YES

    def overrides(self, step: str, hindrance: Hindrance) -> str | None:
        """The reason that was given with the call, if one was."""
        return self.override or None

    def takes_up(self, what: str) -> bool:
        """No: what was agreed to was another incident."""
        return False


_KEYS = "[y]es [n]o [s]kip step [w]hy s[h]ow [l]ist [q]uit"


@dataclass(frozen=True)
class AtTerminal:
    """A person at a terminal, at three in the morning: every answer but yes is the safe one.

    `describe` gives the exact script and values of a change, for those who want to see them;
    `explain` what a step says of itself, `steps` all steps with a mark at the one named.
    """

    ask: Callable[[str], str]
    say: Callable[[str], None]
    describe: Callable[[Change], str]
    explain: Callable[[str], str]
    steps: Callable[[str], str]

    def agrees(self, asked: Asked) -> Answer:
        """Ask until one of the keys is given; an empty answer is no."""
        self.say(f"\n{asked.step}: {asked.change.do}")
        for warning in asked.change.warns:
            self.say(f"Beware: {warning}")
        while True:
            answer = self._key(f"Do it? {_KEYS} (no): ")
            match answer:
                case "y":
                    return self._sure(asked.change)
                case "n" | "":
                    return Answer.NO
                case "s":
                    return Answer.SKIP
                case "q":
                    return Answer.QUIT
                case "w":
                    self.say(f"{asked.change.why}.\n{self.explain(asked.step)}")
                case "h":
                    self.say(self.describe(asked.change))
                case "l":
                    self.say(self.steps(asked.step))
                case _:
                    self.say("Please type one of the letters in brackets.")

    def _sure(self, change: Change) -> Answer:
        """What cannot be taken back on the server is asked twice."""
        kept_here = isinstance(change.do, IncidentAction)
        if kept_here or not isinstance(change.undo, Irreversible):
            return Answer.YES
        self.say(f"This cannot be taken back: {change.undo.why}.")
        answer = self._key("Really do it? [y]es [n]o [q]uit (no): ")
        return {"y": Answer.YES, "q": Answer.QUIT}.get(answer, Answer.NO)

    def overrides(self, step: str, hindrance: Hindrance) -> str | None:
        """Show what hinders, and ask for a reason; an empty one leaves it at that."""
        self.say(f"\n{step}: {hindrance.what}. {hindrance.next}")
        return self._line("To go on all the same, type your reason (empty: do not): ") or None

    def takes_up(self, what: str) -> bool:
        """Ask; an empty answer goes on with what is open, which changes least."""
        self.say(f"\n{what}.")
        return (
            self._key("Go on with it, instead of opening another one?  [y]es  [n]o  (yes) ") != "n"
        )

    def _key(self, question: str) -> str:
        return self._line(question).lower()[:1]

    def _line(self, question: str) -> str:
        try:
            return self.ask(question).strip()
        except EOFError as error:
            raise StoppedByPerson("Stopped", "the terminal was closed") from error
