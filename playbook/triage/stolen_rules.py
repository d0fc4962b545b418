"""The rules for accounts that the attacker uses, and their owners use as well.

A place is no alibi: what such an account sent since the campaign began is good only where it is
few and different, or went to people it wrote with before, or is like a mailing of the days before.
"""

from dataclasses import replace

from playbook.triage.attribution import domain_of, is_loopback
from playbook.triage.clusters import ClusterKey
from playbook.triage.evidence import Evidence
from playbook.triage.families import Kinship
from playbook.triage.floods import FLOODS, Standing
from playbook.triage.mailings import sender_key
from playbook.triage.mails import sender_of
from playbook.triage.verdicts import QueuedMail, Ruling, alike, doubtful, good, in_mailing, spam


def rule_thief(evidence: Evidence, mail: QueuedMail) -> Ruling:
    """Mail of a submitter that was proved, though the owner of the account may work there too."""
    campaign, who = evidence.campaign, mail.who
    sender = sender_of(mail.features)
    is_forged = campaign.is_forged(sender)
    because = campaign.proved.get(who, "the attacker's address")
    if not is_forged and campaign.may_be_owners(who):
        return _rule_owners_place(evidence, mail, because)
    reasons = [f"{mail.said}, {campaign.unusual_as(who)}: {because}"]
    if is_forged:
        reasons.append(f"with the sender {sender}, of a domain that is not this server's")
    others = evidence.copies_of(mail.features) - 1
    if others > 0:
        reasons.append(f"about {others:,} other files of the queue have nearly its text")
    return spam(*reasons)


def _rule_owners_place(evidence: Evidence, mail: QueuedMail, because: str) -> Ruling:
    """What is no part of a flood to strangers is a question, and why the place was proved."""
    mailing = mail.mailing if mail.standing in FLOODS else None
    if mailing and evidence.mailings.is_core(mail.features, mail.who, mailing, is_home=True):
        return spam(f"{mail.said}: {because}", mail.sent_in)
    if mail.own_likeness is not None:
        return alike(mail.place, mail.own_likeness, mail.said)
    is_shared = mail.who.address in evidence.campaign.shared_addresses
    return doubtful(
        replace(mail.place, kind="a shared address" if is_shared else "where its owner was before"),
        mail.said,
        f"the attacker used this address too ({because}), but "
        + ("other accounts do as well" if is_shared else "the account used it on a day before"),
    )


def rule_stolen(evidence: Evidence, mail: QueuedMail) -> Ruling:
    """Mail of a compromised account, or of one that nothing names, from a place not proved."""
    campaign, who, said = evidence.campaign, mail.who, mail.said
    if campaign.is_forged(sender_of(mail.features)):
        return _rule_foreign(mail)
    if mail.mailing is not None and mail.standing is Standing.SPAM:
        return _rule_flood(evidence, mail)
    if is_loopback(who.address) or campaign.is_usual(who):
        return _rule_usual_place(evidence, mail)
    if mail.likeness is not None and who in campaign.alike_only:
        kind = "unusual addresses that sent only mail like the campaign's"
        return alike(ClusterKey(kind, who.account), mail.likeness, said)
    place = replace(mail.place, kind="unusual address")
    if mail.likeness is not None:
        return alike(place, mail.likeness, said)
    if mail.standing is Standing.QUESTION:
        return in_mailing(mail, campaign.unusual_as(who))
    return doubtful(place, said, campaign.unusual_as(who))


def _rule_foreign(mail: QueuedMail) -> Ruling:
    """A sender of another domain, from an address not proved."""
    foreign = f"with the foreign sender {sender_of(mail.features)}"
    likeness = mail.own_likeness
    if likeness is not None and likeness.kinship is Kinship.TEXT:
        many = f"{likeness.others:,} mails of the campaign have nearly its text"
        return spam(mail.said, foreign, many)
    if mail.standing is Standing.SPAM:
        return spam(mail.said, foreign, mail.sent_in)
    return doubtful(replace(mail.place, kind="foreign sender"), mail.said, foreign)


def _rule_flood(evidence: Evidence, mail: QueuedMail) -> Ruling:
    """Part of a flood to strangers, if not by closing lines alone."""
    is_home = is_loopback(mail.who.address) or evidence.campaign.is_usual(mail.who)
    if mail.mailing and evidence.mailings.is_core(
        mail.features, mail.who, mail.mailing, is_home=is_home
    ):
        return spam(mail.said, mail.sent_in)
    key = ClusterKey("like a flood to strangers", mail.who.account)
    return doubtful(key, mail.said, mail.sent_in)


def _rule_usual_place(evidence: Evidence, mail: QueuedMail) -> Ruling:
    """Where its owner works, or in webmail, where no address tells her from the attacker."""
    campaign, who = evidence.campaign, mail.who
    if mail.own_likeness is not None:
        return alike(mail.place, mail.own_likeness, mail.said)
    if mail.standing is Standing.QUESTION:
        return in_mailing(mail)
    if campaign.is_during(mail.features.at_s):
        doubt = _doubt_during(evidence, mail)
        if doubt is not None:
            return doubt
    where = "webmail" if is_loopback(who.address) else campaign.usual_as(who)
    return good(f"{mail.said}, {where}", *_for_it(evidence, mail))


def _doubt_during(evidence: Evidence, mail: QueuedMail) -> Ruling | None:
    echo = evidence.families.echo(mail.features)
    if echo is not None:
        if mail.who.account is None and echo.kinship is Kinship.TEXT:
            echo = replace(echo, family="texts of mailings")
        return alike(mail.place, echo, mail.said, "mails that may be of the campaign")
    if mail.features.subject in evidence.subjects:
        because = "the campaign, or a flood that may be of it, has its subject too"
        return doubtful(replace(mail.place, kind="a subject of the campaign"), mail.said, because)
    is_scattering = sender_key(mail.who) in evidence.floods.scattering
    if is_scattering and not evidence.is_known(mail.features):
        lone = evidence.mailings.lone[sender_key(mail.who)]
        because = f"it wrote {lone:,} different messages to strangers since the campaign began"
        return doubtful(ClusterKey("many different mails", mail.who.account), mail.said, because)
    return None


def _for_it(evidence: Evidence, mail: QueuedMail) -> tuple[str, ...]:
    """What speaks for it, as far as it was seen."""
    sender = sender_of(mail.features)
    reasons = []
    if sender == mail.who.account or domain_of(sender) in evidence.campaign.domains.own:
        reasons.append("with a sender of its own domain")
    if evidence.is_known(mail.features):
        reasons.append("to an address that the log of the days before knows")
    if mail.mailing is not None and mail.standing is Standing.LIKE_BEFORE:
        reasons.append("like mails of the days before")
    if evidence.knows_campaign:
        reasons.append("unlike the campaign's mail")
    return tuple(reasons)
