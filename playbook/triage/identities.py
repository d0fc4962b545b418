"""Which names are one account, which addresses are the server's own, and which names are lists.

A person may type an alias, an alias of the domain, or the name without its domain. The server knows
what is behind, and says so in the envelope block, while the log shows what was typed.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from playbook.triage.features import Features

LOOPBACK: Final = "127.0.0.1"
_OWNERS: Final = ("owner", "bounces", "bounce", "request", "admin", "return", "errors")


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
