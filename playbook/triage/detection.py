"""Find the attacker's campaign by its forged senders.

An address is proved by what was sent from it: senders of domains that are not the server's own,
by an account that did not use the address on the days before. Other addresses follow by what they
share with proved ones (`proof.py`). Every step takes a campaign and returns one that knows more.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from playbook.smtplog.accounts import fold_account
from playbook.triage.attribution import is_loopback, network_of
from playbook.triage.campaign import USUAL_DAYS, Campaign, days_before
from playbook.triage.compromise import MANY_FORGED, is_compromised
from playbook.triage.domains import SenderDomains
from playbook.triage.history import Habit, Submitter

_FORGED_PROVES: Final = 3
_FORGED_DETECTS: Final = MANY_FORGED
_NEW_NETWORKS: Final = 3
_OFFICE_ACCOUNTS: Final = 2
_LAST_HOURS_S: Final = 36 * 3600


def find_campaign(
    habits: Mapping[Submitter, Habit],
    named: Iterable[str],
    domains: SenderDomains,
    *,
    has_history: bool,
) -> Campaign:
    """The campaign as far as forged senders show it. Linear in the number of submitters."""
    campaign = Campaign(domains, habits, has_history)
    reasons = {fold_account(account): "named by the operator" for account in named}
    campaign = campaign.stealing(reasons, were_named=True)
    campaign = replace(campaign, offices=_offices(campaign))
    forgers = {who: habit for who, habit in habits.items() if _is_forger(campaign, who, habit)}
    campaign = campaign.stealing(_forging_accounts(campaign, forgers))
    campaign = _prove_forgers(campaign, forgers)
    campaign = campaign.starting(_broke_out_s(campaign))
    newcomers = _newcomers(campaign)
    if newcomers:
        campaign = _prove_forgers(campaign.stealing(newcomers), forgers)
    return _prove_nameless_newcomers(campaign)


def _prove_forgers(campaign: Campaign, forgers: Mapping[Submitter, Habit]) -> Campaign:
    counts = {who: _forged(campaign, habit) for who, habit in forgers.items()}
    proved = {who for who, count in counts.items() if _is_proved(campaign, who, count)}
    because = {who: f"{counts[who]:,} messages with a sender of another domain" for who in proved}
    others = {who: count for who, count in counts.items() if who not in proved}
    return replace(campaign.proving(because), forgers=others)


def _is_proved(campaign: Campaign, who: Submitter, forged: int) -> bool:
    """A few foreign senders are the attacker's only as his account: a web shop sends such too."""
    if who.account is None:
        return forged >= _FORGED_DETECTS
    return campaign.is_stolen(who.account)


def _newcomers(campaign: Campaign) -> dict[str, str]:
    """Accounts that forge widely from where they were never seen until the campaign began.

    From one place it takes many messages, from three networks a few in each.
    """
    known = campaign.accounts_with_past if campaign.has_history else frozenset()
    forged: dict[str, int] = {}
    networks: dict[str, set[str]] = {}
    for who, count in campaign.forgers.items():
        if who.account in known and campaign.is_during(campaign.habits[who].first_at_s or 0):
            account = who.account or ""
            forged[account] = forged.get(account, 0) + count
            networks.setdefault(account, set()).add(network_of(who.address))
    return {
        account: f"sent {count:,} messages with forged senders from new places"
        for account, count in forged.items()
        if count >= _FORGED_DETECTS or len(networks[account]) >= _NEW_NETWORKS
    }


def _prove_nameless_newcomers(campaign: Campaign) -> Campaign:
    """Nameless logins at addresses that came with the campaign and sent only foreign senders."""
    found: dict[Submitter, str] = {}
    for who, forged in campaign.forgers.items():
        habit = campaign.habits[who]
        is_new = campaign.has_history and campaign.is_during(habit.first_at_s or 0)
        is_all = habit.files >= _FORGED_DETECTS and forged == habit.messages
        if who.account is None and is_new and is_all:
            found[who] = f"{habit.messages:,} messages, all with a sender of another domain"
    others = {who: count for who, count in campaign.forgers.items() if who not in found}
    return replace(campaign.proving(found), forgers=others)


def _broke_out_s(campaign: Campaign) -> int:
    """When the attacker first forged, or some hours before the last mail of all."""
    firsts = [_first_forged_s(campaign, campaign.habits[who]) for who in campaign.proved]
    return min((first for first in firsts if first), default=0) or _last_hours(campaign.habits)


def _offices(campaign: Campaign) -> frozenset[str]:
    """Addresses that several accounts use without a forged sender, two of them for some days.

    Where no past is known it takes three accounts, because two may both be compromised.
    """
    users: dict[str, int] = {}
    settled_s = _last_hours(campaign.habits)
    for who, habit in campaign.habits.items():
        if not who.account or not who.address or is_loopback(who.address):
            continue
        if _forged(campaign, habit) or campaign.is_stolen(who.account):
            continue
        if not campaign.has_history or days_before(habit, settled_s):
            users[who.address] = users.get(who.address, 0) + 1
    needed = _OFFICE_ACCOUNTS if campaign.has_history else _OFFICE_ACCOUNTS + 1
    return frozenset(address for address, accounts in users.items() if accounts >= needed)


def _is_forger(campaign: Campaign, who: Submitter, habit: Habit) -> bool:
    if who.account == "" or not who.address or is_loopback(who.address):
        return False
    if who.address in campaign.offices or _forged(campaign, habit) < _FORGED_PROVES:
        return False
    return days_before(habit, _first_forged_s(campaign, habit)) < USUAL_DAYS


def _forged(campaign: Campaign, habit: Habit) -> int:
    is_foreign = campaign.domains.is_foreign
    return sum(count for domain, count in habit.domains.items() if is_foreign(domain))


def _first_forged_s(campaign: Campaign, habit: Habit) -> int:
    is_foreign = campaign.domains.is_foreign
    times = (at_s for domain, at_s in habit.first_by_domain.items() if is_foreign(domain))
    return min(times, default=0)


def _last_hours(habits: Mapping[Submitter, Habit]) -> int:
    latest = max((habit.last_at_s or 0 for habit in habits.values()), default=0)
    return max(latest - _LAST_HOURS_S, 0)


def _forging_accounts(campaign: Campaign, forgers: Mapping[Submitter, Habit]) -> dict[str, str]:
    """Accounts that no person named: those that forged widely, and the one that forged most.

    The latter only where no named account forged: a wrong name must not hide the right one.
    """
    forged: dict[str, int] = {}
    networks: dict[str, set[str]] = {}
    for who, habit in forgers.items():
        if who.account:
            forged[who.account] = forged.get(who.account, 0) + _forged(campaign, habit)
            networks.setdefault(who.account, set()).add(network_of(who.address))
    ranked = sorted(forged, key=lambda account: -forged[account])
    is_named_seen = any(campaign.is_stolen(account) for account in ranked)
    return {
        account: f"sent {forged[account]:,} messages with forged senders"
        for account in ranked
        if is_compromised(
            forged[account],
            len(networks[account]),
            is_foremost=account == ranked[0] and not is_named_seen,
        )
    }
