"""The evidence of a whole queue, gathered in several passes over its features, then only asked."""

from collections.abc import Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Final

from playbook.triage.attribution import attribute, is_loopback
from playbook.triage.campaign import Campaign
from playbook.triage.compact import CompactMap
from playbook.triage.detection import find_campaign
from playbook.triage.domains import DomainSurvey
from playbook.triage.families import Families, Part, find_families
from playbook.triage.features import Features, FileKind
from playbook.triage.floods import FLOODS, Floods, Standing, floods_of_stolen, weigh_mailings
from playbook.triage.history import Habit, LogHistory, Submitter
from playbook.triage.mailings import Mailings, find_mailings
from playbook.triage.mails import is_attackers, is_candidate, sender_of, submitters
from playbook.triage.proof import (
    follow_addresses,
    knows_strangers,
    prove_bursts,
    prove_resembling,
)
from playbook.triage.similarity import ValueCounts

_MAX_SUBJECTS: Final = 4096
_HISTORY_DAYS: Final = 2
_HOUR_S: Final = 3600


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that a verdict may ask.

    `forged_reported` are addresses that reports go to and that the campaign forged; `subjects`
    those of its mails.
    """

    log: LogHistory
    campaign: Campaign
    families: Families
    mailings: Mailings
    floods: Floods
    copies: ValueCounts
    forged_reported: frozenset[str]
    subjects: frozenset[str]

    def copies_of(self, features: Features) -> int:
        """About how many files of the queue have nearly this text, itself included."""
        if not features.sketch:
            return 1
        counts = sorted(self.copies.of(value) for value in features.sketch)
        return max(counts[len(counts) // 2], 1)

    @property
    def knows_campaign(self) -> bool:
        """Whether any mail of the queue is held to be the attacker's."""
        return bool(self.campaign.proved) or Standing.SPAM in self.floods.standings.values()

    def is_known(self, features: Features) -> bool:
        """Whether the server wrote to a mail's recipient, or heard from it, on a day before.

        Before the mail, that is, and before the campaign.
        """
        before_s = self.campaign.broke_out_at_s
        at_s = min(features.at_s or before_s, before_s)
        return bool(features.recipient) and self.log.knew(features.recipient, at_s)


def gather(
    queue: Iterable[Features],
    log: LogHistory,
    named: tuple[str, ...],
    local_domains: tuple[str, ...],
) -> Evidence:
    """The evidence of a queue, which is iterated several times. Linear in files and log."""
    survey = _survey(queue, log)
    accounts = [*named, *(who.account for who in survey.habits)]
    domains = survey.domains.result(accounts, (name.lower() for name in local_domains))
    campaign = find_campaign(
        survey.habits,
        named,
        domains,
        has_history=_has_history(log),
    )
    mailings = _mailings(queue, log, campaign)
    campaign = _dated(campaign, mailings, log)
    campaign = _redated(campaign, prove_bursts(queue, log, campaign), mailings, log)
    campaign = follow_addresses(campaign)
    is_told = knows_strangers(log, campaign)
    floods = weigh_mailings(campaign, mailings, knows_strangers=is_told)
    families = _families(queue, log, campaign, mailings, floods)
    resembling = follow_addresses(prove_resembling(queue, log, campaign, families))
    if len(resembling.proved) > len(campaign.proved):
        floods = weigh_mailings(resembling, mailings, knows_strangers=is_told)
        families = _families(queue, log, resembling, mailings, floods)
    return Evidence(
        log,
        resembling,
        families,
        mailings,
        floods,
        survey.copies,
        _forged_reported(queue, log, resembling, survey.reported),
        _subjects(queue, log, resembling, mailings, floods),
    )


@dataclass(slots=True)
class _Survey:
    habits: dict[Submitter, Habit]
    domains: DomainSurvey
    copies: ValueCounts
    reported: set[str]


