"""The attacker's campaign: which accounts are compromised, and from which addresses he sent.

It is built in `detection.py` and `proof.py`, each step of which returns a new one, and then only
asked.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final

from playbook.smtplog.accounts import is_same_account
from playbook.smtplog.sessions import DAY_S
from playbook.triage.attribution import domain_of, is_loopback, network_of
from playbook.triage.domains import SenderDomains
from playbook.triage.history import Habit, Submitter
from playbook.triage.homes import SETTLED_DAYS, Home, homes_before

USUAL_DAYS: Final = 2
_EARLY_S: Final = 12 * 3600
_SHARED_BY: Final = 2


@dataclass(frozen=True, slots=True)
class StolenAccount:
    """An account that the attacker uses; `was_named` tells whether a person had named it."""

    account: str
    was_named: bool
    because: str


@dataclass(frozen=True)
class Campaign:
    """What is known of the campaign.

    `broke_out_at_s` is when it became plain: the first forged sender, or the first mail of a flood
    as a compromised account; habits of the days before count. `began_at_s` is when the first mail
    of a proved address or of such a flood was sent, and never later.
    `forgers` are submitters of accounts not held to be compromised, with how many messages with
    senders of foreign domains they sent from an address that is not usual for them.
    `alike_only` holds submitters at unusual addresses with too few mails to prove anything, all
    of which resemble the campaign; `suspected` those of other accounts who may be a second
    attacker, and why.
    """

    domains: SenderDomains
    habits: Mapping[Submitter, Habit]
    has_history: bool = False
    broke_out_at_s: int = 0
    began_at_s: int = 0
    stolen: Mapping[str, StolenAccount] = field(default_factory=dict)
    proved: Mapping[Submitter, str] = field(default_factory=dict)
    forgers: Mapping[Submitter, int] = field(default_factory=dict)
    suspected: Mapping[Submitter, str] = field(default_factory=dict)
    alike_only: frozenset[Submitter] = frozenset()
    offices: frozenset[str] = frozenset()

    def proving(self, found: Mapping[Submitter, str]) -> "Campaign":
        """The campaign with more submitters that are the attacker's, and why."""
        return replace(self, proved={**found, **self.proved}) if found else self

    def stealing(self, found: Mapping[str, str], *, were_named: bool = False) -> "Campaign":
        """The campaign with more compromised accounts, and why."""
        more = {name: StolenAccount(name, were_named, why) for name, why in found.items()}
        return replace(self, stolen={**self.stolen, **more, **self.stolen}) if found else self

    def suspecting(self, found: Mapping[Submitter, str]) -> "Campaign":
        """The campaign with more submitters that may be a second attacker, and why."""
        return replace(self, suspected={**found, **self.suspected}) if found else self

    def starting(self, broke_out_at_s: int, began_at_s: int = 0) -> "Campaign":
        """The campaign with its times; it began when it broke out where nothing is earlier."""
        began_at_s = min(began_at_s or broke_out_at_s, broke_out_at_s)
        return replace(self, broke_out_at_s=broke_out_at_s, began_at_s=began_at_s)

    @cached_property
    def addresses(self) -> frozenset[str]:
        """The attacker's proved addresses."""
        return frozenset(who.address for who in self.proved)

    @cached_property
    def networks(self) -> frozenset[str]:
        """The networks of the attacker's proved addresses."""
        return frozenset(map(network_of, self.addresses))

    @cached_property
    def suspected_accounts(self) -> frozenset[str | None]:
        """The accounts of which some submitter is suspected."""
        return frozenset(who.account for who in self.suspected)

    @cached_property
    def accounts(self) -> frozenset[str]:
        """Every account that log, queue or a person named."""
        return frozenset(who.account for who in self.habits if who.account).union(self.stolen)

    def is_forged(self, sender: str) -> bool:
        """Whether a sender is of a domain that no account of this server has."""
        return self.domains.is_foreign(domain_of(sender))

    def is_stolen(self, account: str | None) -> bool:
        """Whether this account is among the compromised ones, also by its bare login name."""
        if not account:
            return False
        return account in self.stolen or any(is_same_account(account, a) for a in self.stolen)

    def is_explained(self, account: str | None) -> bool:
        """Whether an outside place was proved from which the attacker used the account."""
        if account is None:
            return bool(self.proved)
        return account in self._accounts_explained or None in self._accounts_explained

    @cached_property
    def _accounts_explained(self) -> frozenset[str | None]:
        return frozenset(who.account for who in self.proved)

    def is_thief(self, submitter: Submitter) -> bool:
        """Whether a submitter is the attacker: proved, or at his address under no other name."""
        if submitter in self.proved:
            return True
        if submitter.address not in self.addresses or self.is_usual(submitter):
            return False
        return submitter.account is None or self.is_stolen(submitter.account)

    def may_be_owners(self, submitter: Submitter) -> bool:
        """Whether a place that was proved may be the owner's, or her office's, all the same.

        Others send from there as well, or the account did on a day before: then it proves nothing
        against mails that are not themselves like the attacker's.
        """
        return submitter.address in self.shared_addresses or self.days_used(submitter) > 0

    def is_during(self, at_s: int) -> bool:
        """Whether it was near or after the beginning: nobody need flood or forge from the first."""
        return at_s >= self.began_at_s - _EARLY_S

    def is_usual(self, submitter: Submitter) -> bool:
        """Whether the address is one that the account uses, by `usual_as`."""
        return bool(self.usual_as(submitter))

    def usual_as(self, submitter: Submitter) -> str:
        """As what the account uses the address, in words, `""` where nothing tells that it does.

        Two days before are enough where nothing tells that a stranger tried the password on them,
        and none is needed where a computer of the account has a new address of its provider.
        Where names are masked, somebody's use of the address is taken for the account's.
        """
        if submitter.address in self.offices:
            return "an address that several accounts use"
        days = self.days_used(submitter)
        if days >= SETTLED_DAYS or (days >= USUAL_DAYS and not self.is_stranger(submitter)):
            return f"an address in use on {days} days before"
        is_home = self._is_at_home(submitter)
        return "its own computer at a new address of its own network" if is_home else ""

    def unusual_as(self, submitter: Submitter) -> str:
        """What the log tells of an address that is not usual for the account, in words."""
        days = self.days_used(submitter)
        if days:
            return f"an address in use on {days} day{'s' if days > 1 else ''} before, too few"
        if self.has_history and self.broke_out_at_s:
            return "an address not seen for it on the days before"
        return "no log of the days before tells whether it uses this address"

    def days_used(self, submitter: Submitter) -> int:
        """On how many days before the account, or a login without a name, used the address."""
        habits = (self.habits.get(who) for who in (submitter, Submitter(None, submitter.address)))
        return max((days_before(each, self.broke_out_at_s) for each in habits if each), default=0)

    @cached_property
    def shared_addresses(self) -> frozenset[str]:
        """Addresses from which several accounts sent that are not held to be compromised."""
        return frozenset(
            address
            for address, accounts in self._users.items()
            if sum(not self.is_stolen(account) for account in accounts) >= _SHARED_BY
        )

    def _is_at_home(self, submitter: Submitter) -> bool:
        """Whether both network and computer are of those where a named account is settled.

        Not where the campaign came from that network too: a name is easily copied.
        """
        network = network_of(submitter.address)
        home = self._homes.get(submitter.account) if submitter.account else None
        is_near = home is not None and home.has(network) and network not in self.networks
        return is_near and self.is_own_computer(submitter)

    @cached_property
    def accounts_with_past(self) -> frozenset[str | None]:
        """Accounts whose addresses of the days before the campaign are known."""
        return frozenset(who.account for who in self.habits if who.account and self.is_usual(who))

    def is_stranger(self, submitter: Submitter) -> bool:
        """Whether neither network nor computer is one of those where the account is settled.

        False where it is settled nowhere, or where computers told no names.
        """
        home, here = self._home(submitter), self._client_names(submitter)
        if home is None or not here or not home.has_known_computers:
            return False
        return not home.knows(here) and not home.has(network_of(submitter.address))

    def is_own_computer(self, submitter: Submitter) -> bool:
        """Whether a computer of the name was the account's for some days before the campaign."""
        home = self._home(submitter)
        return home is not None and home.knows(self._client_names(submitter))

    def _client_names(self, submitter: Submitter) -> set[str]:
        witnesses = (submitter, Submitter(None, submitter.address))
        habits = (self.habits.get(who) for who in witnesses)
        return {name for habit in habits if habit for name in habit.client_names}

    def _home(self, submitter: Submitter) -> Home | None:
        """The account's own home, or that of everybody whose name is masked."""
        own = self._homes.get(submitter.account)
        return own if own and own.has_known_computers else self._homes.get(None, own)

    @cached_property
    def _homes(self) -> dict[str | None, Home]:
        return homes_before(self.habits, self.broke_out_at_s)

    def resolve(self, submitter: Submitter, from_address: str) -> Submitter:
        """The likely submitter where no witness names the account.

        The only account ever seen at the address; in webmail the account of the From line. Good
        for the attacker's address too, but it is the address that then decides.
        """
        if submitter.account is not None:
            return submitter
        if is_loopback(submitter.address):
            is_known = from_address in self.accounts
            return Submitter(from_address, submitter.address) if is_known else submitter
        seen = self._users.get(submitter.address, frozenset())
        return Submitter(next(iter(seen)), submitter.address) if len(seen) == 1 else submitter

    @cached_property
    def _users(self) -> dict[str, frozenset[str]]:
        users: dict[str, frozenset[str]] = {}
        for who in self.habits:
            if who.account and who.address:
                users[who.address] = users.get(who.address, frozenset()) | {who.account}
        return users


def days_before(habit: Habit, at_s: int) -> int:
    """On how many days before the one of this second the submitter sent something."""
    return sum(1 for day in habit.days if day < at_s // DAY_S)
