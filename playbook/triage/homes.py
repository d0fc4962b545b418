"""Where an account is at home: the networks and computers that it was used from for some days.

Addresses at home are renewed over night, while the network and the computer's name stay.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from playbook.smtplog.sessions import DAY_S
from playbook.triage.attribution import is_loopback, network_of
from playbook.triage.history import Habit, Submitter

SETTLED_DAYS: Final = 3


@dataclass(slots=True)
class Home:
    """The networks and client names of one account, each with the days on which it was used."""

    networks: dict[str, set[int]] = field(default_factory=dict)
    client_names: dict[str, set[int]] = field(default_factory=dict)

    def has(self, network: str) -> bool:
        """Whether the account was used from this network for some days."""
        return _is_settled(self.networks, network)

    def knows(self, client_names: set[str]) -> bool:
        """Whether one of these computers was the account's for some days."""
        return any(_is_settled(self.client_names, name) for name in client_names)

    @property
    def has_known_computers(self) -> bool:
        """Whether anything is known of the account's computers."""
        return self.knows(set(self.client_names))


def homes_before(habits: Mapping[Submitter, Habit], at_s: int) -> dict[str | None, Home]:
    """The home of each account by the days before the one of this second, webmail left out."""
    homes: dict[str | None, Home] = {}
    for who, habit in habits.items():
        days = {day for day in habit.days if day < at_s // DAY_S}
        if not days or is_loopback(who.address):
            continue
        home = homes.setdefault(who.account, Home())
        home.networks.setdefault(network_of(who.address), set()).update(days)
        for name in habit.client_names:
            home.client_names.setdefault(name, set()).update(days)
    return homes


def _is_settled(days: Mapping[str, set[int]], name: str) -> bool:
    return len(days.get(name, ())) >= SETTLED_DAYS
