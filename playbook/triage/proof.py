"""Prove more of the run by what it sends: the same mail from many networks, floods, likeness.

What is not proved is suspected, and a question to a person.
"""

from collections.abc import Iterable, Iterator

from playbook.triage.attribution import attribute, is_loopback
from playbook.triage.bursts import Bursts
from playbook.triage.campaign import Campaign
from playbook.triage.detection import follow_addresses
from playbook.triage.families import Families, Kinship
from playbook.triage.features import Features, FileKind
from playbook.triage.history import LogHistory, Submitter
from playbook.triage.homes import SETTLED_DAYS

_RESEMBLING_FILES = 5
_RESEMBLING_SHARE = 0.6
_STRONG = {Kinship.TEXT, Kinship.LEAD, Kinship.ATTACHMENT}


def submitters(
    queue: Iterable[Features], log: LogHistory, run: Campaign
) -> Iterator[tuple[Features, Submitter]]:
    """The files that are messages, with their likely submitters."""
    for features in queue:
        if features.kind is FileKind.MESSAGE:
            known = attribute(features, log).submitter
            yield features, run.resolve(known, features.from_address)


def is_candidate(run: Campaign, submitter: Submitter) -> bool:
    """Somebody logged in from an address that is not proved, not usual, and not the server."""
    if submitter.account == "" or not submitter.address or is_loopback(submitter.address):
        return False
    return not run.is_thief(submitter) and not run.is_usual(submitter)


def _candidates(
    queue: Iterable[Features], log: LogHistory, run: Campaign
) -> Iterator[tuple[Features, Submitter]]:
    for features, who in submitters(queue, log, run):
        if is_candidate(run, who):
            yield features, who


def prove_bursts(queue: Iterable[Features], log: LogHistory, run: Campaign) -> None:
    """The same mail from many networks: proof where the account's past is known, else suspicion.

    It is proof too where nothing names the account and the senders are forged.
    The same mail many times from one new address since the run began is suspicion too. Where many
    messages go to strangers, by a log of some days before, it is proof for an account known as
    stolen, and for another one if they lead elsewhere, and network and computer are strange to it.
    """
    bursts = _bursts(queue, log, run)
    known = run.accounts_with_past()
    knows_strangers = log.recipient_days(run.began_at_s) >= SETTLED_DAYS
    for who in bursts.submitters(_RESEMBLING_FILES):
        is_nameless_forger = who.account is None and who in run.forgers
        is_elsewhere = who.account in known and not run.is_own_computer(who)
        if is_elsewhere or run.is_stolen(who.account) or is_nameless_forger:
            if who.account and not run.is_stolen(who.account):
                run.steal(who.account, "sent the same mail from networks it was never seen in")
            run.prove(who, "the same mail came from other addresses never seen before")
    for who in bursts.submitters(min_files=1):
        run.suspect(who, "nearly the same mail was sent as this account from several networks")
    for who in bursts.mass_senders():
        because = "nearly all its mails from this new address are the same"
        is_flood = knows_strangers and bursts.is_flood(who)
        if is_flood and run.is_stolen(who.account) and not run.is_own_computer(who):
            run.prove(who, f"{because}, and go to strangers")
        elif is_flood and who.account and bursts.leads_out(who) and run.is_stranger(who):
            because += ", go to strangers, and neither network nor computer are its own"
            run.steal(who.account, because)
            run.prove(who, because)
        else:
            run.suspect(who, because)
    follow_addresses(run)


def _bursts(queue: Iterable[Features], log: LogHistory, run: Campaign) -> Bursts:
    bursts = Bursts(run.domains.own, lambda address: log.knew(address, run.began_at_s))
    for features, who in submitters(queue, log, run):
        if not run.is_during(features.at_s):
            bursts.excuse(features)
        elif is_candidate(run, who):
            bursts.count(features)
    for note in (bursts.spread, bursts.weigh):
        for features, who in _candidates(queue, log, run):
            if run.is_during(features.at_s):
                note(who, features)
    return bursts


def prove_resembling(
    queue: Iterable[Features], log: LogHistory, run: Campaign, families: Families
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
