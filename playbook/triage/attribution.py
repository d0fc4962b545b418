"""Who submitted a queue file, by three witnesses: the envelope block, the trace line, the log."""

import ipaddress
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from playbook.smtplog.accounts import fold_account, is_same_account
from playbook.triage.features import Features
from playbook.triage.history import LogHistory, Submitter
from playbook.triage.identities import is_list

_ADDRESSES: Final = "its trace line says it came from"


@dataclass(frozen=True, slots=True)
class Attribution:
    """The submitter of one file; `conflict` says in words where two witnesses disagree.

    `is_in_log` tells whether the log counts it for that very submitter, and not namelessly.
    `other` is who it would be by the log where the two disagree on the address alone;
    `is_inferred` tells that no witness names the account, and it was told by its place.
    """

    submitter: Submitter
    is_in_log: bool
    conflict: str = ""
    other: Submitter | None = None
    is_inferred: bool = False


def attribute(features: Features, log: LogHistory) -> Attribution:
    """The submitter by all witnesses that speak; a silent witness is no conflict."""
    logged = log.submitter_of(features.message_id, features.at_s)
    client_address = log.identities.address(features.client_address)
    block = _account_in_block(features, log, logged, client_address)
    address = client_address or (logged.address if logged else "")
    conflict = _conflict(features, block, logged, client_address)
    if block:
        account: str | None = block
    elif logged is not None and logged.account is not None:
        account = logged.account
    elif client_address:
        account = None if features.is_authenticated else ""
    else:
        account = block
    is_in_log = logged is not None and logged.account == account
    other = logged if conflict.startswith(_ADDRESSES) else None
    return Attribution(Submitter(account, address), is_in_log, conflict, other)


def _account_in_block(
    features: Features, log: LogHistory, logged: Submitter | None, client_address: str
) -> str | None:
    """The account that the envelope block names; `None` where it names a list, or nothing.

    A list never logs in. Where the log knows who handed the message in, and no login of the name
    in the block, the block speaks of a list too.
    """
    if features.account is None or is_list(features):
        return None
    block = log.identities.account(fold_account(features.account))
    is_same_client = logged is not None and logged.account and logged.address == client_address
    if is_same_client and block not in log.known_logins:
        return None
    return block


def is_loopback(address: str) -> bool:
    """Whether the client was the server itself: webmail, or the server's own mail."""
    return address.startswith("127.") or address == "::1"


@lru_cache(maxsize=1 << 14)
def network_of(address: str) -> str:
    """The network an address belongs to, coarsely: IPv4 /16, IPv6 /48; else its first parts."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        separator = ":" if ":" in address else "."
        return separator.join(address.split(separator)[:2])
    if isinstance(known, ipaddress.IPv6Address):
        if known.ipv4_mapped is not None:
            return network_of(str(known.ipv4_mapped))
        return ":".join(known.exploded.split(":")[:3])
    return ".".join(address.split(".")[:2])


def domain_of(address: str) -> str:
    """The domain of a mail address, or `""`."""
    return address.rpartition("@")[2] if "@" in address else ""


def is_within(lead: str, domains: frozenset[str]) -> bool:
    """Whether a host or mail address is of one of these domains or of a part of it."""
    domain = domain_of(lead) or lead
    while domain:
        if domain in domains:
            return True
        domain = domain.partition(".")[2]
    return False


def _conflict(
    features: Features, block: str | None, logged: Submitter | None, client_address: str
) -> str:
    if block and client_address and not features.is_authenticated:
        return f"its envelope names {block}, but its trace line says that nobody logged in"
    if logged is None:
        return ""
    if block and logged.account and not is_same_account(block, logged.account):
        return f"its envelope names {block}, but the log says {logged.account} submitted it"
    if client_address and logged.address != client_address:
        return f"{_ADDRESSES} {client_address}, but the log says from {logged.address}"
    return ""
