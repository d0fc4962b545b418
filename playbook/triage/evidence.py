"""The evidence of a whole queue, gathered in four passes over its features, then only asked."""

from collections import Counter
from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass

from playbook.triage.attribution import attribute, is_loopback
from playbook.triage.campaign import Campaign
from playbook.triage.detection import find_run
from playbook.triage.domains import DomainSurvey
from playbook.triage.families import Families
from playbook.triage.features import Features, FileKind
from playbook.triage.history import Habit, LogHistory, Submitter
from playbook.triage.proof import is_candidate, prove_bursts, prove_resembling, submitters
from playbook.triage.similarity import ValueCounts

_MAX_SUBJECTS = 4096
_MAX_LEADS = 1 << 16
_REPEATED_FILES = 3
_HISTORY_DAYS = 2


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that a verdict may ask.

    ``repeated_leads`` are pairs of a stolen account and a lead that several of its mails have that
    were written in webmail since the run began, and hardly any ordinary mail: it may be the thief.
    """

    log: LogHistory
    run: Campaign
    families: Families
    copies: ValueCounts
    repeated_leads: frozenset[tuple[str, str]]
    forged_reported: frozenset[str]
    subjects: frozenset[str]

    def copies_of(self, features: Features) -> int:
        """About how many files of the queue have nearly this text, itself included."""
        if not features.sketch:
            return 1
        counts = sorted(self.copies.of(value) for value in features.sketch)
        return max(counts[len(counts) // 2], 1)


def sender_of(features: Features) -> str:
    """The MAIL FROM, or the From header where no envelope block tells it."""
    return features.from_address if features.sender is None else features.sender


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
    run = find_run(survey.habits, named, domains, has_history=_has_history(log))
    prove_bursts(queue, log, run)
    families = _families(queue, log, run)
    if prove_resembling(queue, log, run, families):
        families = _families(queue, log, run)
    forged, subjects = _forged_names(queue, log, run, survey.reported)
    repeated = _repeated_leads(queue, log, run, families)
    return Evidence(log, run, families, survey.copies, repeated, forged, subjects)


@dataclass(slots=True)
class _Survey:
    habits: dict[Submitter, Habit]
    domains: DomainSurvey
    copies: ValueCounts
    reported: set[str]


def _survey(queue: Iterable[Features], log: LogHistory) -> _Survey:
    """The first pass: who sends what, told by the witnesses alone."""
    survey = _Survey(deepcopy(log.habits), DomainSurvey(), ValueCounts(), set())
    for features in queue:
        if features.kind is not FileKind.MESSAGE:
            continue
        attribution = attribute(features, log)
        habit = survey.habits.setdefault(attribution.submitter, Habit())
        habit.files += 1
        habit.name_client(features.client_name.lower())
        if not attribution.is_in_log:
            habit.add(features.at_s, sender_of(features))
        survey.domains.add(features, attribution.submitter)
        survey.copies.add(features.sketch)
        if features.is_report and features.recipient:
            survey.reported.add(features.recipient)
    return survey


def _has_history(log: LogHistory) -> bool:
    days = {day for habit in log.habits.values() for day in habit.days}
    return len(days) > _HISTORY_DAYS


def _families(queue: Iterable[Features], log: LogHistory, run: Campaign) -> Families:
    families = Families(run.domains.own)
    for features, who in submitters(queue, log, run):
        if run.is_thief(who):
            families.add_spam(features)
        elif _is_ordinary(run, who, features):
            families.add_ordinary(features)
        elif is_candidate(run, who):
            families.add_open(features)
    for features, who in submitters(queue, log, run):
        if run.is_thief(who) or is_candidate(run, who):
            families.unite(features)
    return families


def _is_ordinary(run: Campaign, who: Submitter, features: Features) -> bool:
    """Mail of others, and what a stolen account sent as usual or before the run began."""
    if who.account is not None and not run.is_stolen(who.account):
        is_new = run.is_during(features.at_s) and run.is_stranger(who)
        return not is_new and who not in run.suspected
    if not run.is_during(features.at_s):
        return True
    return not is_loopback(who.address) and not is_candidate(run, who)


def _repeated_leads(
    queue: Iterable[Features], log: LogHistory, run: Campaign, families: Families
) -> frozenset[tuple[str, str]]:
    counts: Counter[tuple[str, str]] = Counter()
    for features, who in submitters(queue, log, run):
        if not who.account or not run.is_stolen(who.account) or not is_loopback(who.address):
            continue
        if run.is_during(features.at_s) and len(counts) < _MAX_LEADS:
            counts.update((who.account, lead) for lead in features.leads)
    return frozenset(
        (account, lead)
        for (account, lead), count in counts.items()
        if count >= _REPEATED_FILES and families.is_rare_beside(lead, count)
    )


def _forged_names(
    queue: Iterable[Features], log: LogHistory, run: Campaign, reported: set[str]
) -> tuple[frozenset[str], frozenset[str]]:
    """Of the addresses that reports go to, those the run forged; and the run's subjects.

    Those of a stolen account's unusual addresses count among the latter.
    """
    forged: set[str] = set()
    for address in reported:
        who = log.submitter_as(address)
        if who is not None and run.is_thief(who):
            forged.add(address)
    subjects: set[str] = set()
    for features, who in submitters(queue, log, run):
        if run.is_thief(who):
            forged.update(reported & {sender_of(features), features.from_address})
        elif not run.is_stolen(who.account) or not is_candidate(run, who):
            continue
        if len(subjects) < _MAX_SUBJECTS and features.subject:
            subjects.add(features.subject)
    return frozenset(forged), frozenset(subjects)
