"""Which names are one account: found out from what the server told, the queue and the log."""

from collections.abc import Iterable
from typing import Final

from playbook.smtplog.accounts import fold_account
from playbook.triage.features import Features, FileKind
from playbook.triage.history import LogHistory
from playbook.triage.identities import Identities, is_list

_MOST_NAMES: Final = 1 << 16
_WITNESSES: Final = 3


def identify(
    queue: Iterable[Features], log: LogHistory, named: Iterable[str], told: Identities
) -> Identities:
    """What is told, and what queue and log show besides. One pass over the queue.

    A bare login name stays as it is: it fits its account anyhow, and tells of no domain.
    """
    accounts = {*map(fold_account, named), *log.logins}
    witnessed = _witnessed(queue, log, accounts)
    likely = _likely(log, {*map(fold_account, named)}, accounts)
    aliases = {**likely, **witnessed, **told.aliases}
    return Identities(
        aliases={name: each for name, each in aliases.items() if name != each.partition("@")[0]},
        likely=frozenset(likely) - witnessed.keys() - told.aliases.keys(),
        own_addresses=told.own_addresses | log.own_addresses(),
    )


def _witnessed(queue: Iterable[Features], log: LogHistory, accounts: set[str]) -> dict[str, str]:
    """Aliases told by blocks that name one account where the log shows one other name, always.

    The block's account must be known otherwise: a list's name stands there too.
    """
    behind: dict[str, dict[str, int]] = {}
    for features in queue:
        if features.kind is not FileKind.MESSAGE or not features.account or is_list(features):
            continue
        block = fold_account(features.account)
        logged = log.submitter_of(features.message_id, features.at_s)
        if logged is None or not logged.account:
            continue
        if logged.account in behind or len(behind) < _MOST_NAMES:
            counts = behind.setdefault(logged.account, {})
            if block in counts or len(counts) <= _WITNESSES:
                counts[block] = counts.get(block, 0) + 1
    return {
        name: account
        for name, counts in behind.items()
        for account, count in counts.items()
        if len(counts) == 1 and account != name and account in accounts and count >= _WITNESSES
    }


def _likely(log: LogHistory, named: set[str], accounts: set[str]) -> dict[str, str]:
    """Other names of the accounts that a person named, as far as the log makes them likely.

    A name that wrote as one such account and never as itself or another; or that of the account
    at another domain, which never wrote as itself.
    """
    found: dict[str, str] = {}
    for name in log.logins - named:
        wrote_as = accounts.intersection(log.writes_as.get(name, ()))
        same = wrote_as or {each for each in named if _is_namesake(name, each)}
        if len(same) == 1 and name not in same and same <= named:
            found[name] = next(iter(same))
    return found


def _is_namesake(name: str, other: str) -> bool:
    local, _, domain = name.partition("@")
    other_local, _, other_domain = other.partition("@")
    return bool(domain and other_domain) and local == other_local and domain != other_domain
