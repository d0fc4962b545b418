"""What is held of each file of a queue, and of the campaign as a whole."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from playbook.triage.attribution import attribute
from playbook.triage.campaign import StolenAccount
from playbook.triage.clusters import ClusterKey
from playbook.triage.evidence import Evidence, gather
from playbook.triage.features import Features, FileKind
from playbook.triage.history import LogHistory
from playbook.triage.identification import identify
from playbook.triage.identities import NOTHING_TOLD, Identities
from playbook.triage.origins import Origins, trace_origins
from playbook.triage.rules import rule
from playbook.triage.verdicts import Verdict


@dataclass(frozen=True, slots=True)
class Judged:
    """A file's verdict; `cluster` is the key of the decision that a doubtful file waits for.

    `account` and `address` say who is held to have submitted it (`""`: nothing tells).
    """

    path: bytes
    verdict: Verdict
    cluster: ClusterKey | None
    reasons: tuple[str, ...]
    account: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdicts of a queue, in its order, and what to say before anything is given back."""

    queue: Iterable[Features]
    evidence: Evidence
    origins: Origins

    def __iter__(self) -> Iterator[Judged]:
        return (_judge(self.evidence, self.origins, features) for features in self.queue)

    @property
    def stolen(self) -> tuple[StolenAccount, ...]:
        """Every account taken as stolen, the named ones first."""
        return tuple(self.evidence.campaign.stolen.values())

    @property
    def caveats(self) -> tuple[str, ...]:
        """What the evidence cannot tell, in sentences."""
        return tuple(_caveats(self.evidence))


def judge(
    queue: Iterable[Features],
    log: LogHistory,
    named: tuple[str, ...] = (),
    local_domains: tuple[str, ...] = (),
    told: Identities = NOTHING_TOLD,
) -> Judgement:
    """Judge a queue by its features and the log; `named` are the accounts known as stolen.

    `queue` is iterated several times and must give the same files each time. Time is linear in
    files and log; memory holds counts and submitters, not files. `told` is what the server itself
    says of its accounts' names and of its own addresses.
    """
    log.recast(identify(queue, log, named, told))
    evidence = gather(queue, log, named, local_domains)
    campaign = evidence.campaign
    origins = trace_origins(queue, log, campaign.domains.own, campaign.began_at_s)
    return Judgement(queue, evidence, origins)


def _caveats(evidence: Evidence) -> Iterator[str]:
    if not evidence.log.sessions:
        yield "There is no SMTP log: who used which address before is not known."
    elif not evidence.campaign.has_history:
        yield "The SMTP log holds no ordinary days before the campaign to compare with."
    yield from evidence.log.gaps
    if evidence.log.masked_logins:
        yield f"{evidence.log.masked_logins:,} logins in the log have a masked account name."
    if not evidence.campaign.stolen:
        yield "No account is known as stolen, and none stands out."
    for alias, account in sorted(evidence.log.identities.aliases.items()):
        if alias in evidence.log.identities.likely:
            yield (
                f"{alias} is taken for another name of {account}: in the log it is never a sender"
                " itself. If it is an account of its own, its password is stolen too."
            )
    for stolen in evidence.campaign.stolen.values():
        if not stolen.was_named:
            yield f"{stolen.account} looks stolen too: {stolen.because}."
        elif evidence.knows_campaign and not evidence.campaign.is_explained(stolen.account):
            yield (
                f"No outside address was proved for {stolen.account}: whoever used it sat where its"
                " owner does, or in webmail, so there only what was sent tells them apart."
            )


def _judge(evidence: Evidence, origins: Origins, features: Features) -> Judged:
    if features.kind is not FileKind.MESSAGE:
        return Judged(features.path, Verdict.NOT_A_MESSAGE, None, (features.kind.value,))
    known = attribute(features, evidence.log)
    if not known.conflict or known.other:
        who = evidence.campaign.resolve(known.submitter, features.from_address)
        known = replace(known, submitter=who, is_inferred=who != known.submitter)
    ruling = rule(evidence, features, known)
    if ruling.verdict is Verdict.GOOD or known.conflict:
        ruling = origins.objection(features, known) or ruling
    who = known.submitter
    return Judged(
        features.path,
        ruling.verdict,
        ruling.cluster,
        ruling.reasons,
        who.account or "",
        who.address,
    )
