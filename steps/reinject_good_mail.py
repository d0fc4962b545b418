"""Give the good mail of the queue that was set aside back to the server."""

from dataclasses import dataclass
from typing import ClassVar

from playbook.engine.findings import (
    AccountsClosed,
    CompromisedAccounts,
    ListedAddresses,
    QueueInOrder,
    QueuesSetAside,
)
from playbook.engine.inputs import ClosedElsewhere, Pace
from playbook.engine.step import Step
from playbook.incident.manifest.store import Manifest
from playbook.incident.obligations import suspect_key
from playbook.mail.actions import MailReinjected
from playbook.mail.reinjection import ReinjectionState
from playbook.mail.server import Reader
from playbook.mail.survey import Role
from playbook.plan import Action, Change, Hindrance, Irreversible, Plan
from playbook.smtplog.refusals import MOST_REFUSALS_OF_US
from playbook.text import counted
from playbook.triage.verdicts import Verdict
from steps.shared.first_mails import blocked, listed_or_not, not_taken, passed
from steps.shared.reinjection import (
    GoodQueue,
    closed_or_not,
    good_queues,
    open_accounts,
    owed,
    with_good_owed,
)

ROLES = (Role.OUTGOING, Role.RETRY)


@dataclass(frozen=True)
class GoodMailState:
    """The good mail by queue and as a list with a digest, and what became of what was given.

    `folder` is the live queue; `whole` says that every queue set aside was sorted.
    """

    running: bool
    folder: str
    whole: bool
    digest: str
    queues: tuple[GoodQueue, ...]
    given: ReinjectionState

    @property
    def left(self) -> int:
        """How many good mails are still to be given back."""
        return sum(each.left for each in self.queues)


@dataclass(frozen=True)
class ReinjectGoodMail(Step[GoodMailState, None]):
    """Copy the good mail into the new `_outgoing`, each once, the first ten before the rest.

    A file whose name ends in `.tmp` is sent within minutes (source: IceWarp KB 320). Ten go
    first; remote servers that refuse our address would refuse the rest too, and each refusal
    makes the address worse.
    """

    patience_s: ClassVar[float] = 7 * 86_400.0
    acts: ClassVar[tuple[type[Action], ...]] = (MailReinjected,)

    aside: QueuesSetAside
    manifest: Manifest
    pace: Pace
    closed: AccountsClosed | None
    listed: ListedAddresses | None
    stolen: CompromisedAccounts | None
    sorted: QueueInOrder | None
    elsewhere: ClosedElsewhere | None = None

    def probe(self, server: Reader) -> GoodMailState:
        """What is good and what is given; waits for the canary, and for the last ones."""
        seen = server.survey()
        given = server.reinjected(ROLES, 0)
        queues = good_queues(self.aside, self.manifest, ROLES, given.foreseen)
        left = sum(each.left for each in queues)
        if given.unsettled and (given.tried <= self.pace.canary_size or not left):
            given = server.reinjected(ROLES, self.pace.canary_patience_s)
        live = seen.folder(Role.OUTGOING)
        return GoodMailState(
            running=seen.smtp.running,
            folder=live.target if live else "",
            whole=self.manifest.is_sorted,
            digest=self.manifest.digest(Verdict.GOOD),
            queues=queues,
            given=given,
        )

    def plan(self, seen: GoodMailState) -> Plan:
        """The canary, then the rest; nothing where remote servers refuse our address."""
        planned = self._planned(seen)
        return with_good_owed(planned, seen.queues) if seen.whole else planned

    def _planned(self, seen: GoodMailState) -> Plan:
        refusals = [each for each in seen.given.refusals if each.of_us]
        if len(refusals) >= MOST_REFUSALS_OF_US:
            return Plan((), "remote servers refuse our address", fails=blocked(seen.given))
        if seen.whole and not seen.left:
            return _done(seen, self._contained())
        refuses = self._refuses(seen)
        if not seen.whole:
            return Plan((), "the queue is not sorted", refuses)
        missing = min(self.pace.canary_size - seen.given.tried, seen.left)
        if missing > 0:
            because = f"{_waits(seen)}; the first ones show whether they are taken"
            return Plan(self._give(seen, missing, canary=True), because, refuses)
        if not passed(seen.given, self.pace):
            return Plan((), "the first mails were not taken", refuses, fails=not_taken(seen.given))
        because = f"{_waits(seen)}; the first ones were taken"
        return Plan(self._give(seen, seen.left, canary=False), because, refuses)

    def _give(self, seen: GoodMailState, count: int, *, canary: bool) -> tuple[Change, ...]:
        changes = []
        for queue in seen.queues:
            part = min(queue.left, count)
            count -= part
            if part:
                action = MailReinjected(
                    queue.role,
                    queue.aside,
                    seen.folder,
                    part,
                    seen.digest,
                    self.pace.per_minute,
                    canary=canary,
                    default_from=self.pace.default_from,
                )
                changes.append(Change(action, _WHY, Irreversible(_WHY_FINAL)))
        return tuple(changes)

    def _refuses(self, seen: GoodMailState) -> Hindrance | None:
        if not seen.whole:
            return Hindrance("The queue is not sorted", "`respond resume --from triage_queue`.")
        if not seen.running:
            return Hindrance("SMTP is not up", "Start it: `respond resume --from start_smtp`.")
        return closed_or_not(self.closed) or self._another_thief() or listed_or_not(self.listed)

    def _another_thief(self) -> Hindrance | None:
        """A compromised account that nobody closed yet is said before anything goes back."""
        found = self.sorted.stolen if self.sorted else ()
        others = open_accounts(found, self.stolen, self.elsewhere)
        if not others:
            return None
        return Hindrance(
            f"{', '.join(others[:5])} looks compromised too, by the mail in the queue",
            "Contain it (`respond compromised-account`), then `respond reinject`.",
            overridable=True,
        )

    def _contained(self) -> tuple[str, ...]:
        """What is not owed any more: compromised accounts that incidents of their own closed."""
        others = self.elsewhere.accounts if self.elsewhere else ()
        return tuple(suspect_key(each) for each in others)


_WHY = "it is the company's mail, and it waits"
_WHY_FINAL = "mail that left cannot be called back"


def _waits(seen: GoodMailState) -> str:
    return counted(seen.left, "good mail waits", "good mails wait")


def _done(seen: GoodMailState, contained: tuple[str, ...]) -> Plan:
    given = seen.given
    whole = sum(each.good for each in seen.queues)
    if not whole:
        because = "no good mail lies in the queue that was set aside"
        return Plan((), because, pays=contained)
    because = (
        f"{given.published:,} of {whole:,} good mails are given back: {given.accepted:,} accepted,"
        f" {given.refused:,} refused, {given.in_queue:,} wait in the queue"
        f"{'; ' + given.before if given.before else ''}"
    )
    obligations, paid = owed(given)
    return Plan((), because, owes=obligations, pays=(*paid, *contained))
