"""Find the thief's run by its forged senders.

An address is proved by what was sent from it: senders of domains that are not the server's own,
by an account that did not use the address on the days before. Other addresses follow by what they
share with proved ones (``proof.py``).
"""

from collections.abc import Iterable, Mapping

from playbook.smtplog.accounts import fold_account
from playbook.triage.attribution import is_loopback, network_of
from playbook.triage.campaign import USUAL_DAYS, Campaign, days_before
from playbook.triage.compromise import MANY_FORGED, is_compromised
from playbook.triage.domains import SenderDomains
from playbook.triage.history import Habit, Submitter

_FORGED_PROVES = 3
_FORGED_DETECTS = MANY_FORGED
_NEW_NETWORKS = 3
_OFFICE_ACCOUNTS = 2
_LAST_HOURS_S = 36 * 3600


def find_run(
    habits: Mapping[Submitter, Habit],
    named: Iterable[str],
    domains: SenderDomains,
    *,
    has_history: bool,
) -> Campaign:
    """The run as far as forged senders show it. Linear in the number of submitters."""
    run = Campaign(domains, habits, has_history=has_history)
    for account in named:
        run.steal(fold_account(account), "named by the operator", was_named=True)
    run.accounts = frozenset(who.account for who in habits if who.account).union(run.stolen)
    run.users = _users(habits)
    run.offices = _offices(run)
    forgers = {who: habit for who, habit in habits.items() if _is_forger(run, who, habit)}
    _detect_accounts(run, forgers)
    _prove_forgers(run, forgers)
    run.began_at_s = _began_s(run)
    if _detect_newcomers(run):
        _prove_forgers(run, forgers)
    _prove_nameless_newcomers(run)
    follow_addresses(run)
    return run


def _prove_forgers(run: Campaign, forgers: Mapping[Submitter, Habit]) -> None:
    run.forgers.clear()
    for who, habit in forgers.items():
        if _is_stolen_or_nameless(run, who, habit):
            run.prove(who, f"{_forged(run, habit):,} messages with a sender of another domain")
        else:
            run.forgers[who] = _forged(run, habit)


def _detect_newcomers(run: Campaign) -> bool:
    """Steal accounts that forge widely from where they were never seen until the run began.

    From one place it takes many messages, from three networks a few in each.
    """
    known = run.accounts_with_past() if run.has_history else set()
    forged: dict[str, int] = {}
    networks: dict[str, set[str]] = {}
    for who, count in run.forgers.items():
        if who.account in known and run.is_during(run.habits[who].first_at_s or 0):
            account = who.account or ""
            forged[account] = forged.get(account, 0) + count
            networks.setdefault(account, set()).add(network_of(who.address))
    found = [
        account
        for account, count in forged.items()
        if count >= _FORGED_DETECTS or len(networks[account]) >= _NEW_NETWORKS
    ]
    for account in found:
        run.steal(account, f"sent {forged[account]:,} messages with forged senders from new places")
    return bool(found)


def _prove_nameless_newcomers(run: Campaign) -> None:
    """Nameless logins at addresses that came with the run, and sent nothing but foreign senders."""
    for who, forged in list(run.forgers.items()):
        habit = run.habits[who]
        is_new = run.has_history and run.is_during(habit.first_at_s or 0)
        is_all = habit.files >= _FORGED_DETECTS and forged == habit.messages
        if who.account is None and is_new and is_all:
            run.prove(who, f"{habit.files:,} files, all with a sender of another domain")
            del run.forgers[who]


def _began_s(run: Campaign) -> int:
    """When the thief first forged; what others send for their customers all week does not count."""
    firsts = [_first_forged_s(run, run.habits[who]) for who in run.proved]
    return min((first for first in firsts if first), default=0) or _last_hours(run.habits)


def follow_addresses(run: Campaign) -> None:
    """Take as stolen every account that was used from a proved address not usual for it."""
    for who in run.habits:
        if who.address not in run.addresses or not who.account or run.is_usual(who):
            continue
        if not run.is_stolen(who.account):
            run.steal(who.account, f"used from {who.address}, as the stolen account was")
        run.prove(who, "an address from which forged senders were sent")


def _users(habits: Mapping[Submitter, Habit]) -> dict[str, frozenset[str]]:
    users: dict[str, frozenset[str]] = {}
    for who in habits:
        if who.account and who.address:
            users[who.address] = users.get(who.address, frozenset()) | {who.account}
    return users


def _offices(run: Campaign) -> set[str]:
    """Addresses that several accounts use without a forged sender, two of them for some days.

    Where no past is known it takes three accounts, because two may both be stolen.
    """
    users: dict[str, int] = {}
    settled_s = _last_hours(run.habits)
    for who, habit in run.habits.items():
        if not who.account or not who.address or is_loopback(who.address):
            continue
        if _forged(run, habit) or run.is_stolen(who.account):
            continue
        if not run.has_history or days_before(habit, settled_s):
            users[who.address] = users.get(who.address, 0) + 1
    needed = _OFFICE_ACCOUNTS if run.has_history else _OFFICE_ACCOUNTS + 1
    return {address for address, accounts in users.items() if accounts >= needed}


def _is_forger(run: Campaign, who: Submitter, habit: Habit) -> bool:
    if who.account == "" or not who.address or is_loopback(who.address):
        return False
    if who.address in run.offices or _forged(run, habit) < _FORGED_PROVES:
        return False
    return days_before(habit, _first_forged_s(run, habit)) < USUAL_DAYS


def _is_stolen_or_nameless(run: Campaign, who: Submitter, habit: Habit) -> bool:
    """A few foreign senders are the thief's only under a stolen name: a web shop sends such too."""
    if who.account is None:
        return _forged(run, habit) >= _FORGED_DETECTS
    return run.is_stolen(who.account)


def _forged(run: Campaign, habit: Habit) -> int:
    is_foreign = run.domains.is_foreign
    return sum(count for domain, count in habit.domains.items() if is_foreign(domain))


def _first_forged_s(run: Campaign, habit: Habit) -> int:
    is_foreign = run.domains.is_foreign
    times = (at_s for domain, at_s in habit.first_by_domain.items() if is_foreign(domain))
    return min(times, default=0)


def _last_hours(habits: Mapping[Submitter, Habit]) -> int:
    latest = max((habit.last_at_s or 0 for habit in habits.values()), default=0)
    return max(latest - _LAST_HOURS_S, 0)


def _detect_accounts(run: Campaign, forgers: Mapping[Submitter, Habit]) -> None:
    """Accounts that no person named: those that forged widely, and the one that forged most.

    The latter only where no named account forged: a wrong name must not hide the right one.
    """
    forged: dict[str, int] = {}
    networks: dict[str, set[str]] = {}
    for who, habit in forgers.items():
        if who.account:
            forged[who.account] = forged.get(who.account, 0) + _forged(run, habit)
            networks.setdefault(who.account, set()).add(network_of(who.address))
    ranked = sorted(forged, key=lambda account: -forged[account])
    is_named_seen = any(run.is_stolen(account) for account in ranked)
    for account in ranked:
        is_dominant = account == ranked[0] and not is_named_seen
        if is_compromised(forged[account], len(networks[account]), is_foremost=is_dominant):
            run.steal(account, f"sent {forged[account]:,} messages with forged senders")
