"""Look for what the attacker left in order to stay."""

from dataclasses import dataclass
from typing import ClassVar

from playbook.engine.findings import CompromisedAccounts, PersistenceFound
from playbook.engine.step import Step
from playbook.incident.obligations import persistence
from playbook.mail.server import Reader
from playbook.mail.survey import Account, Persistence
from playbook.plan import Plan

_NOT_READ = "not looked at: identities and reply-to in its webmail, remote accounts"


@dataclass(frozen=True)
class AccountSettings:
    """The compromised accounts with their settings."""

    accounts: tuple[Account, ...]


@dataclass(frozen=True)
class CheckPersistence(Step[AccountSettings, PersistenceFound]):
    """Look for what the attacker left in the account to stay: forwarders, rules, names, rights.

    A forwarder or a rule outlives a new password: mail goes on to the attacker, which makes a
    spam run a data breach. Each is owed until a person says that it is the owner's own, or gone.
    """

    by_hand: ClassVar[tuple[str, ...]] = (
        "/opt/icewarp/tool.sh get account ACCOUNT u_forwardto u_mailin u_mailout u_rulessieve",
        "and the identities and the reply-to in the account's webmail",
    )

    stolen: CompromisedAccounts

    def probe(self, server: Reader) -> AccountSettings:
        """The settings of the accounts."""
        return AccountSettings(server.survey().accounts)

    def plan(self, seen: AccountSettings) -> Plan:
        """Nothing is changed: only its owner knows whose it is."""
        found = self._found(seen)
        words = "; ".join(f"{each.address}: {what.what}" for each, what in found)
        return Plan(
            (),
            f"{words or 'nothing was found'}; {_NOT_READ}",
            owes=tuple(persistence(each.address, what) for each, what in found),
        )

    def finding(self, before: AccountSettings, after: AccountSettings) -> PersistenceFound:
        """Each account and what is set in it."""
        return PersistenceFound(
            tuple(
                (each.address, f"{what.what} ({what.setting})") for each, what in self._found(after)
            )
        )

    def _found(self, seen: AccountSettings) -> list[tuple[Account, Persistence]]:
        accounts = {each.address: each for each in seen.accounts}
        return [
            (each, what)
            for name, each in accounts.items()
            if name in self.stolen.addresses
            for what in each.persistence
        ]
