"""Who stands out in a sample of the queue and the end of the SMTP log."""

from collections.abc import Iterable
from dataclasses import dataclass

from playbook.detection.suspects import find_suspects
from playbook.mail.survey import Signs
from playbook.smtplog.accounts import is_among
from playbook.smtplog.deliveries import Delivery
from playbook.smtplog.sessions import Login, Session


@dataclass(frozen=True)
class Suspicion:
    """An account that stands out, and why, in sentences that a person can check."""

    account: str
    is_strong: bool
    reasons: tuple[str, ...]


def suspicions_in(signs: Signs) -> tuple[Suspicion, ...]:
    """The accounts with evidence against them, the most suspicious first."""
    found = find_suspects(signs.sessions, dict(signs.queued))
    return tuple(
        Suspicion(each.account, each.is_strong, each.reasons) for each in found if each.reasons
    )


def logins(sessions: Iterable[Session | Delivery], accounts: tuple[str, ...]) -> tuple[str, ...]:
    """A sentence for every session in which one of the accounts logged in."""
    return tuple(
        f"{session.account} logged in from {session.address}"
        for session in sessions
        if isinstance(session, Session)
        and session.login is Login.ACCEPTED
        and is_among(session.account, accounts)
    )


def logins_from_here(
    sessions: Iterable[Session | Delivery], accounts: tuple[str, ...]
) -> tuple[str, ...]:
    """A sentence for every login of one of the accounts from the server itself (webmail)."""
    found = logins(sessions, accounts)
    return tuple(each for each in found if each.endswith((" 127.0.0.1", " ::1")))
