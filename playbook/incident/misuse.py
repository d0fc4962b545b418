"""What the SMTP log and the queue show of a misuse: since when, from where, how much of it left."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from playbook.incident.manifest.questions import spam_submitters, spam_times
from playbook.incident.manifest.store import Manifest
from playbook.incident.manifest.values import Misuse
from playbook.smtplog.accounts import fold_account
from playbook.smtplog.deliveries import Delivery, DeliveryOutcome
from playbook.smtplog.sessions import Login, Session
from playbook.triage.attribution import is_loopback
from playbook.triage.history import LogHistory, Submitter
from playbook.triage.judgement import Judgement

_MOST_SUBMITTERS: Final = 1 << 16
_MOST_ADDRESSES: Final = 1_000


@dataclass(slots=True)
class _Sent:
    """What one submitter handed in, and how many files of it a remote server accepted."""

    messages: int = 0
    recipients: int = 0
    accepted: int = 0


@dataclass
class LogTally:
    """Counts by submitter while a log is read; more than 65,536 submitters are not told apart."""

    sent: dict[Submitter, _Sent] = field(default_factory=dict)

    def add(self, entry: Session | Delivery, log: LogHistory) -> None:
        """Count one session or delivery; `log` is what was read until now, it included."""
        if isinstance(entry, Session):
            self._add_session(entry)
        elif entry.outcome is DeliveryOutcome.ACCEPTED:
            who = log.submitter_of(entry.message_id, entry.at_s or 0)
            if who and (sent := self._of(who)):
                sent.accepted += 1

    def _add_session(self, session: Session) -> None:
        account = fold_account(session.account) or None
        is_known = session.login is Login.ACCEPTED
        sent = self._of(Submitter(account if is_known else "", session.address.lower()))
        if sent is None:
            return
        for submission in session.submissions:
            if submission.status in {"OK", ""}:
                sent.messages += 1
                sent.recipients += submission.recipients

    def _of(self, who: Submitter) -> _Sent | None:
        if who not in self.sent and len(self.sent) >= _MOST_SUBMITTERS:
            return None
        return self.sent.setdefault(who, _Sent())


def read_log(entries: Iterable[Session | Delivery]) -> tuple[LogHistory, LogTally]:
    """Learn from a log and count in it, in one pass."""
    log, tally = LogHistory(), LogTally()
    for entry in entries:
        log.add(entry)
        tally.add(entry, log)
    return log, tally


def misuse_of(manifest: Manifest, judgement: Judgement, tally: LogTally) -> Misuse:
    """The misuse by what the sorting holds to be spam, and by the log of who sent it."""
    log, campaign = judgement.evidence.log, judgement.evidence.campaign
    first_s, last_s = spam_times(manifest)
    # Without a proved address the beginning of the run is a guess, and is not said.
    began = [each for each in (campaign.began_at_s if campaign.proved else 0, first_s) if each]
    attackers = {Submitter(*each) for each in spam_submitters(manifest)} | set(campaign.proved)
    named = {each for each in attackers if each.account or not is_loopback(each.address)}
    theirs = [
        sent
        for who, sent in tally.sent.items()
        if _is_among(log.identities.account(who.account) if who.account else None, who, log, named)
    ]
    addresses = sorted({each.address for each in named if each.address})
    is_logged = log.sessions > 0
    return Misuse(
        began_at_s=min(began, default=None),
        last_at_s=last_s,
        addresses=tuple(addresses[:_MOST_ADDRESSES]),
        address_count=len(addresses),
        messages=sum(each.messages for each in theirs) if is_logged else None,
        recipients=sum(each.recipients for each in theirs) if is_logged else None,
        accepted=sum(each.accepted for each in theirs) if is_logged else None,
    )


def _is_among(
    account: str | None, who: Submitter, log: LogHistory, attackers: set[Submitter]
) -> bool:
    """Whether an attacker is who handed it in; a manifest has "" for an account nothing names."""
    address = log.identities.address(who.address)
    names = (account, None, "") if account is None else (account,)
    return any(Submitter(name, address) in attackers for name in names)
