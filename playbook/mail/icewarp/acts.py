"""What IceWarp does for each action: a row an action, and nothing of it anywhere else.

A row holds the script that brings the action about, the values that it is told, the sentence that
its answer makes, and the commands of a person on each system. What takes an action back is an
action too, with a row of its own. Pure: the survey is handed in.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from playbook.hosts.host import IceWarpOverrides
from playbook.mail.actions import (
    EmptyFolderRemoved,
    FolderRestored,
    FolderSetAside,
    IncidentForgotten,
    MailAction,
    MailReinjected,
    PasswordReset,
    SessionsEnded,
    SettledMailRemoved,
    SmtpStarted,
    SmtpStopped,
    SubmissionSet,
)
from playbook.mail.icewarp import manual, reinjection
from playbook.mail.icewarp.variables import WATCHDOG, Values, service_values
from playbook.mail.scripts import answers
from playbook.mail.scripts.answers import Answers
from playbook.mail.survey import Survey
from playbook.mail.system import LINUX

_MODULE_PATIENCE_S: Final = 30

A = TypeVar("A", bound=MailAction)


@dataclass(frozen=True)
class Act(Generic[A]):
    """One row: what is done for an action, what is said of it, and what a person would type.

    `said` makes a sentence of what the script answered, and of nothing else; it is None for bulk
    work, which is told slice by slice. `manual` holds the commands by the system of the server.
    """

    script: str
    values: Callable[[A, Survey, IceWarpOverrides], Values]
    said: Callable[[A, Answers], str] | None
    manual: Mapping[str, Callable[[A, Survey, IceWarpOverrides], tuple[str, ...]]]


def act_of(action: MailAction) -> Act[Any]:
    """The row of an action."""
    return ACTS[type(action)]


def _stop(action: SmtpStopped, seen: Survey, known: IceWarpOverrides) -> Values:
    kill = "yes" if action.kill else ""
    more: Values = {"kill": kill, "watchdog": _watchdog(seen), "patience": known.stop_patience_s}
    return {**service_values(seen, known), **more}


def _start(action: SmtpStarted, seen: Survey, known: IceWarpOverrides) -> Values:
    state = "" if action.watchdog is None else str(int(action.watchdog))
    more: Values = {"watchdog": _watchdog(seen), "state": state, "logs": seen.logs}
    return {**service_values(seen, known), **more, "patience": known.start_patience_s}


def _watchdog(seen: Survey) -> str:
    return WATCHDOG if seen.watchdog is not None else ""


def _reset(action: PasswordReset, seen: Survey, known: IceWarpOverrides) -> Values:
    more = {"account": action.account, "password": "", "expire": "yes" if action.expire else ""}
    return {**service_values(seen, known), **more}


def _submission(action: SubmissionSet, seen: Survey, known: IceWarpOverrides) -> Values:
    more: Values = {"account": action.account, "allowed": int(action.allowed)}
    return {**service_values(seen, known), **more}


def _set_aside(action: FolderSetAside, seen: Survey, known: IceWarpOverrides) -> Values:
    emptied, recreate = ("yes" if each else "" for each in (action.emptied, action.recreate))
    places = _places(action, seen)
    return {**service_values(seen, known), **places, "emptied": emptied, "recreate": recreate}


def _restored(action: FolderRestored, seen: Survey, known: IceWarpOverrides) -> Values:
    return {**service_values(seen, known), **_places(action, seen)}


def _places(action: FolderSetAside | FolderRestored, seen: Survey) -> Values:
    found = seen.folder(action.role)
    path = found.path if found else action.folder
    return {"role": action.role, "path": path, "folder": action.folder, "aside": action.aside}


def _restart(action: SessionsEnded, seen: Survey, known: IceWarpOverrides) -> Values:
    modules = " ".join(action.modules)
    return {**service_values(seen, known), "modules": modules, "patience": _MODULE_PATIENCE_S}


def _aside(
    action: EmptyFolderRemoved | SettledMailRemoved, seen: Survey, known: IceWarpOverrides
) -> Values:
    return {"aside": action.aside}


def _smtp_is(found: Answers) -> str:
    _, pids, listening, banner = found.one("module", 4)
    if not pids and listening != "yes":
        return "seen stopped: no process, and the port is closed"
    up = f"seen up: {answers.shown(banner)}" if banner else "seen up: its port answers"
    return up if pids and listening == "yes" else f"seen half up: processes {pids or 'none'}"


def _was_reset(action: PasswordReset, found: Answers) -> str:
    is_verified = found.one("reset", 2)[1] == "verified"
    how = "read again: it was changed" if is_verified else "this version cannot confirm it"
    return f"done, and {how}"


def _is_aside(action: FolderSetAside, found: Answers) -> str:
    how = next((each for (each,) in found.all("how", 1)), "")
    done = {"renamed": "renamed", "carried": "carried, compared and emptied"}
    holders = answers.shown(found.one("open", 1)[0]).strip()
    late = f"; files were still held open by process {holders}" if holders else ""
    return f"{done.get(how, 'it lay aside already')}{late}"


def _is_restored(action: FolderRestored, found: Answers) -> str:
    left = answers.number(found.one("left", 1)[0]) or 0
    given = answers.number(next((each for (each,) in found.all("given", 1)), "0")) or 0
    if not left:
        return "merged"
    if given:
        return f"merged; {left:,} files stay aside, since {given:,} mails of it were given back"
    return f"merged; {left:,} files of equal name stay aside"


def _restarted(action: SessionsEnded, found: Answers) -> str:
    ended = [name for name, status in found.all("restarted", 2) if status == "0"]
    missing = [each for each in action.modules if each not in ended]
    done = f"restarted: {', '.join(map(answers.shown, ended)) or 'none'}"
    return f"{done}; not seen restarted: {', '.join(missing)}" if missing else done


def _submits(action: SubmissionSet, found: Answers) -> str:
    return f"read again: u_smtp is {answers.shown(found.one('submission', 2)[1])}"


def _said(words: str) -> Callable[[Any, Answers], str]:
    return lambda action, found: words


ACTS: Final[Mapping[type, Act[Any]]] = {
    SmtpStopped: Act(
        "change/stop_smtp",
        _stop,
        lambda action, found: _smtp_is(found),
        {LINUX.name: manual.stopped},
    ),
    SmtpStarted: Act(
        "change/start_smtp",
        _start,
        lambda action, found: _smtp_is(found),
        {LINUX.name: manual.started},
    ),
    PasswordReset: Act(
        "change/reset_password",
        _reset,
        _was_reset,
        {LINUX.name: manual.reset},
    ),
    SubmissionSet: Act(
        "change/set_submission",
        _submission,
        _submits,
        {LINUX.name: manual.submission},
    ),
    FolderSetAside: Act(
        "change/set_aside",
        _set_aside,
        _is_aside,
        {LINUX.name: manual.set_aside},
    ),
    FolderRestored: Act(
        "change/restore_folder",
        _restored,
        _is_restored,
        {LINUX.name: manual.restored},
    ),
    SessionsEnded: Act(
        "change/restart_modules",
        _restart,
        _restarted,
        {LINUX.name: manual.restarted},
    ),
    MailReinjected: Act(
        "change/reinject",
        lambda action, seen, known: reinjection.values_of(action, seen),
        None,
        {LINUX.name: manual.reinjected},
    ),
    EmptyFolderRemoved: Act(
        "change/remove_empty",
        _aside,
        _said("every folder of it was empty, and none is left"),
        {LINUX.name: manual.empty_removed},
    ),
    SettledMailRemoved: Act(
        "change/remove_settled",
        _aside,
        None,
        {LINUX.name: manual.settled_removed},
    ),
    IncidentForgotten: Act(
        "change/forget_incident",
        lambda action, seen, known: {},
        _said("the folder of this incident and its lease were removed"),
        {LINUX.name: manual.forgotten},
    ),
}
