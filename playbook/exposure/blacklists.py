"""What blacklists say of addresses and domains, decided from DNS answers. No I/O.

An answer is one of four things, never two: listed, not listed, refused (the list answered, but
gave no word on the subject) and unreachable. "Not listed" is believed only of a list that lists
its own test entry and not its counterpart (RFC 5782 section 5), so that a list that is dead, or
lists the world, or does not speak to this resolver, never calls anybody clean.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network, ip_address
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from playbook.dns.questions import Answer, Question, Resolver, Said
from playbook.exposure.subjects import Kind, Subject, reversed_address
from playbook.text import one_line

_LOOPBACK: Final = IPv4Network("127.0.0.0/8")
_ERRORS: Final = IPv4Network("127.255.255.0/24")
_NOT_WELCOME: Final = "your resolver is not welcome: it is a public one, or has no name of its own"

# What an answer of 127.255.255.0/24 says of the question (source: Spamhaus DNSBL usage FAQ).
_ERROR_CODES: Final = {
    "127.255.255.252": "the name of the list is mistyped",
    "127.255.255.254": _NOT_WELCOME,
    "127.255.255.255": "your resolver is not welcome: it asks too much, or is not registered",
}
_REASON_SIGNS: Final = 200

# RFC 5782 section 5: these must be listed and must not be.
_TESTS: Final = {
    Kind.IP4: (reversed_address("127.0.0.2"), reversed_address("127.0.0.1")),
    Kind.IP6: (reversed_address("::ffff:7f00:2"), reversed_address("::ffff:7f00:1")),
}


Zone = Annotated[str, Meta(pattern=r"^[a-z0-9-]{1,20}(\.[a-z0-9-]{1,20}){1,3}$", max_length=40)]
Link = Annotated[str, Meta(pattern=r"^https://[!-~]+$")]
Code = Annotated[str, Meta(pattern=r"^127(\.(0|[1-9][0-9]{0,2})){3}$")]
Bit = Annotated[str, Meta(pattern=r"^(2|4|8|16|32|64|128)$")]
Words = Annotated[str, Meta(min_length=1)]


class Blacklist(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A blacklist as the data file has it; `codes` and `bits` say what its answers mean.

    `listed` and `unlisted` are the test entries of a list of domains; those of addresses are the
    same for all lists.
    """

    name: Words
    zone: Zone
    kinds: Annotated[tuple[Kind, ...], Meta(min_length=1)]
    delisting: Link
    source: Link
    codes: dict[Code, Words] = {}
    bits: dict[Bit, Words] = {}
    refusals: dict[Code, Words] = {}
    listed: str = "test"
    unlisted: str = "invalid"

    def __post_init__(self) -> None:
        """What its answers mean is said in one of the two ways."""
        if bool(self.codes) == bool(self.bits):
            raise ValueError(f"{self.name} has either codes or bits")

    def tests(self, kind: Kind) -> tuple[str, str]:
        """The names of the entry that must be listed, and of the one that must not be."""
        listed, unlisted = _TESTS.get(kind, (self.listed, self.unlisted))
        return self.entry(listed), self.entry(unlisted)

    def entry(self, name: str) -> str:
        """The absolute name that is asked for; no search domain may answer for it."""
        return f"{name}.{self.zone}."


class Result(StrEnum):
    """How a subject stands with a list."""

    LISTED = "listed"
    NOT_LISTED = "not listed"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True)
class Standing:
    """How a subject stands with a list, why, and where its removal is asked for."""

    subject: Subject
    blacklist: str
    zone: str
    result: Result
    reason: str
    delisting: str


@dataclass(frozen=True)
class Blacklists:
    """The lists, and the resolver through which they are asked."""

    lists: tuple[Blacklist, ...]
    resolver: Resolver

    def standings(self, subjects: Iterable[Subject]) -> tuple[Standing, ...]:
        """How each subject stands with each list of its kind: two rounds of questions at most."""
        pairs = [
            (subject, each)
            for subject in subjects
            for each in self.lists
            if subject.kind in each.kinds
        ]
        asked = {Question(name): None for pair in pairs for name in _names(*pair)}
        answers = self.resolver.ask(asked) if asked else {}
        found = [(subject, each, *judged(subject, each, answers)) for subject, each in pairs]
        texts = self._texts([(s, each) for s, each, result, _ in found if result is Result.LISTED])
        return tuple(
            Standing(
                subject,
                each.name,
                each.zone,
                result,
                _with_text(reason, texts.get(_text_question(subject, each))),
                each.delisting,
            )
            for subject, each, result, reason in found
        )

    def _texts(self, listed: list[tuple[Subject, Blacklist]]) -> Mapping[Question, Answer]:
        """The reasons that the lists give in words, where they list: only then they are asked."""
        asked = {_text_question(*pair): None for pair in listed}
        return self.resolver.ask(asked) if asked else {}


