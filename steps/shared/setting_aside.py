"""How queues are set aside, and SMTP stopped for it."""

import re
from dataclasses import dataclass
from typing import Final

from playbook.engine.findings import SmtpDown
from playbook.engine.inputs import AsideName, Consent
from playbook.incident.obligations import smtp_stopped, unsorted
from playbook.mail.actions import FolderRestored, FolderSetAside, SmtpStarted, SmtpStopped
from playbook.mail.server import Reader
from playbook.mail.survey import Kind, Module, QueueFolder, Role, SetAside
from playbook.plan import Change, Hindrance, Plan

# What SMTP was still receiving was never taken from anybody: its senders send it again.
_OF_AN_INCIDENT: Final = re.compile(r"\.\d{8}-\d{6}-[a-z0-9]{4}(\.\d+)?$")
SORTED_ROLES: Final = (Role.OUTGOING, Role.RETRY, Role.INCOMING)


@dataclass(frozen=True)
class SmtpState:
    """The SMTP module, and whether its watchdog is on (None: it has none)."""

    smtp: Module
    watchdog: bool | None


def stop(seen: SmtpState, *, kill: bool) -> Change:
    """The stop; where it does not end by itself, ending its processes is offered."""
    undo = SmtpStarted(seen.watchdog)
    obligation = smtp_stopped()
    if kill:
        why = "nothing leaves while it is down; a process that stays is ended"
        return Change(SmtpStopped(kill=True), why, undo, owes=(obligation,))
    processes = ", ".join(map(str, seen.smtp.pids)) or "none seen"
    by_force = Change(
        SmtpStopped(kill=True),
        f"it does not end by itself (processes: {processes})",
        undo,
        offered=True,
        consent="--kill",
        owes=(obligation,),
    )
    return Change(
        SmtpStopped(),
        "nothing leaves while it is down",
        undo,
        otherwise=by_force,
        owes=(obligation,),
    )


@dataclass(frozen=True)
class QueueState:
    """SMTP, the queue folders, and what was set aside before."""

    smtp: SmtpState
    folders: tuple[QueueFolder, ...]
    aside: tuple[SetAside, ...]


def queue_state(server: Reader) -> QueueState:
    """What there is to know before a queue folder is set aside."""
    seen = server.survey()
    return QueueState(SmtpState(seen.smtp, seen.watchdog), seen.folders, seen.aside)


def ours(seen: QueueState, name: AsideName) -> tuple[SetAside, ...]:
    """What this incident has set aside, in this round or an earlier one."""
    suffixes = tuple(
        f".{AsideName(name.incident, number + 1).suffix}" for number in range(name.round)
    )
    return tuple(each for each in seen.aside if each.path.endswith(suffixes))


def by_others(seen: QueueState, name: AsideName) -> tuple[SetAside, ...]:
    """What somebody set aside by hand: the name behind the folder's is no incident's."""
    mine = ours(seen, name)
    return tuple(
        each
        for each in seen.aside
        if each.role in SORTED_ROLES and each not in mine and not _OF_AN_INCIDENT.search(each.path)
    )


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
        return Plan((), refusal.what, refuses=refusal)
    done = {each.path for each in seen.aside}
    left = [each for each in folders if each.kind is not Kind.ABSENT]
    changes = [_change(each, name) for each in left if f"{each.target}.{name.suffix}" not in done]
    because = _QUEUED if changes else "the queue is set aside"
    if not seen.smtp.smtp.stopped:
        because = because if changes else "the queue is set aside, but SMTP is up again"
        was = SmtpState(seen.smtp.smtp, down.watchdog)
        changes.insert(0, stop(was, kill=consent.kill))
    waits = tuple(unsorted(each.path) for each in ours(seen, name) if each.role in SORTED_ROLES)
    return Plan(tuple(changes), because, owes=waits)


_QUEUED = "the queue still holds the attacker's mail"


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
    return Change(action, why, FolderRestored(folder.role, folder.target, aside))
