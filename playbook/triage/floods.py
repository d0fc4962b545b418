"""What the mailings of a queue mean: a flood to strangers, somebody's habit, or a question."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Final

from playbook.smtplog.sessions import DAY_S
from playbook.triage.attribution import is_loopback
from playbook.triage.campaign import Campaign
from playbook.triage.history import Submitter
from playbook.triage.mailings import (
    FLOOD_MESSAGES,
    MIN_FILES,
    MIN_LINKED,
    Mailing,
    Mailings,
    sender_key,
)

_MAX_KNOWN_SHARE: Final = 0.05
_MOST: Final = ((20, 0.15), (50, 0.05))
_MOST_BESIDE_OUTSIDE: Final = ((100, 0.25),)
_QUEUE_SHARE: Final = 0.05
_FEW: Final = 10
_DIFFERENT: Final = 30
_TIMES_USUAL: Final = 3


class Standing(Enum):
    """What a mailing is held to be."""

    SPAM = "a flood to strangers, as a compromised account"
    QUESTION = "a mailing of which nothing tells who sent it"
    OUTSIDE_FLOOD = "a flood to strangers, mostly sent from places that are not the account's"
    OUTSIDE = "mostly sent from places that are not the account's"
    LIKE_BEFORE = "a mailing like that of the days before"
    SMALL = "a few mails alike"


FLOODS: Final = frozenset({Standing.SPAM, Standing.OUTSIDE_FLOOD})


@dataclass(frozen=True, slots=True)
class Floods:
    """The standing of every mailing by its mark, and who sent too many different mails.

    `scattering` are compromised accounts that wrote to very many strangers, each time something
    else, and more than they ever do.
    """

    standings: dict[str, Standing]
    scattering: frozenset[str]

    def of(self, mailing: Mailing | None) -> Standing:
        """The standing of a mailing; none has none."""
        return self.standings[mailing.mark] if mailing else Standing.SMALL


def weigh_mailings(campaign: Campaign, mailings: Mailings, *, knows_strangers: bool) -> Floods:
    """The standing of each mailing by what is known of the campaign and of the days before."""
    busiest = busiest_days(campaign)
    accounts = {sender_key(who): who.account for who in campaign.habits}
    scale = _Scale(
        campaign,
        mailings,
        busiest,
        accounts,
        sum(mailings.totals.values()),
        knows_strangers=knows_strangers,
    )
    standings = {each.mark: scale.standing(each) for each in mailings.mailings.values()}
    for name in _beside_floods(standings, mailings):
        standings[name] = Standing.QUESTION
    scattering = {
        key
        for key, lone in mailings.lone.items()
        if campaign.is_stolen(key)
        and not campaign.is_explained(key)
        and lone >= max(_DIFFERENT, _TIMES_USUAL * busiest.get(key, 0))
    }
    return Floods(standings, frozenset(scattering))


def _beside_floods(standings: dict[str, Standing], mailings: Mailings) -> list[str]:
    """The other mailings of senders of whom a large one is a question, but for earlier ones."""
    asked = {
        each.sender
        for each in mailings.mailings.values()
        if standings[each.mark] is Standing.QUESTION and each.is_flood
    }
    return [
        each.mark
        for each in mailings.mailings.values()
        if each.sender in asked and standings[each.mark] is Standing.SMALL
    ]


def floods_of_stolen(floods: Floods, mailings: Mailings) -> Iterable[Mailing]:
    """The mailings to strangers of compromised accounts, wherever they came from."""
    return [m for m in mailings.mailings.values() if floods.of(m) in FLOODS]


def busiest_days(campaign: Campaign) -> dict[str, int]:
    """The most messages of one day before the campaign, by sender."""
    today = campaign.broke_out_at_s // DAY_S
    by_day: dict[str, dict[int, int]] = {}
    for who, habit in campaign.habits.items():
        days = by_day.setdefault(sender_key(who), {})
        for day, messages in habit.days.items():
            if day < today:
                days[day] = days.get(day, 0) + messages
    return {key: max(days.values(), default=0) for key, days in by_day.items()}


@dataclass(frozen=True, slots=True)
class _Scale:
    campaign: Campaign
    mailings: Mailings
    busiest: dict[str, int]
    accounts: dict[str, str | None]
    queued: int
    knows_strangers: bool

    def standing(self, mailing: Mailing) -> Standing:
        if mailing.early == mailing.files:
            return Standing.LIKE_BEFORE
        if mailing.files < (MIN_FILES if mailing.is_text else MIN_LINKED):
            return Standing.SMALL
        account = self.accounts.get(mailing.sender, mailing.sender)
        if self.campaign.is_explained(account) and self._is_from_outside(mailing, account):
            is_flood = self._is_to_strangers(mailing) and self._is_most(mailing, _MOST)
            return Standing.OUTSIDE_FLOOD if is_flood else Standing.OUTSIDE
        if self.campaign.is_stolen(account):
            return self._of_stolen(mailing, account)
        return self._of_other(mailing, account)

    def _of_stolen(self, mailing: Mailing, account: str | None) -> Standing:
        is_explained = self.campaign.is_explained(account)
        is_flood = mailing.is_flood
        least = _MOST_BESIDE_OUTSIDE if is_explained else _MOST
        if self._is_to_strangers(mailing) and self._is_most(mailing, least):
            return Standing.SPAM
        if mailing.early and not is_flood:
            return Standing.LIKE_BEFORE
        if is_flood or not is_explained or self._leads_out_of_webmail(mailing):
            return Standing.QUESTION
        return Standing.SMALL

    def _is_from_outside(self, mailing: Mailing, account: str | None) -> bool:
        """Whether most of it came from where the account does not belong: the place tells then."""
        home = sum(
            files
            for place, files in mailing.places.items()
            if is_loopback(place) or self.campaign.is_usual(Submitter(account, place))
        )
        return 2 * home < sum(mailing.places.values())

    def _is_to_strangers(self, mailing: Mailing) -> bool:
        """Sure of it: the log knows strangers, and the account never sent as many on a day."""
        is_usual = 2 * self.busiest.get(mailing.sender, 0) >= mailing.messages
        return self.knows_strangers and not self._has_readers(mailing) and not is_usual

    def _is_most(self, mailing: Mailing, bounds: tuple[tuple[int, float], ...]) -> bool:
        """Whether it is much of what the account sent, by messages and by share of them."""
        total = self.mailings.totals.get(mailing.sender, 0)
        return any(mailing.messages >= max(least, share * total) for least, share in bounds)

    def _leads_out_of_webmail(self, mailing: Mailing) -> bool:
        is_webmail = any(map(is_loopback, mailing.places))
        leads_out = 2 * mailing.leading >= mailing.files and 2 * mailing.homeward < mailing.files
        return is_webmail and leads_out

    def _of_other(self, mailing: Mailing, account: str | None) -> Standing:
        """A sender that nothing names: not proof, but a question where it looks like a flood."""
        if mailing.early:
            return Standing.LIKE_BEFORE
        if account and self._is_elsewhere(mailing, account):
            return Standing.QUESTION
        is_usual = 2 * self.busiest.get(mailing.sender, 0) >= mailing.messages
        least = FLOOD_MESSAGES if self.campaign.proved else _FEW
        if mailing.messages < least or is_usual or self._has_readers(mailing):
            return Standing.SMALL
        is_large = mailing.messages >= _QUEUE_SHARE * self.queued
        if is_large or not self.campaign.proved:
            return Standing.QUESTION
        return Standing.SMALL

    def _has_readers(self, mailing: Mailing) -> bool:
        """Whether some recipients were known before, or most of it leads to the own domains."""
        is_known = mailing.to_known > _MAX_KNOWN_SHARE * mailing.files
        return is_known or 2 * mailing.homeward >= mailing.files

    def _is_elsewhere(self, mailing: Mailing, account: str) -> bool:
        """Whether some of it came from a network and a computer strange to the account."""
        outside = (place for place in mailing.places if not is_loopback(place))
        return any(self.campaign.is_stranger(Submitter(account, place)) for place in outside)