def _names(subject: Subject, blacklist: Blacklist) -> Iterator[str]:
    yield blacklist.entry(subject.reversed)
    yield from blacklist.tests(subject.kind)


def _text_question(subject: Subject, blacklist: Blacklist) -> Question:
    return Question(blacklist.entry(subject.reversed), "TXT")


def judged(
    subject: Subject, blacklist: Blacklist, answers: Mapping[Question, Answer]
) -> tuple[Result, str]:
    """How the subject stands with the list, and why, given the answers to all its questions."""
    own, listed, unlisted = (
        read(blacklist, answers[Question(name)]) for name in _names(subject, blacklist)
    )
    result, reason = own
    if result not in (Result.LISTED, Result.NOT_LISTED):
        return own
    if unlisted[0] is Result.LISTED:
        return Result.REFUSED, "it lists the test entry that must not be listed: it lists anything"
    if result is Result.LISTED or listed[0] is Result.LISTED:
        return result, reason
    if listed[0] is Result.NOT_LISTED:
        why = "it does not list its own test entry: it is empty, or does not answer this resolver"
        return Result.REFUSED, why
    return listed[0], f"its test entry: {listed[1]}"


def read(blacklist: Blacklist, answer: Answer) -> tuple[Result, str]:
    """What one answer says by itself: the result, and why."""
    match answer.said:
        case Said.NOTHING:
            return Result.NOT_LISTED, ""
        case Said.REFUSED:
            return Result.REFUSED, answer.why or "your resolver refuses the question"
        case Said.UNREACHABLE:
            return Result.UNREACHABLE, answer.why or "no answer"
        case Said.RECORDS:
            return _coded(blacklist, answer.records)


def _coded(blacklist: Blacklist, records: tuple[str, ...]) -> tuple[Result, str]:
    refusals = [why for code in records if (why := _refusal(blacklist, code))]
    if refusals or not records:
        return Result.REFUSED, next(iter(refusals), "an answer without a code")
    meanings = dict.fromkeys(meaning for code in records for meaning in _meanings(blacklist, code))
    return Result.LISTED, "; ".join(meanings)


def _refusal(blacklist: Blacklist, code: str) -> str:
    """Why a code is no word on the subject, or "" where it is one."""
    if code in blacklist.refusals:
        return blacklist.refusals[code]
    address = ip_address(code)
    if not isinstance(address, IPv4Address) or address not in _LOOPBACK:
        return f"the answer {code} is no code of a blacklist: somebody else answers for it"
    if code == "127.0.0.1":
        return "the list blocks this resolver, or its name is parked (127.0.0.1)"
    if address in _ERRORS:
        return _ERROR_CODES.get(code, f"an error of the question ({code})")
    return ""


def _meanings(blacklist: Blacklist, code: str) -> Iterator[str]:
    if blacklist.bits:
        octet = int(code.rpartition(".")[2])
        known = [meaning for bit, meaning in blacklist.bits.items() if octet & int(bit)]
    else:
        known = [blacklist.codes[code]] if code in blacklist.codes else []
    yield from known or [f"a code that the list does not document ({code})"]


def _with_text(reason: str, answer: Answer | None) -> str:
    """The meaning of the code, and the list's own words, bounded and without terminal escapes."""
    said = " ".join(answer.records) if answer and answer.said is Said.RECORDS else ""
    plain = one_line(said, _REASON_SIGNS)
    return f"{reason} ({plain})" if plain else reason


def in_words(standings: Iterable[Standing]) -> str:
    """A sentence a subject: who lists it and why, who does not, and who gave no answer."""
    grouped: dict[str, dict[Result, list[Standing]]] = {}
    for each in standings:
        grouped.setdefault(each.subject.text, {}).setdefault(each.result, []).append(each)
    return "; ".join(
        f"{subject}: "
        + ", ".join(_said(result, found[result]) for result in Result if result in found)
        for subject, found in grouped.items()
    )


def _said(result: Result, standings: list[Standing]) -> str:
    if result is Result.NOT_LISTED:
        return f"not listed by {', '.join(each.blacklist for each in standings)}"
    by_reason: dict[str, list[str]] = {}
    for each in standings:
        by_reason.setdefault(each.reason, []).append(each.blacklist)
    words = {Result.LISTED: "listed by", Result.REFUSED: "refused by"}.get(result, "unreachable:")
    return ", ".join(
        f"{words} {', '.join(names)} ({reason})" for reason, names in by_reason.items()
    )
