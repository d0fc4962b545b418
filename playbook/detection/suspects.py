"""Which accounts look compromised, by what the log and the queue say of them, with the reasons."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from statistics import median
from typing import Final

from playbook.smtplog.accounts import NO_ALIASES, fold_account, is_same_account
from playbook.smtplog.deliveries import Delivery
from playbook.smtplog.sessions import Login, Session
from playbook.triage.attribution import network_of
from playbook.triage.compromise import is_compromised

MAX_HELD_PER_ACCOUNT: Final = 4096
_FEW_SENDERS: Final = 3
_MANY_ADDRESSES: Final = 4
_MANY_MESSAGES: Final = 50
_TIMES_THE_OTHERS: Final = 10
_QUEUE_SHARE: Final = 0.3


@dataclass(frozen=True, slots=True)
class Suspect:
    """One account and the evidence against it; `reasons` is empty when there is none.

    `is_strong` means that the evidence is more than volume: the senders tell that it is compromised
    (`compromise.py`), or it logged in from far more addresses than others. Distinct counts stop
    at 4,096. Times are seconds since 1970 on the server's wall clock. `submissions` counts
    messages, `queued` queue files.
    """

    account: str
    is_strong: bool
    reasons: tuple[str, ...]
    submissions: int
    recipients: int
    addresses: int
    forged_senders: int
    queued: int
    first_at_s: int | None
    last_at_s: int | None


@dataclass(slots=True)
class _Activity:
    submissions: int = 0
    recipients: int = 0
    first_at_s: int | None = None
    last_at_s: int | None = None
    queued: int = 0
    first_seen: dict[str, int | None] = field(default_factory=dict)
    forged: Counter[str] = field(default_factory=Counter)
    networks: set[str] = field(default_factory=set)


def find_suspects(
    sessions: Iterable[Session | Delivery],
    queued: Mapping[str, int] | None = None,
    aliases: Mapping[str, str] = NO_ALIASES,
) -> tuple[Suspect, ...]:
    """Every account that submitted or has queue files, the most suspicious first.

    `queued` holds how many queue files name each account as `original sender`, `aliases` gives the
    account behind a name. Linear in
    the log; a log that begins in the middle of a session loses that session's account, no more.
    """
    activities: dict[str, _Activity] = {}
    for session in sessions:
        if isinstance(session, Session) and session.account and session.login is Login.ACCEPTED:
            account = aliases.get(session.account, session.account)
            _add_session(activities.setdefault(account, _Activity()), session, account)
    _add_queued(activities, queued or {}, aliases)
    usual = _Usual.of(activities)
    suspects = [_judge(account, activity, usual) for account, activity in activities.items()]
    return tuple(sorted(suspects, key=_rank))


@dataclass(frozen=True, slots=True)
class _Usual:
    submissions: float
    addresses: float
    forged: int
    queued_total: int

    @classmethod
    def of(cls, activities: Mapping[str, _Activity]) -> "_Usual":
        return cls(
            submissions=median([a.submissions for a in activities.values()] or [0]),
            addresses=median([len(a.first_seen) for a in activities.values()] or [0]),
            forged=max((a.forged.total() for a in activities.values()), default=0),
            queued_total=sum(a.queued for a in activities.values()),
        )


def _add_session(activity: _Activity, session: Session, account: str) -> None:
    at_s = session.first_at_s
    activity.submissions += len(session.submissions)
    activity.recipients += sum(each.recipients for each in session.submissions)
    if len(activity.first_seen) < MAX_HELD_PER_ACCOUNT:
        activity.first_seen.setdefault(session.address, at_s)
    for each in session.submissions:
        if not _is_own(each.sender, account) and (
            each.sender in activity.forged or len(activity.forged) < MAX_HELD_PER_ACCOUNT
        ):
            activity.forged[each.sender] += 1
            activity.networks.add(network_of(session.address))
    if at_s is not None and (activity.first_at_s is None or at_s < activity.first_at_s):
        activity.first_at_s = at_s
    last = session.last_at_s
    if last is not None and (activity.last_at_s is None or last > activity.last_at_s):
        activity.last_at_s = last


def _is_own(sender: str, account: str) -> bool:
    """A colleague's or an alias's address in the same domain is not forged, only unusual."""
    domain = account.partition("@")[2]
    is_colleague = bool(domain) and sender.rpartition("@")[2] == domain
    return not sender or is_colleague or is_same_account(sender, account)


def _add_queued(
    activities: dict[str, _Activity], queued: Mapping[str, int], aliases: Mapping[str, str]
) -> None:
    """A name without domain joins the one account it may be, in either direction."""
    by_login_name = {account.partition("@")[0]: account for account in activities}
    for name, count in queued.items():
        account = aliases.get(fold_account(name), fold_account(name))
        if account not in activities:
            likely = by_login_name.get(account.partition("@")[0], "")
            account = likely if is_same_account(likely, account) else account
        if account:
            activities.setdefault(account, _Activity()).queued += count


def _new_addresses(activity: _Activity) -> int:
    """Addresses first seen after the account's first hour in the log."""
    if activity.first_at_s is None:
        return 0
    known_until_s = activity.first_at_s + 3600
    return sum(1 for at_s in activity.first_seen.values() if at_s and at_s > known_until_s)