def _survey(queue: Iterable[Features], log: LogHistory) -> _Survey:
    """The first pass: who sends what, told by the witnesses alone; messages count, not files."""
    survey = _Survey(deepcopy(log.habits), DomainSurvey(), ValueCounts(), set())
    seen = CompactMap()
    for features in queue:
        if features.kind is not FileKind.MESSAGE:
            continue
        attribution = attribute(features, log)
        habit = survey.habits.setdefault(attribution.submitter, Habit())
        habit.files += 1
        habit.name_client(features.client_name.lower())
        name = (features.message_id, features.at_s // _HOUR_S)
        if not attribution.is_in_log and not (features.message_id and name in seen):
            habit.add(features.at_s, sender_of(features))
            seen.set(name, 1)
        survey.domains.add(features, attribution.submitter)
        survey.copies.add(features.sketch)
        if features.is_report and features.recipient:
            survey.reported.add(features.recipient)
    return survey


def _has_history(log: LogHistory) -> bool:
    days = {day for habit in log.habits.values() for day in habit.days}
    return len(days) > _HISTORY_DAYS


def _mailings(queue: Iterable[Features], log: LogHistory, campaign: Campaign) -> Mailings:
    def sent() -> Iterator[tuple[Features, Submitter]]:
        for features, who in submitters(queue, log, campaign):
            if who.account != "":
                yield features, who

    return find_mailings(
        sent,
        campaign.domains.own,
        lambda who: who in campaign.proved,
        lambda address: log.knew(address, campaign.broke_out_at_s),
        campaign.is_during,
    )


def _dated(campaign: Campaign, mailings: Mailings, log: LogHistory) -> Campaign:
    """The campaign from its first sign of any kind: a proved address's, or a flood's first mail.

    Where nothing was forged the floods of the accounts known as compromised date it.
    """
    floods = weigh_mailings(campaign, mailings, knows_strangers=knows_strangers(log, campaign))
    flooded = [each.first_at_s for each in floods_of_stolen(floods, mailings)]
    used = [campaign.habits[who].first_at_s or 0 for who in campaign.proved]
    signs = [at_s for at_s in (*flooded, *used) if at_s]
    broke_out_at_s = campaign.broke_out_at_s
    if not campaign.proved:
        broke_out_at_s = min((at_s for at_s in flooded if at_s), default=broke_out_at_s)
    return campaign.starting(broke_out_at_s, min(signs, default=0))


def _redated(before: Campaign, campaign: Campaign, mailings: Mailings, log: LogHistory) -> Campaign:
    """The campaign after its bursts were proved: where nothing had told when, its floods do now."""
    if before.proved or not campaign.proved:
        return campaign
    floods = weigh_mailings(campaign, mailings, knows_strangers=knows_strangers(log, campaign))
    firsts = [each.first_at_s for each in floods_of_stolen(floods, mailings) if each.first_at_s]
    broke_out_at_s = min(firsts, default=campaign.broke_out_at_s)
    return campaign.starting(broke_out_at_s, campaign.began_at_s)


def _families(
    queue: Iterable[Features],
    log: LogHistory,
    campaign: Campaign,
    mailings: Mailings,
    floods: Floods,
) -> Families:
    def mails() -> Iterator[tuple[Features, Part]]:
        for features, who in submitters(queue, log, campaign):
            is_told = is_attackers(campaign, features, who)
            mailing = None if is_told else mailings.of(features, who)
            is_flood = mailing is not None and mailing.is_flood
            yield features, _part(campaign, features, who, floods.of(mailing), is_flood=is_flood)

    return find_families(mails, campaign.domains.own)


def _part(
    campaign: Campaign, features: Features, who: Submitter, standing: Standing, *, is_flood: bool
) -> Part:
    if is_attackers(campaign, features, who) or standing is Standing.SPAM:
        return Part.SPAM
    if campaign.is_thief(who):
        return Part.SPAM if standing is Standing.OUTSIDE_FLOOD else Part.NONE
    if standing is Standing.QUESTION:
        return Part.OPEN if is_flood or is_candidate(campaign, who) else Part.NONE
    if _is_ordinary(campaign, who, features):
        return Part.ORDINARY
    return Part.OPEN if is_candidate(campaign, who) else Part.NONE


def _is_ordinary(campaign: Campaign, who: Submitter, features: Features) -> bool:
    """Mail of others, and what a compromised account sent as usual or before the campaign."""
    if who.account is not None and not campaign.is_stolen(who.account):
        is_new = campaign.is_during(features.at_s) and campaign.is_stranger(who)
        return not is_new and who not in campaign.suspected
    if not campaign.is_during(features.at_s):
        return True
    if not campaign.is_explained(who.account):
        return False
    return not is_loopback(who.address) and not is_candidate(campaign, who)


def _forged_reported(
    queue: Iterable[Features], log: LogHistory, campaign: Campaign, reported: set[str]
) -> frozenset[str]:
    """Of the addresses that reports go to, those the campaign forged."""
    forged: set[str] = set()
    for address in reported:
        who = log.submitter_as(address)
        if who is not None and campaign.is_thief(who):
            forged.add(address)
    for features, who in submitters(queue, log, campaign) if reported else ():
        if campaign.is_thief(who):
            senders = {sender_of(features), features.from_address}
            forged.update(reported & {each for each in senders if campaign.is_forged(each)})
    return frozenset(forged)


def _subjects(
    queue: Iterable[Features],
    log: LogHistory,
    campaign: Campaign,
    mailings: Mailings,
    floods: Floods,
) -> frozenset[str]:
    """Subjects of the campaign, of a compromised account at unusual addresses, and of floods."""
    subjects: set[str] = set()
    for features, who in submitters(queue, log, campaign):
        if len(subjects) >= _MAX_SUBJECTS:
            break
        is_his = is_attackers(campaign, features, who)
        is_open = campaign.is_stolen(who.account) and is_candidate(campaign, who)
        if features.subject and (is_his or is_open or _is_asked(features, who, mailings, floods)):
            subjects.add(features.subject)
    return frozenset(subjects)


def _is_asked(features: Features, who: Submitter, mailings: Mailings, floods: Floods) -> bool:
    """Whether a mail is part of a flood that is spam, or of which nothing tells who sent it."""
    mailing = mailings.of(features, who)
    is_question = floods.of(mailing) in FLOODS | {Standing.QUESTION}
    return mailing is not None and mailing.is_flood and is_question
