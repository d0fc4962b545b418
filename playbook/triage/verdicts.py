"""One verdict for each file of a queue, with reasons that a person can check.

What decides is who submitted the file, not what it says: the thief's submissions are spam, and
likeness to them only makes doubt. Missing evidence makes doubt too.
"""

from dataclasses import dataclass, replace
from enum import Enum

from playbook.triage.attribution import Attribution, domain_of, is_loopback
from playbook.triage.clusters import UNNAMED, ClusterKey
from playbook.triage.evidence import Evidence, sender_of
from playbook.triage.families import Kinship, Likeness
from playbook.triage.features import Features
from playbook.triage.history import Submitter


class Verdict(Enum):
    """What to do with a file: keep it back, give it back, ask a person, or only report it."""

    SPAM = "spam"
    GOOD = "good"
    DOUBTFUL = "doubtful"
    NOT_A_MESSAGE = "not-a-message"


@dataclass(frozen=True, slots=True)
class Ruling:
    """A verdict with its reasons, and the cluster that a doubtful file waits in."""

    verdict: Verdict
    cluster: ClusterKey | None
    reasons: tuple[str, ...]


def _spam(*reasons: str) -> Ruling:
    return Ruling(Verdict.SPAM, None, reasons)


def _good(*reasons: str) -> Ruling:
    return Ruling(Verdict.GOOD, None, reasons)


def _doubtful(cluster: ClusterKey, *reasons: str) -> Ruling:
    return Ruling(Verdict.DOUBTFUL, cluster, reasons)


def rule(evidence: Evidence, features: Features, attribution: Attribution) -> Ruling:
    """The verdict of a message by whoever is held to have submitted it."""
    who = attribution.submitter
    if attribution.conflict:
        ruling = _rule_conflict(who, attribution.conflict)
    else:
        ruling = _rule(evidence, features, who)
    if ruling.verdict is Verdict.GOOD:
        return _held_back(evidence, features) or ruling
    return ruling


def _held_back(evidence: Evidence, features: Features) -> Ruling | None:
    """Good mail that may have left already, or that is not whole, is not given back unasked.

    These clusters alone hold mail of several submitters: the question is the same for all.
    """
    if features.is_reserved:
        return _doubtful(
            ClusterKey("in work"),
            "the server was working on it when it stopped (.tm$), so it may arrive twice",
        )
    if evidence.log.is_delivered(features.stem, features.message_id, features.at_s):
        return _doubtful(
            ClusterKey("partly delivered"),
            "the log shows it accepted by a remote server: who has it would get it twice",
        )
    if features.is_cut:
        key = ClusterKey("cut off")
        return _doubtful(key, "its last MIME part does not end: it may be cut off")
    return None


def _rule_conflict(who: Submitter, conflict: str) -> Ruling:
    return _doubtful(ClusterKey("witnesses disagree", who.account, who.address), conflict)


def _rule(evidence: Evidence, features: Features, who: Submitter) -> Ruling:
    if evidence.run.is_thief(who):
        return _rule_thief(evidence, features, who)
    likeness = evidence.families.likeness(features)
    if features.is_report and not who.account:
        return _rule_report(evidence, features)
    if who.account == "":
        return _rule_nobody(features, who, likeness)
    if evidence.run.is_stolen(who.account) or who.account is None:
        return _rule_stolen(evidence, features, who, likeness)
    return _rule_other(evidence, features, who, likeness)


def _rule_thief(evidence: Evidence, features: Features, who: Submitter) -> Ruling:
    account = who.account or UNNAMED
    because = evidence.run.proved.get(who, "forged senders came from this address")
    reasons = [f"sent as {account} from {who.address}, not its usual address: {because}"]
    sender = sender_of(features)
    if evidence.run.is_forged(sender):
        reasons.append(f"with the sender {sender}, of a domain that is not this server's")
    others = evidence.copies_of(features) - 1
    if others > 0:
        reasons.append(f"about {others:,} files of the queue have nearly its text")
    return _spam(*reasons)


def _rule_report(evidence: Evidence, features: Features) -> Ruling:
    local = evidence.run.domains.own
    failed = {domain_of(address) for address in features.failed or features.leads} - {""}
    if failed & local:
        return _good("a report about mail to this server's own recipients")
    if features.recipient in evidence.forged_reported:
        return _spam(
            f"a report to {features.recipient}, a sender that the run forged,"
            f" about a recipient elsewhere"
        )
    if features.returned_subject in evidence.subjects and features.returned_subject:
        key = ClusterKey("reports about the run")
        return _doubtful(key, "a report about a mail with a subject of the run")
    return _doubtful(
        ClusterKey("reports about mail to other servers"),
        "a report about mail that somebody sent through this server to another one",
    )


