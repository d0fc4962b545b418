"""Which names are one account, which addresses are the server's own, and which names are lists.

A person may type an alias, an alias of the domain, or the name without its domain. The server knows
what is behind, and says so in the envelope block, while the log shows what was typed.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from playbook.smtplog.accounts import fold_account
from playbook.triage.features import Features, FileKind

if TYPE_CHECKING:
    from playbook.triage.history import LogHistory

LOOPBACK: Final = "127.0.0.1"
_OWNERS: Final = ("owner", "bounces", "bounce", "request", "admin", "return", "errors")
_MOST_NAMES: Final = 1 << 16
_WITNESSES: Final = 3


@dataclass(frozen=True, slots=True)
class Identities:
    """What is known of names and addresses, folded; empty where nothing is.

    `aliases` gives the account behind a name. `likely` are those among them that nobody told:
    the name wrote only as that account. `own_addresses` are the server's, from which webmail
    hands its mail over as it does from the loopback address.
    """

    aliases: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    likely: frozenset[str] = frozenset()
    own_addresses: frozenset[str] = frozenset()

    def account(self, name: str) -> str:
        """The account that a folded name means."""
        return self.aliases.get(name, name)

    def address(self, address: str) -> str:
        """The client's address; one of the server's own is the loopback address."""
        return LOOPBACK if address in self.own_addresses else address


NOTHING_TOLD: Final = Identities()


def identify(
    queue: Iterable[Features], log: "LogHistory", named: Iterable[str], told: Identities
) -> Identities:
    """What is told, and what queue and log show besides. One pass over the queue.

    A bare login name stays as it is: it fits its account anyhow, and tells of no domain.
    """
    accounts = {*map(fold_account, named), *log.logins}
    witnessed = _witnessed(queue, log, accounts)
    likely = _likely(log, {*map(fold_account, named)}, accounts)
    aliases = {**likely, **witnessed, **told.aliases}
    return Identities(
        aliases={name: each for name, each in aliases.items() if name != each.partition("@")[0]},
        likely=frozenset(likely) - witnessed.keys() - told.aliases.keys(),
        own_addresses=told.own_addresses | log.own_addresses(),
    )


def is_list(features: Features) -> bool:
    """Whether the block names a mailing list: its sender is the list's owner."""
    if not features.account or not features.sender or features.sender == features.account:
        return False
    name, _, domain = features.account.partition("@")
    sender, _, sender_domain = features.sender.partition("@")
    if name not in sender or (domain and domain != sender_domain):
        return False
    sender = re.split(r"[+=]", sender, maxsplit=1)[0]
    return any(sender in (f"{name}-{owner}", f"{owner}-{name}") for owner in _OWNERS)


def _witnessed(queue: Iterable[Features], log: "LogHistory", accounts: set[str]) -> dict[str, str]:
    """Aliases told by blocks that name one account where the log shows one other name, always.

    The block's account must be known otherwise: a list's name stands there too.
    """
    behind: dict[str, dict[str, int]] = {}
    for features in queue:
        if features.kind is not FileKind.MESSAGE or not features.account or is_list(features):
            continue
        block = fold_account(features.account)
        logged = log.submitter_of(features.message_id, features.at_s)
        if logged is None or not logged.account:
            continue
        if logged.account in behind or len(behind) < _MOST_NAMES:
            counts = behind.setdefault(logged.account, {})
            if block in counts or len(counts) <= _WITNESSES:
                counts[block] = counts.get(block, 0) + 1
    return {
        name: account
        for name, counts in behind.items()
        for account, count in counts.items()
        if len(counts) == 1 and account != name and account in accounts and count >= _WITNESSES
    }


def _likely(log: "LogHistory", named: set[str], accounts: set[str]) -> dict[str, str]:
    """Other names of the accounts that a person named, as far as the log makes them likely.

    A name that wrote as one such account and never as itself or another; or that of the account
    at another domain, which never wrote as itself.
    """
    found: dict[str, str] = {}
    for name in log.logins - named:
        wrote_as = accounts.intersection(log.writes_as.get(name, ()))
        same = wrote_as or {each for each in named if _is_namesake(name, each)}
        if len(same) == 1 and name not in same and same <= named:
            found[name] = next(iter(same))
    return found


def _is_namesake(name: str, other: str) -> bool:
    local, _, domain = name.partition("@")
    other_local, _, other_domain = other.partition("@")
    return bool(domain and other_domain) and local == other_local and domain != other_domain
