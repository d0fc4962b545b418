"""Take the password away from the attacker."""

from dataclasses import dataclass
from typing import ClassVar

from playbook.engine.findings import AccountsClosed, CompromisedAccounts
from playbook.engine.inputs import Consent
from playbook.engine.step import Step
from playbook.incident.obligations import password_in_directory, password_unchanged
from playbook.mail.actions import PasswordReset, SubmissionSet
from playbook.mail.server import Reader
from playbook.mail.survey import Account, PasswordPolicy
from playbook.plan import Action, Change, Irreversible, Plan
from playbook.secret import PasswordShape


@dataclass(frozen=True)
class AccountState:
    """The compromised accounts, and what the server asks of a password."""

    accounts: tuple[Account, ...]
    policy: PasswordPolicy


@dataclass(frozen=True)
class ResetPassword(Step[AccountState, AccountsClosed]):
    """Give the compromised account a new random password that nobody knows.

    Where the password is not the server's own to set (a directory), or the server refuses it,
    the account is forbidden to submit here, and the directory is left to a person.
    """

    acts: ClassVar[tuple[type[Action], ...]] = (
        PasswordReset,
        SubmissionSet,
    )

    consent: Consent
    stolen: CompromisedAccounts

    def probe(self, server: Reader) -> AccountState:
        """The accounts and the password policy."""
        seen = server.survey()
        return AccountState(seen.accounts, seen.policy)

    def plan(self, seen: AccountState) -> Plan:
        """A new password for each account, or a block where that cannot be."""
        accounts = self._stolen(seen)
        changes = [change for each in accounts for change in self._close(each, seen.policy)]
        elsewhere = [each for each in accounts if each.directory]
        return Plan(
            tuple(changes),
            "; ".join(map(_in_words, elsewhere))
            or "the attacker's password is no longer good here",
            owes=tuple(password_in_directory(each.address, each.directory) for each in elsewhere),
        )

    def finding(self, before: AccountState, after: AccountState) -> AccountsClosed:
        """How each account was closed."""
        return AccountsClosed(
            tuple(
                (each.address, "password" if each.may_submit else "blocked")
                for each in self._stolen(after)
            )
        )

    def _stolen(self, seen: AccountState) -> tuple[Account, ...]:
        """Each compromised account once, by whatever names it was named."""
        found = {each.address: each for each in seen.accounts}
        return tuple(each for name, each in found.items() if name in self.stolen.addresses)

    def _close(self, account: Account, policy: PasswordPolicy) -> tuple[Change, ...]:
        address = account.address
        block = Change(
            SubmissionSet(address, allowed=False),
            f"its password lies in {account.directory}, where this server cannot change it"
            if account.directory
            else "the server did not take a new password",
            SubmissionSet(address, allowed=True),
            once=True,
            owes=() if account.directory else (password_unchanged(address),),
        )
        if account.directory:
            return (block,) if account.may_submit else ()
        reset = Change(
            PasswordReset(address, _shape(policy), self.consent.expire_password),
            "the old password is known to the attacker",
            Irreversible("the old password is known to the attacker, and to nobody here"),
            once=True,
            otherwise=block,
        )
        return (reset,)


def _in_words(account: Account) -> str:
    """What is true of an account whose password lies elsewhere."""
    if account.may_submit:
        return (
            f"{account.address} may still submit, with a password that lies in {account.directory}"
        )
    return (
        f"{account.address} is only forbidden to submit here: the stolen password still opens its "
        f"mailbox until it is changed in {account.directory}"
    )


def _shape(policy: PasswordPolicy) -> PasswordShape:
    return PasswordShape(
        max(20, policy.length),
        max(2, policy.digits),
        max(2, policy.capitals),
        max(1, policy.signs),
    )
