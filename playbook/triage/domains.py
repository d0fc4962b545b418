"""Which sender domains are the server's own, and which an attacker must have forged."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from playbook.triage.attribution import domain_of, is_loopback
from playbook.triage.features import Features
from playbook.triage.history import Submitter

_MAX_DOMAINS: Final = 1 << 16
_OFTEN: Final = 2


@dataclass(frozen=True, slots=True)
class SenderDomains:
    """The server's own domains, and the foreign ones where the own ones are not all known.

    `foreign` is `None` when accounts are known by their addresses: then whatever is not own is
    foreign. Else only domains that mail of the outgoing queue goes to count as foreign, because
    mail to an own domain does not pass through it.
    """

    own: frozenset[str]
    foreign: frozenset[str] | None

    def is_foreign(self, domain: str) -> bool:
        """Whether an account of this server would not send with this domain."""
        if not domain or domain in self.own:
            return False
        return bool(self.own) if self.foreign is None else domain in self.foreign


@dataclass(slots=True)
class DomainSurvey:
    """Counts, from one pass over a queue, by which the domains are told apart.

    A login name without a domain tells of none, like a login that nothing names. What nobody
    logged in for, a list's mail or a forwarded one, has a stranger's From and perhaps an own To.
    """

    with_account: int = 0
    without_account: int = 0
    accounts: set[str] = field(default_factory=set)
    own_signs: dict[str, int] = field(default_factory=dict)
    sent_to: dict[str, int] = field(default_factory=dict)

    def add(self, features: Features, submitter: Submitter) -> None:
        """Count one message."""
        domain = domain_of(submitter.account or "")
        is_nobody = submitter.account == ""
        if domain:
            self.with_account += 1
            _count(self.accounts, domain)
        elif not is_nobody:
            self.without_account += 1
        if not features.is_report and _is_own_sender(features, submitter):
            _increase(self.own_signs, domain_of(features.from_address))
        if not features.is_incoming and not (is_nobody and features.sender is None):
            _increase(self.sent_to, domain_of(features.recipient))
        if features.is_incoming and is_nobody:
            _increase(self.own_signs, domain_of(features.recipient))

    def result(self, known_accounts: Iterable[str | None], own: Iterable[str]) -> SenderDomains:
        """The domains, given the accounts known otherwise and domains known to be own."""
        known = {domain_of(account or "") for account in known_accounts} | self.accounts | set(own)
        known.discard("")
        if self.with_account >= self.without_account and known:
            return SenderDomains(frozenset(known), None)
        here = {
            name
            for name, count in self.own_signs.items()
            if name and count >= max(_OFTEN, self.sent_to.get(name, 0))
        }
        often = max(_OFTEN, (self.with_account + self.without_account) // 500)
        foreign = {name for name, count in self.sent_to.items() if name and count >= often}
        return SenderDomains(frozenset(known | here), frozenset(foreign - known - here))


def _is_own_sender(features: Features, submitter: Submitter) -> bool:
    """Whether the From line's domain is likely own: of webmail, or with a bare login's name."""
    if is_loopback(submitter.address):
        return submitter.account != ""
    name, _, domain = features.from_address.partition("@")
    return bool(domain) and name == submitter.account


def _count(names: set[str], name: str) -> None:
    if len(names) < _MAX_DOMAINS:
        names.add(name)


def _increase(counts: dict[str, int], name: str) -> None:
    if name in counts or len(counts) < _MAX_DOMAINS:
        counts[name] = counts.get(name, 0) + 1
