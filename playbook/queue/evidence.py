"""The evidence of a whole queue, gathered in four passes over its features, then only asked."""

from collections import Counter
from collections.abc import Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass

from playbook.queue.attribution import attribute, is_loopback
from playbook.queue.bursts import Bursts
from playbook.queue.detection import find_run, follow_addresses
from playbook.queue.domains import DomainSurvey
from playbook.queue.families import Families, Kinship
from playbook.queue.features import Features, FileKind
from playbook.queue.history import Habit, LogHistory, Submitter
from playbook.queue.run import Run
from playbook.queue.similarity import ValueCounts

_RESEMBLING_FILES = 5
_RESEMBLING_SHARE = 0.6
_MAX_SUBJECTS = 4096
_MAX_LEADS = 1 << 16
_REPEATED_FILES = 3
_HISTORY_DAYS = 2
_STRONG = {Kinship.TEXT, Kinship.LEAD, Kinship.ATTACHMENT}


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that a verdict may ask.

    ``repeated_leads`` are pairs of a stolen account and a lead that several of its mails have that
    were written in webmail since the run began, and hardly any ordinary mail: it may be the thief.
    """

    log: LogHistory
    run: Run
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
    _prove_bursts(queue, log, run)
    families = _families(queue, log, run)
    if _prove_resembling(queue, log, run, families):
        families = _families(queue, log, run)
    forged, subjects = _forged_names(queue, log, run, survey.reported)
    repeated = _repeated_leads(queue, log, run, families)
    return Evidence(log, run, families, survey.copies, repeated, forged, subjects)


def submitters(
    queue: Iterable[Features], log: LogHistory, run: Run
) -> Iterator[tuple[Features, Submitter]]:
    """The files that are messages, with their likely submitters."""
    for features in queue:
        if features.kind is FileKind.MESSAGE:
            known = attribute(features, log).submitter
            yield features, run.resolve(known, features.from_address)


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


def _is_candidate(run: Run, submitter: Submitter) -> bool:
    """Somebody logged in from an address that is not proved, not usual, and not the server."""
    if submitter.account == "" or not submitter.address or is_loopback(submitter.address):
        return False
    return not run.is_thief(submitter) and not run.is_usual(submitter)


def _bursts(queue: Iterable[Features], log: LogHistory, run: Run) -> Bursts:
    bursts = Bursts(run.domains.own, lambda address: log.knew(address, run.began_at_s))
    for features, who in submitters(queue, log, run):
        if not run.is_during(features.at_s):
            bursts.excuse(features)
        elif _is_candidate(run, who):
            bursts.count(features)
    for note in (bursts.spread, bursts.weigh):
        for features, who in _candidates(queue, log, run):
            if run.is_during(features.at_s):
                note(who, features)
    return bursts


def _prove_bursts(queue: Iterable[Features], log: LogHistory, run: Run) -> None:
    """The same mail from many networks: proof where the account's past is known, else suspicion.

    It is proof too where nothing names the account and the senders are forged.
    The same mail many times from one new address since the run began is suspicion too. Where many
    messages go to strangers it is proof for an account known as stolen, and for another one if
    they lead elsewhere, and network and computer are strange to it.
    """
    bursts = _bursts(queue, log, run)
    known = run.accounts_with_past()
    for who in bursts.submitters(_RESEMBLING_FILES):
        is_nameless_forger = who.account is None and who in run.forgers
        if who.account in known or run.is_stolen(who.account) or is_nameless_forger:
            if who.account and not run.is_stolen(who.account):
                run.steal(who.account, "sent the same mail from networks it was never seen in")
            run.prove(who, "the same mail came from other addresses never seen before")
    for who in bursts.submitters(min_files=1):
        run.suspect(who, "nearly the same mail was sent as this account from several networks")
    for who in bursts.mass_senders():
        because = "nearly all its mails from this new address are the same"
        is_flood = log.has_recipients and bursts.is_flood(who)
        if is_flood and run.is_stolen(who.account) and not run.is_own_computer(who):
            run.prove(who, f"{because}, and go to strangers")
        elif is_flood and who.account and bursts.leads_out(who) and run.is_stranger(who):
            because += ", go to strangers, and neither network nor computer are its own"
            run.steal(who.account, because)
            run.prove(who, because)
        else:
            run.suspect(who, because)
    follow_addresses(run)


def _candidates(
    queue: Iterable[Features], log: LogHistory, run: Run
) -> Iterator[tuple[Features, Submitter]]:
    for features, who in submitters(queue, log, run):
        if _is_candidate(run, who):
            yield features, who


def _families(queue: Iterable[Features], log: LogHistory, run: Run) -> Families:
    families = Families(run.domains.own)
    for features, who in submitters(queue, log, run):
        if run.is_thief(who):
            families.add_spam(features)
        elif _is_ordinary(run, who, features):
            families.add_ordinary(features)
        elif _is_candidate(run, who):
            families.add_open(features)
    for features, who in submitters(queue, log, run):
        if run.is_thief(who) or _is_candidate(run, who):
            families.unite(features)
    return families


def _is_ordinary(run: Run, who: Submitter, features: Features) -> bool:
    """Mail of others, and what a stolen account sent as usual or before the run began."""
    if who.account is not None and not run.is_stolen(who.account):
        is_new = run.is_during(features.at_s) and run.is_stranger(who)
        return not is_new and who not in run.suspected
    if not run.is_during(features.at_s):
        return True
    return not is_loopback(who.address) and not _is_candidate(run, who)


def _prove_resembling(
    queue: Iterable[Features], log: LogHistory, run: Run, families: Families
) -> bool:
    """Take as the thief's the unusual addresses most of whose mail resembles the run's.

    Of an account that is not known as stolen only where the computer is a stranger's too: the
    thief may copy a colleague's newsletter.
    """
    tallies: dict[Submitter, tuple[int, int]] = {}
    for features, who in _candidates(queue, log, run):
        likeness = families.likeness(features)
        hits, files = tallies.get(who, (0, 0))
        is_hit = likeness is not None and likeness.kinship in _STRONG
        tallies[who] = (hits + is_hit, files + 1)
    resembling = [
        who
        for who, (hits, files) in tallies.items()
        if hits >= _RESEMBLING_FILES and hits >= _RESEMBLING_SHARE * files
    ]
    for who in resembling:
        if not who.account or run.is_stolen(who.account):
            run.prove(who, "its mails resemble those of the run")
        elif run.is_stranger(who):
            run.steal(who.account, "sent the run's mail from an address it was never seen at")
            run.prove(who, "its mails resemble those of the run")
        else:
            run.suspect(who, "most of its mails from this new address resemble the run's")
    run.alike_only.update(who for who, (hits, files) in tallies.items() if hits == files)
    follow_addresses(run)
    return bool(resembling)


def _repeated_leads(
    queue: Iterable[Features], log: LogHistory, run: Run, families: Families
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
    queue: Iterable[Features], log: LogHistory, run: Run, reported: set[str]
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
        elif not run.is_stolen(who.account) or not _is_candidate(run, who):
            continue
        if len(subjects) < _MAX_SUBJECTS and features.subject:
            subjects.add(features.subject)
    return frozenset(forged), frozenset(subjects)
