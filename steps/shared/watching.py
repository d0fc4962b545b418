"""What a watch over the server shows of some accounts, and why it might not show everything."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from playbook.detection.signs import (
    Suspicion,
    aliases_of,
    logins,
    nameless_logins,
    suspicions_in,
)
from playbook.mail.server import Reader
from playbook.mail.survey import Activity
from playbook.smtplog.accounts import is_among, is_same_account
from playbook.text import counted


@dataclass(frozen=True)
class Quiet:
    """What was seen while somebody watched: nothing, if the leak is closed.

    `logins` and `submissions` are those of the accounts, also from an earlier watch since which
    nothing was changed against it; `before` says that they are all of such a one. `others` send
    like compromised accounts. `blind` says why a login might not have been seen.
    """

    watched_s: int
    running: bool
    logins: tuple[str, ...]
    submissions: tuple[str, ...]
    others: tuple[Suspicion, ...] = ()
    blind: tuple[str, ...] = ()
    before: bool = False


def watched(server: Reader, seconds: int, mine: tuple[str, ...]) -> Quiet:
    """Watch the log and the new queue for these accounts."""
    seen = server.watch(seconds)
    accounts = server.survey().accounts
    aliases = aliases_of(accounts)
    return Quiet(
        seen.watched_s,
        seen.smtp.running,
        logins(seen.sessions, mine, aliases),
        tuple(
            f"a new queue file of {address}"
            for address in mine
            if any(is_same_account(each, address, aliases) for each, _ in seen.queued)
        ),
        tuple(
            each
            for each in suspicions_in(seen, accounts)
            if each.is_strong and not is_among(each.account, mine, aliases)
        ),
        tuple(_blind(seen, seconds)),
    )


def joined(earlier: Quiet, seen: Quiet) -> Quiet:
    """What this watch saw, and what an earlier one did."""
    return replace(
        seen,
        logins=_once(earlier.logins + seen.logins),
        submissions=_once(earlier.submissions + seen.submissions),
        before=seen.running
        and not (seen.logins or seen.submissions)
        and bool(earlier.logins or earlier.submissions),
    )


def _blind(seen: Activity, seconds: int) -> Iterator[str]:
    yield from seen.blind
    if seen.foreseen:
        yield "what will be seen then cannot be foreseen"
    if seen.skipped:
        yield f"a person ended the watch after {seen.watched_s} of {seconds} s"
    if nameless := nameless_logins(seen.sessions):
        yield f"{counted(nameless, 'login is', 'logins are')} without a name in the log"


def _once(texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))
