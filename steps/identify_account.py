"""Find out which account is stolen."""

from dataclasses import dataclass
from typing import ClassVar

from playbook.detection.signs import Suspicion, suspicions_in
from playbook.engine.findings import CompromisedAccounts
from playbook.engine.inputs import ClosedElsewhere, NamedAccounts
from playbook.engine.step import Step
from playbook.incident.obligations import suspect
from playbook.mail.server import Reader
from playbook.mail.survey import Account
from playbook.plan import Hindrance, Obligation, Plan


@dataclass(frozen=True)
class Identification:
    """Each account as the server knows it, and what log and queue say of who submits."""

    accounts: tuple[Account, ...]
    suspicions: tuple[Suspicion, ...]
    partly: bool


@dataclass(frozen=True)
class IdentifyAccount(Step[Identification, CompromisedAccounts]):
    """Find the account whose password was stolen, with the evidence in the queue and the SMTP log.

    A stolen account shows in the SMTP log as one login with senders that are not its own, and in
    the queue as `original sender` lines (source: IceWarp KB 320). No evidence is a possible
    answer; a person decides then.
    """

    by_hand: ClassVar[tuple[str, ...]] = (
        "look at the top of some .tmp files in _outgoing for the line `original sender`",
    )

    named: NamedAccounts
    elsewhere: ClosedElsewhere | None = None

    def probe(self, server: Reader) -> Identification:
        """The accounts, and what a bounded sample of queue and log says."""
        seen = server.survey()
        return Identification(
            seen.accounts, suspicions_in(seen.signs, seen.accounts), seen.signs.partly
        )

    def plan(self, seen: Identification) -> Plan:
        """Nothing is changed; what is not known or not seen is a person's decision."""
        known = {account.address for account in seen.accounts}
        others = tuple(each for each in seen.suspicions if each.account not in known)
        unseen = [address for address in sorted(known) if not _evidence(seen, address)]
        found = "; ".join(
            f"{address}: {_evidence(seen, address)}" for address in sorted(known - set(unseen))
        )
        return Plan(
            (),
            found or "there is no evidence",
            refuses=_unknown(seen.accounts) or _unfounded(unseen),
            owes=tuple(
                _obligation(each)
                for each in others
                if each.is_strong and not (self.elsewhere and self.elsewhere.knows(each.account))
            ),
        )

    def finding(self, before: Identification, after: Identification) -> CompromisedAccounts:
        """The addresses of the accounts named."""
        return CompromisedAccounts(tuple(account.address for account in after.accounts))


def _evidence(seen: Identification, address: str) -> str:
    return next(
        ("; ".join(each.reasons) for each in seen.suspicions if each.account == address), ""
    )


def _unknown(accounts: tuple[Account, ...]) -> Hindrance | None:
    for account in accounts:
        if account.candidates:
            names = ", ".join(account.candidates)
            return Hindrance(f"{account.named} may be {names}", "Name the whole address.")
        if not account.address:
            return Hindrance(
                f"{account.named} is no account of this server", "Name a local account."
            )
    return None if accounts else Hindrance("No account was named", "Name the stolen account.")


def _unfounded(unseen: list[str]) -> Hindrance | None:
    if not unseen:
        return None
    return Hindrance(
        f"Neither queue nor log holds evidence against {', '.join(unseen)}",
        "Check the name; to go on all the same, give a reason with --override.",
        overridable=True,
    )


def _obligation(other: Suspicion) -> Obligation:
    return suspect(other.account, f": {'; '.join(other.reasons)}")
