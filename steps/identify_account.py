"""Find out which account is compromised."""

from dataclasses import dataclass
from typing import ClassVar

from playbook.detection.signs import Suspicion, suspicions_in
from playbook.engine.findings import CompromisedAccounts
from playbook.engine.inputs import ClosedElsewhere, NamedAccounts
from playbook.engine.step import Step
from playbook.incident.obligations import suspect
from playbook.mail.server import Reader
from playbook.mail.survey import Account
from playbook.plan import Hindrance, Plan
from playbook.smtplog.accounts import is_among


@dataclass(frozen=True)
class Identification:
    """Each account as the server knows it, and what log and queue say of who submits."""

    accounts: tuple[Account, ...]
    suspicions: tuple[Suspicion, ...]


@dataclass(frozen=True)
class IdentifyAccount(Step[Identification, CompromisedAccounts]):
    """Find the account whose password was stolen, with the evidence in the queue and the SMTP log.

    A compromised account shows in the SMTP log as one login with senders that are not its own, and
    in the queue as `original sender` lines (source: IceWarp KB 320). No evidence is a possible
    answer; a person decides then. The figures are of a sample: the sorting counts the whole.
    """

    by_hand: ClassVar[tuple[str, ...]] = (
        "look at the top of some .tmp files in _outgoing for the line `original sender`",
    )

    named: NamedAccounts
    elsewhere: ClosedElsewhere | None = None

    def probe(self, server: Reader) -> Identification:
        """The accounts, and what a bounded sample of queue and log says."""
        seen = server.survey()
        return Identification(seen.accounts, suspicions_in(seen.signs, seen.accounts))

    def plan(self, seen: Identification) -> Plan:
        """Nothing is changed; what is not known or not seen is a person's decision."""
        evidence = {each.address: _evidence(seen, each) for each in seen.accounts if each.address}
        found = "; ".join(f"{address}: {words}" for address, words in evidence.items() if words)
        unseen = [address for address, words in evidence.items() if not words]
        return Plan(
            (),
            f"in a sample of queue and log, {found or 'there is no evidence'}",
            refuses=_unknown(seen.accounts) or _unfounded(unseen),
            owes=tuple(
                suspect(each.account, f": {'; '.join(each.reasons)}") for each in self._others(seen)
            ),
        )

    def finding(self, before: Identification, after: Identification) -> CompromisedAccounts:
        """The addresses of the accounts named, and the others that look compromised."""
        addresses = dict.fromkeys(each.address for each in after.accounts)
        others = tuple(each.account for each in self._others(after))
        return CompromisedAccounts(tuple(addresses), others)

    def _others(self, seen: Identification) -> tuple[Suspicion, ...]:
        """Accounts with more than volume against them, that nobody named or closed elsewhere."""
        names = {name for each in seen.accounts for name in (each.named, each.address)}
        return tuple(
            each
            for each in seen.suspicions
            if each.is_strong
            and not is_among(each.account, names)
            and not (self.elsewhere and self.elsewhere.knows(each.account))
        )


def _evidence(seen: Identification, account: Account) -> str:
    """What speaks against an account, by whichever of its names."""
    names = (account.named, account.address)
    found = [each.reasons for each in seen.suspicions if is_among(each.account, names)]
    return "; ".join(dict.fromkeys(reason for reasons in found for reason in reasons))


def _unknown(accounts: tuple[Account, ...]) -> Hindrance | None:
    for account in accounts:
        if account.candidates:
            names = ", ".join(account.candidates)
            return Hindrance(f"{account.named} may be {names}", "Name the whole address.")
        if not account.address:
            return Hindrance(
                f"{account.named} is no account of this server", "Name a local account."
            )
    return None if accounts else Hindrance("No account was named", "Name the compromised account.")


def _unfounded(unseen: list[str]) -> Hindrance | None:
    if not unseen:
        return None
    return Hindrance(
        f"Neither queue nor log holds evidence against {', '.join(unseen)}",
        "Check the name; to go on all the same, give a reason with --override.",
        overridable=True,
    )
