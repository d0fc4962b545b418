"""One verdict for each mail of a queue.

What decides is who submitted it, when and from where, and to whom he wrote the same besides; not
what it says. Likeness to the attacker's mail only makes doubt, and so does missing evidence. The
rules for accounts that are held to be compromised are in `stolen_rules.py`.
"""

from dataclasses import replace

from playbook.triage.attribution import Attribution, domain_of, is_loopback
from playbook.triage.clusters import ClusterKey
from playbook.triage.evidence import Evidence
from playbook.triage.features import Features
from playbook.triage.floods import Standing
from playbook.triage.history import Submitter
from playbook.triage.stolen_rules import rule_stolen, rule_thief
from playbook.triage.verdicts import (
    QueuedMail,
    Ruling,
    Verdict,
    alike,
    doubtful,
    good,
    in_mailing,
    spam,
)


def rule(evidence: Evidence, features: Features, attribution: Attribution) -> Ruling:
    """The verdict of a message by whoever is held to have submitted it."""
    if attribution.conflict:
        ruling = _rule_conflict(evidence, features, attribution)
    else:
        ruling = _rule(evidence, _mail(evidence, features, attribution.submitter, attribution))
    if ruling.verdict is Verdict.GOOD:
        return _held_back(evidence, features) or ruling
    return ruling


def _mail(
    evidence: Evidence, features: Features, who: Submitter, attribution: Attribution
) -> QueuedMail:
    likeness = evidence.families.likeness(features)
    mailing = evidence.mailings.of(features, who)
    standing = evidence.floods.of(mailing)
    return QueuedMail(features, who, attribution.is_inferred, likeness, mailing, standing)


def _held_back(evidence: Evidence, features: Features) -> Ruling | None:
    """Good mail that may have left already, or that is not whole, is not given back unasked.

    These clusters alone hold mail of several submitters: the question is the same for all.
    """
    if features.is_reserved:
        return doubtful(
            ClusterKey("in work"),
            "the server was working on it when it stopped (.tm$), so it may arrive twice",
        )
    if evidence.log.is_delivered(features.stem, features.message_id, features.at_s):
        return doubtful(
            ClusterKey("partly delivered"),
            "the log shows it accepted by a remote server: who has it would get it twice",
        )
    if features.is_cut:
        return doubtful(ClusterKey("cut off"), "its last MIME part does not end: it may be cut off")
    return None


def _rule_conflict(evidence: Evidence, features: Features, attribution: Attribution) -> Ruling:
    """Two witnesses; where the same follows from what either says there is nothing to ask."""
    who, other = attribution.submitter, attribution.other
    if other is not None:
        one, two = (
            _rule(evidence, _mail(evidence, features, each, attribution))
            for each in (who, Submitter(who.account, other.address))
        )
        if one.verdict is two.verdict and one.verdict is not Verdict.DOUBTFUL:
            return Ruling(one.verdict, None, (*one.reasons, f"though {attribution.conflict}"))
        if one.verdict is two.verdict:
            return one
    key = ClusterKey("witnesses disagree", who.account, who.address)
    return doubtful(key, attribution.conflict)


def _rule(evidence: Evidence, mail: QueuedMail) -> Ruling:
    campaign, who = evidence.campaign, mail.who
    if campaign.is_thief(who):
        return rule_thief(evidence, mail)
    if mail.features.is_report and not who.account:
        return _rule_report(evidence, mail.features)
    if who.account == "":
        return _rule_nobody(evidence, mail)
    if campaign.is_stolen(who.account) or who.account is None:
        return rule_stolen(evidence, mail)
    return _rule_other(evidence, mail)


def _rule_report(evidence: Evidence, features: Features) -> Ruling:
    local = evidence.campaign.domains.own
    failed = {domain_of(address) for address in features.failed or features.leads} - {""}
    if failed & local:
        return good("a report about mail to this server's own recipients")
    if features.recipient in evidence.forged_reported:
        return spam(
            f"a report to {features.recipient}, a sender that the campaign forged,"
            f" about a recipient elsewhere"
        )
    if features.returned_subject in evidence.subjects and features.returned_subject:
        return doubtful(
            ClusterKey("reports about the campaign"),
            "a report about a mail with a subject of the campaign",
        )
    return doubtful(
        ClusterKey("reports about mail to other servers"),
        "a report that names no recipient of this server",
    )


def _rule_nobody(evidence: Evidence, mail: QueuedMail) -> Ruling:
    address = mail.who.address
    said = f"sent without login from {address or 'an unknown address'}"
    if mail.own_likeness is not None:
        return alike(ClusterKey("nobody logged in", address=address), mail.own_likeness, said)
    if is_loopback(address):
        return good("written by the server itself")
    if not address:
        return doubtful(ClusterKey("no trace of who sent it"), "nothing tells who submitted it")
    return good(f"accepted without login from {address}", *_unlike(evidence))


def _rule_other(evidence: Evidence, mail: QueuedMail) -> Ruling:
    campaign, who, said = evidence.campaign, mail.who, mail.said
    place = mail.place
    if mail.own_likeness is not None:
        return alike(place, mail.own_likeness, said)
    if who in campaign.forgers:
        return doubtful(
            replace(place, kind="foreign senders"),
            said,
            f"which sent {campaign.forgers[who]:,} messages with senders of other domains,"
            " but no other sign of misuse",
        )
    if mail.standing is Standing.QUESTION:
        return in_mailing(mail)
    if who in campaign.suspected:
        kind = "the same mail many times" if mail.mailing else "its other mails"
        return doubtful(replace(place, kind=kind), said, campaign.suspected[who])
    return _by_address(evidence, mail) or good(
        f"{said}, an account with no sign of misuse", *_unlike(evidence)
    )


def _by_address(evidence: Evidence, mail: QueuedMail) -> Ruling | None:
    """Doubt that the address makes, which is not usual for an account that nobody accused."""
    campaign, who = evidence.campaign, mail.who
    if campaign.is_usual(who):
        return None
    place = mail.place
    if campaign.is_during(mail.features.at_s) and who.account in campaign.suspected_accounts:
        because = f"other mails of the account are suspected; {campaign.unusual_as(who)}"
        return doubtful(place, mail.said, because)
    if who.address in campaign.addresses:
        return doubtful(place, mail.said, "the attacker used this address too")
    return None


def _unlike(evidence: Evidence) -> tuple[str, ...]:
    return ("unlike the campaign's mail",) if evidence.knows_campaign else ()
