"""Who stands out in a sample of the queue and the end of the SMTP log."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from playbook.detection.suspects import find_suspects
from playbook.mail.survey import Account, Activity, Signs
from playbook.smtplog.accounts import NO_ALIASES, fold_account, is_among, known_aliases
from playbook.smtplog.deliveries import Delivery
from playbook.smtplog.sessions import Login, Session


@dataclass(frozen=True)
class Suspicion:
    """An account that stands out, and why, in sentences that a person can check."""

    account: str
    is_strong: bool
    reasons: tuple[str, ...]


def suspicions_in(
    signs: Signs | Activity, accounts: tuple[Account, ...] = ()
) -> tuple[Suspicion, ...]:
    """Who has evidence against them, the most suspicious first.

    Names of `accounts` are counted for the address that the server gives for them.
    """
    found = find_suspects(signs.sessions, dict(signs.queued), aliases_of(accounts))
    return tuple(
        Suspicion(each.account, each.is_strong, each.reasons) for each in found if each.reasons
    )


def aliases_of(accounts: tuple[Account, ...]) -> dict[str, str]:
    """The other names of some accounts, as the server tells them, and what a person called them."""
    known = known_aliases(
        (each.address, dict(each.settings).get("u_alias", "")) for each in accounts
    )
    for each in accounts:
        if each.address and fold_account(each.named) != each.address:
            known[fold_account(each.named)] = each.address
    return known


def logins(
    sessions: Iterable[Session | Delivery],
    accounts: tuple[str, ...],
    aliases: Mapping[str, str] = NO_ALIASES,
) -> tuple[str, ...]:
    """A sentence for every session in which one of the accounts logged in."""
    return tuple(
        f"{session.account} logged in from {session.address}"
        for session in sessions
        if isinstance(session, Session)
        and session.login is Login.ACCEPTED
        and is_among(session.account, accounts, aliases)
    )


def nameless_logins(sessions: Iterable[Session | Delivery]) -> int:
    """How many sessions logged in under a name that the log does not show."""
    return sum(
        isinstance(each, Session) and each.login is Login.ACCEPTED and not each.account
        for each in sessions
    )


def logins_from_here(
    sessions: Iterable[Session | Delivery],
    accounts: tuple[str, ...],
    aliases: Mapping[str, str] = NO_ALIASES,
    own: tuple[str, ...] = (),
) -> tuple[str, ...]:
    """A sentence for every login of one of the accounts from the server itself (webmail).

    `own` are the server's addresses besides the loopback ones.
    """
    found = logins(sessions, accounts, aliases)
    here = tuple(f" {each}" for each in ("127.0.0.1", "::1", *own))
    return tuple(each for each in found if each.endswith(here))
