"""Checks that need DNS answers, run in rounds until all of them know what they need. No I/O.

A check is a function of the answers known so far. Where it needs one that is not known, it is
broken off and what it needs is asked; so many checks share a round of questions, and none of them
speaks to the network.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from playbook.dns.questions import Answer, Question, Resolver, Said
from playbook.exposure.finding import Finding, State

# A chain of includes in an SPF record is the longest there is: ten look-ups (RFC 7208, 4.6.4).
_MOST_ROUNDS: Final = 16
_MOST_QUESTIONS: Final = 600


class NotYetKnownError(Exception):
    """A check needs the answers to these questions first."""

    def __init__(self, questions: Iterable[Question]) -> None:
        super().__init__()
        self.questions = tuple(questions)


class NoAnswerError(Exception):
    """A check needs an answer that was not to be had: whose fault it is stands in its text."""


@dataclass(frozen=True)
class Answers:
    """The answers known so far."""

    known: Mapping[Question, Answer] = field(default_factory=dict)

    def records(self, *questions: Question) -> tuple[tuple[str, ...], ...]:
        """The records that answer each question, none where there are none.

        Raises `NotYetKnownError` for what was not asked yet, and `NoAnswerError` where nobody
        answered.
        """
        missing = [each for each in questions if each not in self.known]
        if missing:
            raise NotYetKnownError(missing)
        for each in questions:
            answer = self.known[each]
            if answer.said in (Said.REFUSED, Said.UNREACHABLE):
                raise NoAnswerError(f"{each.record} of {each.name.rstrip('.')}: {_fault(answer)}")
        return tuple(self.known[each].records for each in questions)

    def one(self, name: str, record: str) -> tuple[str, ...]:
        """The records of one name; raises as `records` does."""
        return self.records(Question(absolute(name), record))[0]

    def addresses(self, name: str) -> tuple[str, ...]:
        """The IPv4 and IPv6 addresses of a name; raises as `records` does."""
        whole = absolute(name)
        four, six = self.records(Question(whole, "A"), Question(whole, "AAAA"))
        return (*four, *six)


@dataclass(frozen=True)
class Check:
    """One point to be looked at: of what, its topic, and the function that finds out."""

    subject: str
    topic: str
    run: Callable[[Answers], tuple[Finding, ...]]


def absolute(name: str) -> str:
    """The name with its final dot, so that no search domain is tried."""
    return f"{name.rstrip('.')}."


def findings(checks: Iterable[Check], resolver: Resolver) -> tuple[Finding, ...]:
    """What the checks find, in their order; what nobody answered is unknown, with whose fault."""
    waiting = tuple(checks)
    known: dict[Question, Answer] = {}
    for _ in range(_MOST_ROUNDS):
        missing = {question: None for each in waiting for question in _missing(each, known)}
        if not missing or len(known) + len(missing) > _MOST_QUESTIONS:
            break
        known.update(resolver.ask(missing))
    return tuple(found for each in waiting for found in _found(each, Answers(known)))


def _missing(check: Check, known: Mapping[Question, Answer]) -> tuple[Question, ...]:
    try:
        check.run(Answers(known))
    except NotYetKnownError as error:
        return error.questions
    except NoAnswerError:
        pass
    return ()


def _found(check: Check, answers: Answers) -> tuple[Finding, ...]:
    try:
        return check.run(answers)
    except NoAnswerError as error:
        return (Finding(check.subject, check.topic, State.UNKNOWN, str(error), _AGAIN),)
    except NotYetKnownError:
        what = "it needs more questions than are asked of one domain"
        return (Finding(check.subject, check.topic, State.UNKNOWN, what, "Simplify its records."),)


_AGAIN: Final = "Ask again, or another resolver with --resolver."


def _fault(answer: Answer) -> str:
    if answer.said is Said.REFUSED:
        return answer.why or "the resolver refuses the question"
    return answer.why or "no answer"
