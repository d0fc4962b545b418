"""Prove more of the campaign by what it sends: the same mail from many networks, likeness.

What is not proved is suspected, and a question to a person.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from playbook.triage.bursts import Bursts, find_bursts
from playbook.triage.campaign import Campaign
from playbook.triage.families import Families, Kinship
from playbook.triage.features import Features
from playbook.triage.history import LogHistory, Submitter
from playbook.triage.homes import SETTLED_DAYS
from playbook.triage.mails import candidates, submitters

_BURST_FILES: Final = 5
_RESEMBLING: Final = 5
_AT_HIS_ADDRESS: Final = 3
_RESEMBLING_SHARE: Final = 0.6
_FORGED_FOLLOWS: Final = 3
_STRONG: Final = {Kinship.TEXT, Kinship.LEAD, Kinship.ATTACHMENT}


def prove_bursts(queue: Iterable[Features], log: LogHistory, campaign: Campaign) -> Campaign:
    """The same mail again and again from unusual addresses: proof, else suspicion."""
    bursts = _bursts(queue, log, campaign)
    campaign = _prove_networks(bursts, campaign)
    return _prove_floods(bursts, campaign, knows_strangers=knows_strangers(log, campaign))


def knows_strangers(log: LogHistory, campaign: Campaign) -> bool:
    """Whether the log of the days before tells whom the server wrote to."""
    return log.recipient_days(campaign.broke_out_at_s) >= SETTLED_DAYS


def _prove_networks(bursts: Bursts, campaign: Campaign) -> Campaign:
    """The same mail from several networks; proof takes some files, and that one of these holds.

    The account's past is known and this is not its computer; or it is compromised already; or
    nothing names it and the senders are forged.
    """
    known = campaign.accounts_with_past
    proved = [
        who
        for who, files in bursts.from_networks.items()
        if files >= _BURST_FILES
        and (
            campaign.is_stolen(who.account)
            or (who.account in known and not campaign.is_own_computer(who))
            or (who.account is None and who in campaign.forgers)
        )
    ]
    because = "nearly the same mail was sent as this account from several networks"
    suspected = dict.fromkeys(bursts.from_networks, because)
    because = "sent the same mail from networks it was never seen in"
    stolen = {who.account: because for who in proved if who.account}
    because = "nearly the same mail came from other addresses never seen before"
    return (
        campaign.stealing(_without_known(campaign, stolen))
        .proving(dict.fromkeys(proved, because))
        .suspecting(suspected)
    )


def _prove_floods(bursts: Bursts, campaign: Campaign, *, knows_strangers: bool) -> Campaign:
    """The same mail many times from one new address: proof where it goes to strangers alone.

    That takes a log of some days; and an account that is compromised already, or mails that lead
    elsewhere, from a network and a computer strange to the account.
    """
    stolen: dict[str, str] = {}
    proved: dict[Submitter, str] = {}
    suspected: dict[Submitter, str] = {}
    for who in bursts.many_files:
        because = "nearly all its mails from this new address are the same"
        is_flood = knows_strangers and who in bursts.floods
        if is_flood and campaign.is_stolen(who.account) and not campaign.is_own_computer(who):
            proved[who] = f"{because}, and go to strangers"
        elif is_flood and who.account and who in bursts.leading and campaign.is_stranger(who):
            because += ", go to strangers, and neither network nor computer are its own"
            stolen[who.account] = proved[who] = because
        else:
            suspected[who] = because
    return campaign.stealing(_without_known(campaign, stolen)).proving(proved).suspecting(suspected)


def _without_known(campaign: Campaign, stolen: dict[str, str]) -> dict[str, str]:
    return {name: why for name, why in stolen.items() if not campaign.is_stolen(name)}


def _bursts(queue: Iterable[Features], log: LogHistory, campaign: Campaign) -> Bursts:
    def during() -> Iterator[tuple[Features, Submitter]]:
        for features, who in candidates(queue, log, campaign):
            if campaign.is_during(features.at_s):
                yield features, who

    before = (
        features
        for features, _ in submitters(queue, log, campaign)
        if not campaign.is_during(features.at_s)
    )
    return find_bursts(
        before,
        during,
        campaign.domains.own,
        lambda address: log.knew(address, campaign.broke_out_at_s),
    )


def prove_resembling(
    queue: Iterable[Features], log: LogHistory, campaign: Campaign, families: Families
) -> Campaign:
    """Take as the attacker's the unusual addresses most of whose mail resembles the campaign's.

    Of an account that is not known as compromised only where the computer is a stranger's too, or
    the address is one of the attacker's: he may copy a colleague's newsletter.
    """
    files: Counter[Submitter] = Counter()
    hits: Counter[Submitter] = Counter()
    for features, who in candidates(queue, log, campaign):
        likeness = families.likeness(features)
        files[who] += 1
        hits[who] += likeness is not None and likeness.kinship in _STRONG
    resembling = [
        who
        for who in files
        if hits[who] >= (_AT_HIS_ADDRESS if who.address in campaign.addresses else _RESEMBLING)
        and hits[who] >= _RESEMBLING_SHARE * files[who]
    ]
    alike = frozenset(who for who in files if hits[who] == files[who])
    return replace(_take_resembling(campaign, resembling), alike_only=alike)


def _take_resembling(campaign: Campaign, resembling: list[Submitter]) -> Campaign:
    because = "its mails resemble those of the campaign"
    stolen: dict[str, str] = {}
    proved: dict[Submitter, str] = {}
    suspected: dict[Submitter, str] = {}
    for who in resembling:
        if not who.account or campaign.is_stolen(who.account):
            proved[who] = because
        elif campaign.is_stranger(who) or who.address in campaign.addresses:
            stolen[who.account] = (
                f"sent the campaign's mail from {who.address}, which is not usual for it"
            )
            proved[who] = because
        else:
            suspected[who] = "most of its mails from this new address resemble the campaign's"
    return campaign.stealing(stolen).proving(proved).suspecting(suspected)


def follow_addresses(campaign: Campaign) -> Campaign:
    """Take as compromised who forged from a proved address that is not usual for the account.

    The address alone proves nothing: several people may share one.
    """
    stolen: dict[str, str] = {}
    proved: dict[Submitter, str] = {}
    for who, habit in campaign.habits.items():
        if who.address not in campaign.addresses or not who.account or campaign.is_usual(who):
            continue
        if campaign.is_stolen(who.account):
            proved[who] = "the attacker's address"
            continue
        forged = sum(n for name, n in habit.domains.items() if campaign.domains.is_foreign(name))
        if forged >= _FORGED_FOLLOWS:
            stolen[who.account] = f"forged senders from {who.address}, as the attacker did"
            proved[who] = f"{forged:,} messages with a sender of another domain"
    return campaign.stealing(stolen).proving(proved)
