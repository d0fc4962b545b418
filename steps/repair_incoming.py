"""Give the good pairs of an incoming queue that was set aside back to the server."""

from dataclasses import dataclass
from typing import ClassVar

from playbook.engine.findings import AccountsClosed, QueuesSetAside
from playbook.engine.inputs import Pace
from playbook.engine.step import Step
from playbook.incident.manifest.store import Manifest
from playbook.mail.actions import EmptyFolderRemoved, MailReinjected
from playbook.mail.reinjection import ReinjectionState
from playbook.mail.server import Reader
from playbook.mail.survey import Role
from playbook.plan import Action, Change, Hindrance, Irreversible, Plan
from playbook.text import counted
from playbook.triage.verdicts import Verdict
from steps.shared.reinjection import GoodQueue, closed_or_not, good_queues, owed, with_good_owed

ROLES = (Role.INCOMING,)


@dataclass(frozen=True)
class IncomingMailState:
    """The incoming queues set aside, their files that stay (orphans first), and what was given.

    `orphans` counts halves of pairs and files that are no mail, `orphan_names` samples them;
    `empty` are folders with no file in them.
    """

    running: bool
    folder: str
    whole: bool
    digest: str
    queues: tuple[GoodQueue, ...]
    empty: tuple[str, ...]
    orphans: int
    orphan_names: tuple[str, ...]
    given: ReinjectionState


@dataclass(frozen=True)
class RepairIncoming(Step[IncomingMailState, None]):
    """Put the good pairs of the `_incoming` that was set aside back, the envelope last.

    A mail there is two files of one name, `.tmp` and `.dat`; without either it cannot be
    processed (source: IceWarp KB 320). Spam stays aside, and so does every half of a pair.
    """

    patience_s: ClassVar[float] = 7 * 86_400.0
    acts: ClassVar[tuple[type[Action], ...]] = (
        MailReinjected,
        EmptyFolderRemoved,
    )

    aside: QueuesSetAside
    manifest: Manifest
    pace: Pace
    closed: AccountsClosed | None

    def probe(self, server: Reader) -> IncomingMailState:
        """What is good, what stays, and what was given; waits for the last pairs to be taken."""
        seen = server.survey()
        here = {each.path for each in seen.aside}
        given = server.reinjected(ROLES, 0)
        queues = good_queues(self.aside, self.manifest, ROLES, given.foreseen)
        if given.unsettled and not any(each.left for each in queues):
            given = server.reinjected(ROLES, self.pace.canary_patience_s)
        live = seen.folder(Role.INCOMING)
        halves = _halves(self.manifest)
        return IncomingMailState(
            running=seen.smtp.running,
            folder=live.target if live else "",
            whole=self.manifest.is_sorted,
            digest=self.manifest.digest(Verdict.GOOD),
            queues=queues,
            empty=tuple(
                each.aside
                for each in queues
                if each.aside in here and not self.manifest.files_in(each.aside)
            ),
            orphans=len(halves),
            orphan_names=tuple(halves[:20]),
            given=given,
        )

    def plan(self, seen: IncomingMailState) -> Plan:
        """The pairs that are left; where a folder is empty, removing it is offered."""
        if not seen.queues:
            return Plan((), "no incoming queue was set aside")
        planned = self._planned(seen)
        return with_good_owed(planned, seen.queues) if seen.whole else planned

    def _planned(self, seen: IncomingMailState) -> Plan:
        refuses = self._refuses(seen)
        changes = [_give(seen, each, self.pace) for each in seen.queues if each.left]
        if changes:
            left = sum(each.left for each in seen.queues)
            waits = counted(left, "good pair waits", "good pairs wait")
            return Plan(tuple(changes), waits, refuses)
        obligations, paid = owed(seen.given)
        halves = counted(seen.orphans, "half stays", "halves stay")
        stay = f"; {halves} aside" if seen.orphans else ""
        names = f" ({', '.join(seen.orphan_names[:5])})" if seen.orphans else ""
        given = counted(seen.given.published, "good pair is", "good pairs are")
        because = f"{given} given back{stay}{names}"
        offers = tuple(_remove(each) for each in seen.empty) if seen.whole else ()
        return Plan(
            offers, because, refuses if not seen.whole else None, owes=obligations, pays=paid
        )

    def _refuses(self, seen: IncomingMailState) -> Hindrance | None:
        if not seen.whole:
            return Hindrance("The queue is not sorted", "`respond resume --from triage_queue`.")
        if not seen.running:
            return Hindrance("SMTP is not up", "Start it: `respond resume --from start_smtp`.")
        return closed_or_not(self.closed)


def _halves(manifest: Manifest) -> list[str]:
    """What lies there and is no whole pair: halves of both kinds, and files that are no mail."""
    mails = {
        _stem(each.path)
        for verdict in (Verdict.GOOD, Verdict.SPAM, Verdict.DOUBTFUL)
        for each in manifest.files(verdict, Role.INCOMING)
    }
    return [
        each.path.decode("utf-8", "replace")
        for each in manifest.files(Verdict.NOT_A_MESSAGE, Role.INCOMING)
        if not (each.path.endswith(b".dat") and _stem(each.path) in mails)
    ]


def _stem(path: bytes) -> bytes:
    folder, _, name = path.rpartition(b"/")
    return folder + b"/" + name.partition(b".")[0]


def _give(seen: IncomingMailState, queue: GoodQueue, pace: Pace) -> Change:
    action = MailReinjected(
        queue.role, queue.aside, seen.folder, queue.left, seen.digest, pace.per_minute
    )
    why = "mail for the company's mailboxes waits there"
    return Change(action, why, Irreversible("a mailbox that has a mail is not made to forget it"))


def _remove(aside: str) -> Change:
    return Change(
        EmptyFolderRemoved(Role.INCOMING, aside),
        "nothing is left in it",
        Irreversible("it is empty: there is nothing to take back"),
        offered=True,
    )
