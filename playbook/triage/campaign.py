"""The thief's run: which accounts are stolen, and from which addresses they were used."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from playbook.smtplog.accounts import is_same_account
from playbook.smtplog.sessions import DAY_S
from playbook.triage.attribution import domain_of, is_loopback, network_of
from playbook.triage.domains import SenderDomains
from playbook.triage.history import Habit, Submitter
from playbook.triage.homes import SETTLED_DAYS, Home, homes_before

USUAL_DAYS = 2
_EARLY_S = 12 * 3600


@dataclass(frozen=True, slots=True)
class StolenAccount:
    """An account that the thief uses; ``was_named`` tells whether a person had named it."""

    account: str
    was_named: bool
    because: str


@dataclass(slots=True)
class Campaign:
    """What is known of the run, added to while evidence is gathered, read when files are judged.

    ``began_at_s`` is when the first proved address sent its first forged sender, 0 if unknown.
    ``forgers`` are submitters of accounts that are not held to be stolen, with how many senders of
    foreign domains they sent from an address that is not usual for them.
    ``alike_only`` holds submitters at unusual addresses with too few mails to prove anything, all
    of which resemble the run; ``suspected`` those of other accounts who may be a second thief, and
    why.
    """

    domains: SenderDomains
    habits: Mapping[Submitter, Habit]
    began_at_s: int = 0
    has_history: bool = False
    stolen: dict[str, StolenAccount] = field(default_factory=dict)
    proved: dict[Submitter, str] = field(default_factory=dict)
    addresses: set[str] = field(default_factory=set)
    networks: set[str] = field(default_factory=set)
    forgers: dict[Submitter, int] = field(default_factory=dict)
    alike_only: set[Submitter] = field(default_factory=set)
    suspected: dict[Submitter, str] = field(default_factory=dict)
    suspected_accounts: set[str | None] = field(default_factory=set)
    offices: set[str] = field(default_factory=set)
    accounts: frozenset[str] = frozenset()
    users: dict[str, frozenset[str]] = field(default_factory=dict)
    _homes: tuple[int, dict[str | None, Home]] | None = None

    def is_forged(self, sender: str) -> bool:
        """Whether a sender is of a domain that no account of this server has."""
        return self.domains.is_foreign(domain_of(sender))

    def is_stolen(self, account: str | None) -> bool:
        """Whether this account is among the stolen ones, also by its bare login name."""
        if not account:
            return False
        return account in self.stolen or any(is_same_account(account, a) for a in self.stolen)

    def is_thief(self, submitter: Submitter) -> bool:
        """Whether a submitter is the thief: proved, or at a proved address under no other name."""
        if submitter in self.proved:
            return True
        if submitter.address not in self.addresses or self.is_usual(submitter):
            return False
        return submitter.account is None or self.is_stolen(submitter.account)

    def is_during(self, at_s: int) -> bool:
        """Whether it was near or after the beginning: the thief need not forge from the first."""
        return at_s >= self.began_at_s - _EARLY_S

    def is_usual(self, submitter: Submitter) -> bool:
        """Whether the account used the address before the run, or the address is an office's.

        Two days before are enough where nothing tells that a stranger tried the password on them,
        and none is needed where a computer of the account has a new address of its provider.
        Where names are masked, somebody's use of the address is taken for the account's.
        """
        if submitter.address in self.offices:
            return True
        habits = (self.habits.get(who) for who in (submitter, Submitter(None, submitter.address)))
        days = max((days_before(each, self.began_at_s) for each in habits if each), default=0)
        if days >= SETTLED_DAYS or (days >= USUAL_DAYS and not self.is_stranger(submitter)):
            return True
        return self._is_at_home(submitter)

    def _is_at_home(self, submitter: Submitter) -> bool:
        """Whether both network and computer are of those where a named account is settled.

        Not where the run came from that network too: a name is easily copied.
        """
        network = network_of(submitter.address)
        home = self._homes_by_account().get(submitter.account) if submitter.account else None
        is_near = home is not None and home.has(network) and network not in self.networks
        return is_near and self.is_own_computer(submitter)

    def accounts_with_past(self) -> set[str | None]:
        """Accounts whose addresses of the days before the run are known."""
        return {who.account for who in self.habits if who.account and self.is_usual(who)}

    def is_stranger(self, submitter: Submitter) -> bool:
        """Whether neither network nor computer is one of those where the account is settled.

        False where it is settled nowhere, or where computers told no names.
        """
        home, here = self._home(submitter), self._client_names(submitter)
        if home is None or not here or not home.has_known_computers:
            return False
        return not home.knows(here) and not home.has(network_of(submitter.address))

    def is_own_computer(self, submitter: Submitter) -> bool:
        """Whether a computer of the name was the account's for some days before the run."""
        home = self._home(submitter)
        return home is not None and home.knows(self._client_names(submitter))

    def _client_names(self, submitter: Submitter) -> set[str]:
        witnesses = (submitter, Submitter(None, submitter.address))
        habits = (self.habits.get(who) for who in witnesses)
        return {name for habit in habits if habit for name in habit.client_names}

    def _home(self, submitter: Submitter) -> Home | None:
        """The account's own home, or that of everybody whose name is masked."""
        homes = self._homes_by_account()
        own = homes.get(submitter.account)
        return own if own and own.has_known_computers else homes.get(None, own)

    def _homes_by_account(self) -> dict[str | None, Home]:
        if self._homes is None or self._homes[0] != self.began_at_s:
            self._homes = self.began_at_s, homes_before(self.habits, self.began_at_s)
        return self._homes[1]

    def resolve(self, submitter: Submitter, from_address: str) -> Submitter:
        """The likely submitter where no witness names the account.

        The only account ever seen at the address; in webmail the account of the From line. Good
        for the thief's address too, but it is the address that then decides.
        """
        if submitter.account is not None:
            return submitter
        if is_loopback(submitter.address):
            is_known = from_address in self.accounts
            return Submitter(from_address, submitter.address) if is_known else submitter
        seen = self.users.get(submitter.address, frozenset())
        return Submitter(next(iter(seen)), submitter.address) if len(seen) == 1 else submitter

    def suspect(self, submitter: Submitter, because: str) -> None:
        """Take a submitter for a possible second thief."""
        self.suspected.setdefault(submitter, because)
        self.suspected_accounts.add(submitter.account)

    def prove(self, submitter: Submitter, because: str) -> None:
        """Take a submitter as the thief's."""
        self.proved.setdefault(submitter, because)
        self.addresses.add(submitter.address)
        self.networks.add(network_of(submitter.address))

    def steal(self, account: str, because: str, *, was_named: bool = False) -> None:
        """Take an account as stolen."""
        self.stolen.setdefault(account, StolenAccount(account, was_named, because))


def days_before(habit: Habit, at_s: int) -> int:
    """On how many days before the one of this second the submitter sent something."""
    return sum(1 for day in habit.days if day < at_s // DAY_S)
