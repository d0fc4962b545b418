"""The name of an address that sends mail, and whether it leads back to it."""

from typing import Final

from playbook.exposure.finding import Finding, State
from playbook.exposure.published.asking import Answers
from playbook.exposure.subjects import reversed_address

_TOPIC: Final = "reverse name (PTR)"
_MOST_NAMES: Final = 5


def reverse_name(address: str) -> str:
    """The name under which the name of an address is asked for."""
    zone = "ip6" if ":" in address else "in-addr"
    return f"{reversed_address(address)}.{zone}.arpa."


def named(address: str, answers: Answers) -> tuple[Finding, ...]:
    """Whether an address has a name, and the name this address: large receivers insist on it."""
    names = tuple(each.rstrip(".").lower() for each in answers.one(reverse_name(address), "PTR"))
    if not names:
        wanted = "Ask the provider of the address for a PTR record."
        return (Finding(address, _TOPIC, State.DIFFERS, "it has no name", wanted),)
    back = [each for each in names[:_MOST_NAMES] if address in answers.addresses(each)]
    if not back:
        said = f"{', '.join(names[:_MOST_NAMES])} does not lead back to it"
        wanted = "Give the name an A or AAAA record with this address, or the address another name."
        return (Finding(address, _TOPIC, State.DIFFERS, said, wanted),)
    return (Finding(address, _TOPIC, State.HOLDS, f"{back[0]}, and back"),)


def greeted(helo: str, addresses: tuple[str, ...], answers: Answers) -> tuple[Finding, ...]:
    """Whether the name that the server says in its greeting is one of its addresses."""
    topic = "HELO name"
    found = answers.addresses(helo)
    if not found:
        wanted = "Give it an address, or let the server greet with another name."
        return (Finding(helo, topic, State.DIFFERS, "it has no address", wanted),)
    said = f"it leads to {', '.join(found[:_MOST_NAMES])}"
    if addresses and not set(found) & set(addresses):
        wanted = f"The server sends from {', '.join(addresses[:_MOST_NAMES])}: let the two agree."
        return (Finding(helo, topic, State.DIFFERS, said, wanted),)
    return (Finding(helo, topic, State.HOLDS, said),)