def _judge(account: str, activity: _Activity, usual: _Usual) -> Suspect:
    forged = activity.forged.total()
    is_foremost = forged == usual.forged
    is_forging = is_compromised(forged, len(activity.networks), is_foremost=is_foremost)
    addresses = len(activity.first_seen)
    is_roaming = addresses >= _MANY_ADDRESSES and addresses >= 3 * usual.addresses
    reasons = _reasons_of_senders(activity, is_enough=is_forging)
    if is_roaming:
        new = _new_addresses(activity)
        reasons.append(
            f"logged in from {addresses:,} addresses{f', {new:,} of them new' if new else ''}"
            f" (other accounts: {usual.addresses:g})"
        )
    reasons += _reasons_of_volume(activity, usual)
    return Suspect(
        account=account,
        is_strong=is_forging or is_roaming,
        reasons=tuple(reasons),
        submissions=activity.submissions,
        recipients=activity.recipients,
        addresses=addresses,
        forged_senders=len(activity.forged),
        queued=activity.queued,
        first_at_s=activity.first_at_s,
        last_at_s=activity.last_at_s,
    )


def _reasons_of_senders(activity: _Activity, *, is_enough: bool) -> list[str]:
    if len(activity.forged) < _FEW_SENDERS and not is_enough:
        return []
    sent = f"sent {activity.forged.total():,} messages with a sender of another domain"
    return [f"{sent}, {len(activity.forged):,} different, {_some(activity)}"]


def _reasons_of_volume(activity: _Activity, usual: _Usual) -> list[str]:
    reasons = []
    if activity.submissions >= max(_MANY_MESSAGES, _TIMES_THE_OTHERS * usual.submissions):
        reasons.append(
            f"submitted {activity.submissions:,} messages to {activity.recipients:,} recipients"
            f" (other accounts: {usual.submissions:g})"
        )
    if activity.queued >= max(_MANY_MESSAGES, _QUEUE_SHARE * usual.queued_total):
        reasons.append(f"is the original sender of {activity.queued:,} queue files")
    return reasons


def _some(activity: _Activity) -> str:
    domains: Counter[str] = Counter()
    for sender, count in activity.forged.items():
        domains[sender.rpartition("@")[2]] += count
    names = ", ".join(domain for domain, _ in domains.most_common(3))
    return f"mostly at {names}"


def _rank(suspect: Suspect) -> tuple[bool, int, int, int, str]:
    return (
        not suspect.is_strong,
        -len(suspect.reasons),
        -suspect.forged_senders,
        -(suspect.submissions + suspect.queued),
        suspect.account,
    )
