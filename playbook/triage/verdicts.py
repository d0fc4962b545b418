"""The verdicts, and how a ruling is put: with reasons that a person can check."""

from dataclasses import dataclass, replace
from enum import Enum

from playbook.triage.clusters import UNNAMED, ClusterKey
from playbook.triage.families import Kinship, Likeness
from playbook.triage.features import Features
from playbook.triage.floods import Standing
from playbook.triage.history import Submitter
from playbook.triage.mailings import Mailing


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


@dataclass(frozen=True, slots=True)
class QueuedMail:
    """One mail as the rules see it: who sent it, like what, and as part of which mailing.

    `is_inferred` tells that nothing names the account but the place it was used from.
    """

    features: Features
    who: Submitter
    is_inferred: bool
    likeness: Likeness | None
    mailing: Mailing | None
    standing: Standing

    @property
    def account(self) -> str:
        """The account in words."""
        return self.who.account or UNNAMED

    @property
    def place(self) -> ClusterKey:
        """The cluster of what came from this account and address."""
        return ClusterKey("", self.who.account, self.who.address)

    @property
    def said(self) -> str:
        """Who sent it from where, in words."""
        sure = "probably sent" if self.is_inferred else "sent"
        return f"{sure} as {self.account} from {self.who.address or 'an unknown address'}"

    @property
    def own_likeness(self) -> Likeness | None:
        """In what its own words resemble the campaign, not what they quote."""
        is_quoted = self.likeness is None or self.likeness.kinship is Kinship.QUOTED
        return None if is_quoted else self.likeness

    @property
    def sent_in(self) -> str:
        """The mailing it is part of, in words."""
        if self.mailing is None:
            return ""
        return (
            f"one of {self.mailing.messages:,} messages that are nearly the same,"
            f" {self.mailing.to_known:,} of {self.mailing.files:,} files of them to addresses known"
            " before"
        )


def spam(*reasons: str) -> Ruling:
    """Keep it back."""
    return Ruling(Verdict.SPAM, None, reasons)


def good(*reasons: str) -> Ruling:
    """Give it back."""
    return Ruling(Verdict.GOOD, None, reasons)


def doubtful(cluster: ClusterKey, *reasons: str) -> Ruling:
    """Ask a person, together with the other mails of this cluster."""
    return Ruling(Verdict.DOUBTFUL, cluster, reasons)


def alike(
    place: ClusterKey, likeness: Likeness, said: str, campaign: str = "mails of the campaign"
) -> Ruling:
    """Doubtful for what it has in common with the campaign."""
    detail = f" ({likeness.detail})" if likeness.detail else ""
    return doubtful(
        replace(place, family=likeness.family),
        said,
        f"but {likeness.kinship.value}{detail} is shared with {likeness.others:,} {campaign}",
    )


def in_mailing(mail: QueuedMail, *more: str) -> Ruling:
    """Doubtful as part of a mailing of which nothing tells who sent it."""
    account = mail.who.account
    key = ClusterKey("the same mail many times", account, "" if account else mail.who.address)
    mark = mail.mailing.mark if mail.mailing else ""
    return doubtful(replace(key, family=mark), mail.said, mail.sent_in, *more)
