"""Who submitted a queue file, by three witnesses: the envelope block, the trace line, the log."""

from dataclasses import dataclass

from playbook.smtplog.accounts import fold_account, is_same_account
from playbook.triage.features import Features
from playbook.triage.history import LogHistory, Submitter


@dataclass(frozen=True, slots=True)
class Attribution:
    """The submitter of one file; ``conflict`` says in words where two witnesses disagree.

    ``is_in_log`` tells whether the log counts it for that very submitter, and not namelessly.
    """

    submitter: Submitter
    is_in_log: bool
    conflict: str = ""


def attribute(features: Features, log: LogHistory) -> Attribution:
    """The submitter by all witnesses that speak; a silent witness is no conflict."""
    logged = log.submitter_of(features.message_id, features.at_s)
    block = None if features.account is None else fold_account(features.account)
    address = features.client_address or (logged.address if logged else "")
    conflict = _conflict(features, block, logged)
    if block:
        account: str | None = block
    elif logged is not None and logged.account is not None:
        account = logged.account
    elif features.client_address:
        account = None if features.is_authenticated else ""
    else:
        account = block
    is_in_log = logged is not None and logged.account == account
    return Attribution(Submitter(account, address), is_in_log, conflict)


def is_loopback(address: str) -> bool:
    """Whether the client was the server itself: webmail, or the server's own mail."""
    return address.startswith("127.") or address == "::1"


def network_of(address: str) -> str:
    """The network an address belongs to, coarsely: IPv4 /16, IPv6 /32."""
    separator = ":" if ":" in address else "."
    return separator.join(address.split(separator)[:2])


def domain_of(address: str) -> str:
    """The domain of a mail address, or ``""``."""
    return address.rpartition("@")[2] if "@" in address else ""


def is_within(lead: str, domains: frozenset[str]) -> bool:
    """Whether a host or mail address is of one of these domains or of a part of it."""
    domain = domain_of(lead) or lead
    while domain:
        if domain in domains:
            return True
        domain = domain.partition(".")[2]
    return False


def _conflict(features: Features, block: str | None, logged: Submitter | None) -> str:
    if block and features.client_address and not features.is_authenticated:
        return f"its envelope names {block}, but its trace line says that nobody logged in"
    if logged is None:
        return ""
    if block and logged.account and not is_same_account(block, logged.account):
        return f"its envelope names {block}, but the log says {logged.account} submitted it"
    if features.client_address and logged.address != features.client_address:
        return (
            f"its trace line says it came from {features.client_address},"
            f" but the log says from {logged.address}"
        )
    return ""
