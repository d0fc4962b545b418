"""What a blacklist may be asked about: public addresses and domains, in one writing. No I/O."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final

from playbook.text import one_line

# The longest name of a list with its dots; a whole name has 253 signs at most (RFC 1035).
_ZONE_SIGNS: Final = 40
_LABEL: Final = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?")
# Names that nobody on the Internet has (RFC 2606, 6761, 6762, 8375, and what private networks use).
_RESERVED: Final = frozenset(
    ("arpa", "example", "internal", "invalid", "lan", "local", "localhost", "onion", "test")
)
_MOST: Final = 32


class Kind(StrEnum):
    """What a subject is: lists differ in what they list."""

    IP4 = "ip4"
    IP6 = "ip6"
    DOMAIN = "domain"


@dataclass(frozen=True)
class Subject:
    """An address or a domain that a list may be asked about."""

    text: str
    kind: Kind

    @property
    def reversed(self) -> str:
        """The name under which a list would have it."""
        return self.text if self.kind is Kind.DOMAIN else reversed_address(self.text)


@dataclass(frozen=True)
class NotAsked:
    """Something that no list is asked about, and why."""

    text: str
    why: str


@dataclass(frozen=True)
class Subjects:
    """What the lists are asked about, and what was named and is not."""

    asked: tuple[Subject, ...] = ()
    left_out: tuple[NotAsked, ...] = ()

    @property
    def has_address(self) -> bool:
        """Whether a public address is among what is asked about."""
        return any(each.kind is not Kind.DOMAIN for each in self.asked)


def reversed_address(text: str) -> str:
    """An address as a list has it: octets backwards, or 32 nibbles backwards (RFC 5782)."""
    address = ip_address(text)
    digits = str(address).split(".") if isinstance(address, IPv4Address) else address.packed.hex()
    return ".".join(reversed(digits))


def subjects(texts: Iterable[str]) -> Subjects:
    """Sort what was named into what is asked about and what is not; each once, 32 at most."""
    asked: dict[Subject, None] = {}
    left_out: dict[NotAsked, None] = {}
    for text in texts:
        found = subject(text)
        if isinstance(found, Subject) and len(asked) >= _MOST and found not in asked:
            found = NotAsked(found.text, f"lists are asked about {_MOST} at once, no more")
        if isinstance(found, Subject):
            asked[found] = None
        else:
            left_out[found] = None
    return Subjects(tuple(asked), tuple(left_out))


def subject(text: str) -> Subject | NotAsked:
    """What a list may be asked about it, in the one writing that lists have; or why it is not."""
    try:
        address = ip_address(text.strip().partition("%")[0])
    except ValueError:
        return _domain(text.strip())
    if isinstance(address, IPv6Address):
        address = address.ipv4_mapped or address
    if address.is_multicast or not address.is_global:
        return NotAsked(str(address), "it is not a public address, so no list knows it")
    return Subject(str(address), Kind.IP4 if isinstance(address, IPv4Address) else Kind.IP6)


def _domain(text: str) -> Subject | NotAsked:
    shown = one_line(text, 100)
    try:
        name = text.rstrip(".").lower().encode("idna").decode("ascii").lower()
    except UnicodeError:
        return NotAsked(shown, "it is neither an address nor a domain")
    labels = name.split(".")
    if len(name) > 253 - _ZONE_SIGNS or not all(map(_LABEL.fullmatch, labels)):
        return NotAsked(shown, "it is neither an address nor a domain")
    if len(labels) < 2 or labels[-1] in _RESERVED or labels[-1].isdecimal():
        return NotAsked(name, "it is no domain of the Internet, so no list knows it")
    return Subject(name, Kind.DOMAIN)
