"""Set the outgoing queue aside."""

from dataclasses import dataclass
from typing import ClassVar

from playbook.engine.inputs import AsideName, Consent
from playbook.engine.step import Step
from playbook.mail.actions import FolderGivenBack, FolderSetAside
from playbook.mail.server import Kind, QueueFolder, Reader, Role, SetAside
from playbook.plan import Change, Hindrance, Plan
from steps.stop_smtp import SmtpDown, SmtpState, stop


@dataclass(frozen=True)
class QueueState:
    """SMTP, the queue folders, and what was set aside before."""

    smtp: SmtpState
    folders: tuple[QueueFolder, ...]
    aside: tuple[SetAside, ...]


@dataclass(frozen=True)
class QueuesSetAside:
    """Where the queue folders lie now, by role."""

    folders: tuple[SetAside, ...]


@dataclass(frozen=True)
class RenameOutgoing(Step[QueueState, QueuesSetAside]):
    """Rename `_outgoing`, so that the server stops sending what is queued.

    The queue holds thousands of the thief's mails, most of them in `retry`; the server makes a
    new folder when it needs one (source: IceWarp KB 320). The renamed one keeps the good mail.
    """

    by_hand: ClassVar[tuple[str, ...]] = (
        "mv /opt/icewarp/mail/_outgoing /opt/icewarp/mail/_outgoing.incident",
    )

    aside: AsideName
    consent: Consent
    down: SmtpDown

    def probe(self, server: Reader) -> QueueState:
        """The folders, and whether SMTP is still down."""
        return queue_state(server)

    def plan(self, seen: QueueState) -> Plan:
        """Each folder under a new name on its own volume; SMTP stopped again where it came up."""
        roles = (Role.OUTGOING, Role.RETRY, Role.TEMPORARY)
        folders = [each for each in seen.folders if each.role in roles]
        return set_aside(seen, folders, self.aside, self.consent, self.down)

    def leaves(self, before: QueueState, after: QueueState) -> QueuesSetAside:
        """Where they lie."""
        return QueuesSetAside(ours(after, self.aside))


def queue_state(server: Reader) -> QueueState:
    """What there is to know before a queue folder is set aside."""
    seen = server.survey()
    return QueueState(SmtpState(seen.smtp, seen.watchdog), seen.folders, seen.aside)


def ours(seen: QueueState, name: AsideName) -> tuple[SetAside, ...]:
    """What this incident has set aside in this round."""
    return tuple(each for each in seen.aside if each.path.endswith(f".{name.suffix}"))


def set_aside(
    seen: QueueState,
    folders: list[QueueFolder],
    name: AsideName,
    consent: Consent,
    down: SmtpDown,
) -> Plan:
    """The plan that sets these folders aside, with SMTP stopped before and after."""
    odd = [each for each in folders if each.kind is Kind.OTHER]
    if odd:
        refusal = Hindrance(f"{odd[0].path} is not a folder", "Look at it by hand.")
        return Plan((), "", refuses=refusal)
    done = {each.path for each in seen.aside}
    left = [each for each in folders if each.kind is not Kind.ABSENT]
    changes = [_change(each, name) for each in left if f"{each.target}.{name.suffix}" not in done]
    if not seen.smtp.smtp.stopped:
        was = SmtpState(seen.smtp.smtp, down.watchdog)
        changes.insert(0, stop(was, kill=consent.kill))
    because = "the queue is set aside" if not changes else "the queue still holds the thief's mail"
    return Plan(tuple(changes), because)


def _change(folder: QueueFolder, name: AsideName) -> Change:
    aside = f"{folder.target}.{name.suffix}"
    action = FolderSetAside(
        folder.role,
        folder.target,
        aside,
        emptied=folder.kind is Kind.MOUNT,
        recreate=folder.role is not Role.OUTGOING or folder.kind is Kind.LINK,
    )
    why = "what is in it is no longer sent, and nothing of it is lost"
    return Change(action, why, FolderGivenBack(folder.role, folder.target, aside))
