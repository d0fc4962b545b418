"""Which accounts look stolen, by what the log and the queue say of them, with the reasons."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from statistics import median

from playbook.smtplog.accounts import NO_ALIASES, fold_account, is_same_account
from playbook.smtplog.deliveries import Delivery
from playbook.smtplog.sessions import Login, Session

MAX_HELD_PER_ACCOUNT = 4096
_FEW_SENDERS = 3
_MANY_FORGED = 20
_MANY_ADDRESSES = 4
_MANY_MESSAGES = 50
_TIMES_THE_OTHERS = 10
_QUEUE_SHARE = 0.3


@dataclass(frozen=True, slots=True)
class Suspect:
    """One account and the evidence against it; ``reasons`` is empty when there is none.

    ``is_strong`` means that the evidence is more than volume: senders that are not the account,
    or addresses it was never seen from. Distinct counts stop at 4,096. Times are seconds since
    1970 on the server's wall clock. ``submissions`` counts messages, ``queued`` queue files.
    """

    account: str
    is_strong: bool
    reasons: tuple[str, ...]
    submissions: int
    recipients: int
    addresses: int
    new_addresses: int
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


def suspect_of(suspects: Iterable[Suspect], account: str) -> Suspect | None:
    """What is known of one account, which may be given as a bare login name."""
    folded = fold_account(account)
    found = [suspect for suspect in suspects if is_same_account(suspect.account, folded)]
    return found[0] if found else None


@dataclass(frozen=True, slots=True)
class _Usual:
    submissions: float
    addresses: float
    queued_total: int

    @classmethod
    def of(cls, activities: Mapping[str, _Activity]) -> "_Usual":
        return cls(
            submissions=median([a.submissions for a in activities.values()] or [0]),
            addresses=median([len(a.first_seen) for a in activities.values()] or [0]),
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
    addresses, new = len(activity.first_seen), _new_addresses(activity)
    strong: list[str] = []
    weak: list[str] = []
    forged = activity.forged.total()
    if len(activity.forged) >= _FEW_SENDERS or forged >= _MANY_FORGED:
        strong.append(
            f"sent {forged:,} messages with a sender of another domain,"
            f" {len(activity.forged):,} different, {_some(activity)}"
        )
    if addresses >= _MANY_ADDRESSES and addresses >= 3 * usual.addresses:
        strong.append(
            f"logged in from {addresses:,} addresses{f', {new:,} of them new' if new else ''}"
            f" (other accounts: {usual.addresses:g})"
        )
    if activity.submissions >= max(_MANY_MESSAGES, _TIMES_THE_OTHERS * usual.submissions):
        weak.append(
            f"submitted {activity.submissions:,} messages to {activity.recipients:,} recipients"
            f" (other accounts: {usual.submissions:g})"
        )
    if activity.queued >= max(_MANY_MESSAGES, _QUEUE_SHARE * usual.queued_total):
        weak.append(f"is the original sender of {activity.queued:,} queue files")
    return Suspect(
        account=account,
        is_strong=bool(strong),
        reasons=(*strong, *weak),
        submissions=activity.submissions,
        recipients=activity.recipients,
        addresses=addresses,
        new_addresses=new,
        forged_senders=len(activity.forged),
        queued=activity.queued,
        first_at_s=activity.first_at_s,
        last_at_s=activity.last_at_s,
    )


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
