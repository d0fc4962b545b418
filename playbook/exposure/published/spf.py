"""Who may send for a domain: its SPF record, followed and counted (RFC 7208).

Macros are not expanded: they need a message. Such a term counts as the look-up that it costs.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address, ip_network
from typing import Final

from playbook.exposure.finding import Finding, State
from playbook.exposure.published.asking import Answers
from playbook.exposure.published.exchangers import exchangers_of

TOPIC: Final = "SPF"
_MOST_LOOKUPS: Final = 10
_MOST_VOID: Final = 2
_VERSION: Final = re.compile(r"v=spf1(?= |$)", re.I)
_TERM: Final = re.compile(
    r"(?P<sign>[+?~-]?)(?P<name>all|include|a|mx|ptr|ip4|ip6|exists)"
    r"(?::(?P<value>[^/\s]*(?:/(?=[^\d/])[^/\s]*)*))?(?P<length>/\d{1,3})?(?P<length6>//\d{1,3})?",
    re.I,
)
_MODIFIER: Final = re.compile(r"(?P<name>[a-z][a-z0-9_.-]*)=(?P<value>\S*)", re.I)
_COSTLY: Final = frozenset({"include", "a", "mx", "ptr", "exists"})


class Result(StrEnum):
    """What SPF says of an address that sends for the domain."""

    PASS = "pass"  # noqa: S105 - the word of RFC 7208
    FAIL = "fail"
    SOFTFAIL = "softfail"
    NEUTRAL = "neutral"


_RESULTS: Final = {
    "+": Result.PASS,
    "-": Result.FAIL,
    "~": Result.SOFTFAIL,
    "?": Result.NEUTRAL,
}


class BrokenRecordError(Exception):
    """A record that receivers answer with a permanent error; the text says why."""


@dataclass(frozen=True)
class Term:
    """A mechanism: what it says of what it matches, and what it matches."""

    result: Result
    name: str
    value: str
    length: int | None = None
    length6: int | None = None

    @property
    def has_macro(self) -> bool:
        """Whether what it matches depends on the message."""
        return "%" in self.value


@dataclass(frozen=True)
class Record:
    """An SPF record, read: its mechanisms in order, and where it goes on ("": nowhere)."""

    terms: tuple[Term, ...]
    redirect: str = ""


@dataclass
class _Cost:
    lookups: int = 0
    void: int = 0


def spf(domain: str, addresses: tuple[str, ...], answers: Answers) -> tuple[Finding, ...]:
    """Whether the record is one, stays within its limits, closes the list, and has the server."""
    try:
        record = _record(domain, answers)
        if record is None:
            said = "no record: anybody may send in its name"
            return (Finding(domain, TOPIC, State.DIFFERS, said, "Publish v=spf1 ... -all."),)
        cost = _Cost()
        _count(domain, answers, cost, ())
        passed = {each: _result(domain, each, answers, 0) for each in addresses}
    except BrokenRecordError as error:
        return (Finding(domain, TOPIC, State.DIFFERS, str(error), "Mend the record."),)
    return (_closed(domain, record, answers), _within(domain, cost), *_has(domain, passed))


def parsed(text: str) -> Record:
    """The record that a text is; raises `BrokenRecordError` where it is none."""
    terms: list[Term] = []
    redirect = ""
    for word in _VERSION.sub("", text, count=1).split():
        found = _TERM.fullmatch(word)
        modifier = _MODIFIER.fullmatch(word)
        if found:
            terms.append(_term(found))
        elif modifier and modifier["name"].lower() == "redirect":
            redirect = modifier["value"]
        elif not modifier:
            raise BrokenRecordError(f"{word[:60]!r} is no term of SPF")
    return Record(tuple(terms), redirect)


def _term(found: re.Match[str]) -> Term:
    name, value = found["name"].lower(), found["value"] or ""
    length = int(found["length"][1:]) if found["length"] else None
    length6 = int(found["length6"][2:]) if found["length6"] else None
    if name in ("ip4", "ip6"):
        _network(value, length)
    elif name in ("include", "exists") and not value:
        raise BrokenRecordError(f"{name} names nothing")
    return Term(_RESULTS[found["sign"] or "+"], name, value, length, length6)


def _network(value: str, length: int | None) -> str:
    """An address, or an address and its length, as a network; raises `BrokenRecordError`."""
    text = value if length is None else f"{value}/{length}"
    try:
        return str(ip_network(text, strict=False))
    except ValueError as error:
        raise BrokenRecordError(f"{text[:60]!r} is no network") from error


def _record(domain: str, answers: Answers) -> Record | None:
    found = [each for each in answers.one(domain, "TXT") if _VERSION.match(each)]
    if len(found) > 1:
        raise BrokenRecordError(f"{domain} has {len(found)} records, and one is allowed")
    return parsed(found[0]) if found else None


def _count(domain: str, answers: Answers, cost: _Cost, above: tuple[str, ...]) -> None:
    """Count what the whole record costs a receiver, at the worst."""
    if domain in above:
        raise BrokenRecordError(f"{domain} includes itself")
    record = _record(domain, answers)
    if record is None:
        raise BrokenRecordError(f"{domain} is included and has no record")
    for term in record.terms:
        if term.name in _COSTLY:
            _spend(term, domain, answers, cost)
        if term.name == "include" and not term.has_macro:
            _count(term.value.lower(), answers, cost, (*above, domain))
    if record.redirect and not any(each.name == "all" for each in record.terms):
        cost.lookups += 1
        if "%" not in record.redirect:
            _count(record.redirect.lower(), answers, cost, (*above, domain))


def _spend(term: Term, domain: str, answers: Answers, cost: _Cost) -> None:
    cost.lookups += 1
    if cost.lookups > 3 * _MOST_LOOKUPS:
        raise BrokenRecordError(f"it takes more than {3 * _MOST_LOOKUPS} look-ups; 10 are allowed")
    name = term.value or domain
    if term.has_macro or term.name == "ptr":
        return
    if term.name in ("a", "exists"):
        cost.void += not answers.addresses(name)
    elif term.name == "mx":
        cost.void += not exchangers_of(name, answers)


def _result(domain: str, address: str, answers: Answers, depth: int) -> Result:
    """What a receiver makes of mail of the domain from an address."""
    record = _record(domain, answers)
    if record is None or depth > _MOST_LOOKUPS:
        return Result.NEUTRAL
    for term in record.terms:
        if _matches(term, domain, address, answers, depth):
            return term.result
    if record.redirect and "%" not in record.redirect:
        return _result(record.redirect, address, answers, depth + 1)
    return Result.NEUTRAL


def _matches(term: Term, domain: str, address: str, answers: Answers, depth: int) -> bool:
    if term.name == "all":
        return True
    if term.has_macro or term.name in ("ptr", "exists"):
        return False
    if term.name == "include":
        return _result(term.value.lower(), address, answers, depth + 1) is Result.PASS
    return any(_inside(address, each) for each in _networks(term, domain, answers))


def _networks(term: Term, domain: str, answers: Answers) -> Iterator[str]:
    if term.name in ("ip4", "ip6"):
        yield _network(term.value, term.length)
        return
    name = term.value or domain
    hosts = [name] if term.name == "a" else [e.name for e in exchangers_of(name, answers) if e.name]
    for host in hosts[:_MOST_LOOKUPS]:
        for found in answers.addresses(host):
            yield _network(found, term.length6 if ":" in found else term.length)


def _inside(address: str, network: str) -> bool:
    one, many = ip_address(address), ip_network(network)
    return one.version == many.version and one in many


def _closed(domain: str, record: Record, answers: Answers) -> Finding:
    """Whether the list says that nobody else sends."""
    last = next((each for each in record.terms if each.name == "all"), None)
    if last is None and record.redirect and "%" not in record.redirect:
        other = _record(record.redirect, answers)
        last = next((each for each in (other.terms if other else ()) if each.name == "all"), None)
    if last is None or last.result is Result.NEUTRAL:
        said = "the record does not end in -all or ~all: it keeps nobody out"
        return Finding(domain, TOPIC, State.DIFFERS, said, "End it with -all.")
    if last.result is Result.PASS:
        said = "+all: everybody in the world may send in its name"
        return Finding(domain, TOPIC, State.DIFFERS, said, "End it with -all.")
    words = {Result.FAIL: "-all", Result.SOFTFAIL: "~all"}[last.result]
    return Finding(domain, TOPIC, State.HOLDS, f"the record ends in {words}")


def _within(domain: str, cost: _Cost) -> Finding:
    said = f"{cost.lookups} look-ups of {_MOST_LOOKUPS}, {cost.void} of {_MOST_VOID} void ones"
    if cost.lookups > _MOST_LOOKUPS or cost.void > _MOST_VOID:
        wanted = "Receivers answer with a permanent error: take terms out that nobody needs."
        return Finding(domain, f"{TOPIC}, its cost", State.DIFFERS, said, wanted)
    return Finding(domain, f"{TOPIC}, its cost", State.HOLDS, said)


def _has(domain: str, results: dict[str, Result]) -> Iterator[Finding]:
    for address, result in results.items():
        topic, said = f"{TOPIC}, for {address}", f"mail of the domain from there: {result}"
        if result is Result.PASS:
            yield Finding(domain, topic, State.HOLDS, said)
        else:
            wanted = f"Put {address} into the record, if the server sends from there."
            yield Finding(domain, topic, State.DIFFERS, said, wanted)