def _rule_nobody(features: Features, who: Submitter, likeness: Likeness | None) -> Ruling:
    address = who.address
    if likeness is not None and likeness.kinship is not Kinship.QUOTED:
        place = ClusterKey("nobody logged in", address=address)
        return _alike(place, likeness, f"sent without login from {address}")
    if is_loopback(address):
        return _good("written by the server itself")
    if not address:
        return _doubtful(ClusterKey("no trace of who sent it"), "nothing tells who submitted it")
    return _good(f"accepted without login from {address}, unlike the run's mail")


def _rule_stolen(
    evidence: Evidence,
    features: Features,
    who: Submitter,
    likeness: Likeness | None,
) -> Ruling:
    account = who.account or UNNAMED
    said = f"sent as {account} from {who.address or 'an unknown address'}"
    place = ClusterKey("", who.account, who.address)
    own_likeness = likeness if likeness and likeness.kinship is not Kinship.QUOTED else None
    if evidence.run.is_forged(sender_of(features)):
        return _rule_foreign(features, place, said, own_likeness)
    if is_loopback(who.address) or evidence.run.is_usual(who):
        where = " (webmail)" if is_loopback(who.address) else ", its usual address"
        return _rule_usual_place(evidence, features, who, own_likeness, said + where)
    if likeness is not None and who in evidence.run.alike_only:
        key = ClusterKey("unusual addresses that sent only mail like the run's", who.account)
        return _alike(key, likeness, said)
    place = replace(place, kind="unusual address")
    if likeness is not None:
        return _alike(place, likeness, said)
    return _doubtful(place, f"{said}, an address not seen for it before the run")


def _rule_usual_place(
    evidence: Evidence, features: Features, who: Submitter, likeness: Likeness | None, said: str
) -> Ruling:
    """A stolen account where its owner works, or in webmail, where no address tells them apart.

    The thief may sit at her usual address too: on her computer, or behind the same proxy.
    """
    place = ClusterKey("", who.account, who.address)
    if likeness is not None:
        return _alike(place, likeness, said)
    if evidence.run.is_during(features.at_s):
        echo = evidence.families.echo(features)
        if echo is not None:
            return _alike(place, echo, said, "mails that may be of the run")
        if features.subject in evidence.subjects:
            key = replace(place, kind="a subject of the run")
            return _doubtful(key, said, "the run has its subject too")
    for lead in features.leads if is_loopback(who.address) else ():
        if (who.account, lead) in evidence.repeated_leads:
            return _doubtful(
                replace(place, kind="many to one place", family=lead),
                said,
                f"many of its webmails since the run began lead to {lead}, hardly any others do",
            )
    return _good(f"{said}, with its own sender, unlike the run's mail")


def _rule_foreign(
    features: Features, place: ClusterKey, said: str, likeness: Likeness | None
) -> Ruling:
    """A stolen account with a sender of another domain, from an address not proved."""
    foreign = f"with the foreign sender {sender_of(features)}"
    if likeness is not None and likeness.kinship is Kinship.TEXT:
        return _spam(said, foreign, f"{likeness.others:,} mails of the run have nearly its text")
    return _doubtful(replace(place, kind="foreign sender"), said, foreign)


def _rule_other(
    evidence: Evidence,
    features: Features,
    who: Submitter,
    likeness: Likeness | None,
) -> Ruling:
    said = f"sent as {who.account} from {who.address or 'an unknown address'}"
    place = ClusterKey("", who.account, who.address)
    if likeness is not None and likeness.kinship is not Kinship.QUOTED:
        return _alike(place, likeness, said)
    if who in evidence.run.forgers:
        return _doubtful(
            replace(place, kind="foreign senders"),
            said,
            f"which sent {evidence.run.forgers[who]:,} mails with senders of other domains,"
            " but no other sign of misuse",
        )
    if who in evidence.run.suspected:
        key = ClusterKey("the same mail many times", who.account)
        return _doubtful(key, said, evidence.run.suspected[who])
    is_new = evidence.run.is_during(features.at_s) and not evidence.run.is_usual(who)
    if is_new and who.account in evidence.run.suspected_accounts:
        return _doubtful(place, said, "the account is under suspicion, and the address is new")
    if who.address in evidence.run.addresses and not evidence.run.is_usual(who):
        return _doubtful(place, said, "the run used this address too")
    return _good(f"{said}, an account with no sign of misuse, unlike the run's mail")


def _alike(
    place: ClusterKey, likeness: Likeness, said: str, run: str = "mails of the run"
) -> Ruling:
    detail = f" ({likeness.detail})" if likeness.detail else ""
    return _doubtful(
        replace(place, family=likeness.family),
        said,
        f"but {likeness.kinship.value}{detail} is shared with {likeness.others:,} {run}",
    )
