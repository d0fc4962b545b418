"""The mails of a queue with their likely submitters, and the roles of these in a campaign."""

from collections.abc import Iterable, Iterator

from playbook.triage.attribution import attribute, is_loopback
from playbook.triage.campaign import Campaign
from playbook.triage.features import Features, FileKind
from playbook.triage.history import LogHistory, Submitter


def sender_of(features: Features) -> str:
    """The MAIL FROM, or the From header where no envelope block tells it."""
    return features.from_address if features.sender is None else features.sender


def submitters(
    queue: Iterable[Features], log: LogHistory, campaign: Campaign
) -> Iterator[tuple[Features, Submitter]]:
    """The files that are messages, with their likely submitters."""
    for features in queue:
        if features.kind is FileKind.MESSAGE:
            known = attribute(features, log).submitter
            yield features, campaign.resolve(known, features.from_address)


def is_attackers(campaign: Campaign, features: Features, submitter: Submitter) -> bool:
    """Whether a mail is the attacker's by its submitter.

    Where the owner of the account may work too only with a sender that he forged.
    """
    if not campaign.is_thief(submitter):
        return False
    return not campaign.may_be_owners(submitter) or campaign.is_forged(sender_of(features))


def is_candidate(campaign: Campaign, submitter: Submitter) -> bool:
    """Somebody logged in from an address that is not proved, not usual, and not the server."""
    if submitter.account == "" or not submitter.address or is_loopback(submitter.address):
        return False
    return not campaign.is_thief(submitter) and not campaign.is_usual(submitter)


def candidates(
    queue: Iterable[Features], log: LogHistory, campaign: Campaign
) -> Iterator[tuple[Features, Submitter]]:
    """The files of submitters who may be the attacker."""
    for features, who in submitters(queue, log, campaign):
        if is_candidate(campaign, who):
            yield features, who
