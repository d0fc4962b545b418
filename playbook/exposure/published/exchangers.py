"""Where a domain takes its mail: its MX records (RFC 5321 section 5, RFC 7505)."""

import re
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final

from playbook.dns.questions import Question
from playbook.exposure.finding import Finding, State
from playbook.exposure.published.asking import Answers, absolute

TOPIC: Final = "mail exchangers (MX)"
_WRITTEN: Final = re.compile(r"(\d{1,5})\s+(\S{1,255})")


@dataclass(frozen=True)
class Exchanger:
    """One MX record; the lowest preference is tried first."""

    preference: int
    name: str


def exchangers_of(domain: str, answers: Answers) -> tuple[Exchanger, ...]:
    """The MX records of a domain, the first tried first."""
    found = [
        Exchanger(int(written[1]), written[2].lower().rstrip("."))
        for text in answers.one(domain, "MX")
        if (written := _WRITTEN.fullmatch(text))
    ]
    return tuple(sorted(found, key=lambda each: (each.preference, each.name)))


def addresses_of(domain: str, answers: Answers) -> tuple[str, ...]:
    """The addresses at which a domain takes mail, each once."""
    named = [each.name for each in exchangers_of(domain, answers) if each.name]
    found = [address for name in named or [domain] for address in answers.addresses(name)]
    return tuple(dict.fromkeys(found))


def exchangers(domain: str, answers: Answers) -> tuple[Finding, ...]:
    """Whether the MX records lead somewhere, and to nothing that the standards forbid."""
    found = exchangers_of(domain, answers)
    if not found:
        return (_without(domain, answers),)
    if [each.name for each in found] == [""]:
        said = "null MX: the domain says that it takes no mail"
        return (Finding(domain, TOPIC, State.HOLDS, said),)
    wrong = [words for each in found if (words := _fault(each, answers))]
    names = ", ".join(f"{each.preference} {each.name or '.'}" for each in found)
    if wrong:
        return (Finding(domain, TOPIC, State.DIFFERS, "; ".join(wrong), "Mend the MX records."),)
    return (Finding(domain, TOPIC, State.HOLDS, names), *_back_door(domain, found))


def _without(domain: str, answers: Answers) -> Finding:
    if answers.addresses(domain):
        said = "no MX: other servers deliver to the domain's own address"
        return Finding(domain, TOPIC, State.DIFFERS, said, "Publish an MX record.")
    said = "neither an MX nor an address: nobody can write to it"
    return Finding(domain, TOPIC, State.DIFFERS, said, "Publish an MX record, or a null MX.")


def _back_door(domain: str, found: tuple[Exchanger, ...]) -> tuple[Finding, ...]:
    later = [each.name for each in found if each.preference > found[0].preference]
    if not later:
        return ()
    said = f"{', '.join(later)} takes mail second: spammers go there first"
    wanted = "See that it knows the accounts and filters as the first does, or take it away."
    return (Finding(domain, "secondary MX", State.DIFFERS, said, wanted),)


def _fault(exchanger: Exchanger, answers: Answers) -> str:
    """What is wrong with one exchanger, or ""."""
    if not exchanger.name:
        return "a null MX stands beside others, which is not allowed (RFC 7505)"
    if _is_address(exchanger.name):
        return f"{exchanger.name} is an address, and an MX names a host"
    name = absolute(exchanger.name)
    alias, four, six = answers.records(
        Question(name, "CNAME"), Question(name, "A"), Question(name, "AAAA")
    )
    if alias:
        return f"{exchanger.name} is an alias (CNAME), which an MX must not name (RFC 2181)"
    if not (four or six):
        return f"{exchanger.name} has no address"
    inside = [each for each in (*four, *six) if not ip_address(each).is_global]
    return f"{exchanger.name} leads to {inside[0]}, which is not public" if inside else ""


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
