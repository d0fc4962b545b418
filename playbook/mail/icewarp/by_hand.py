"""The commands that a person types on the server, with its real paths, where the tool is lost."""

import shlex
from typing import assert_never

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
from playbook.mail.icewarp.variables import WATCHDOG
from playbook.mail.survey import Survey


def commands(  # noqa: C901 - one case an action
    action: MailAction, seen: Survey
) -> tuple[str, ...]:
    """The shell commands that bring the action about, each a line to paste."""
    control, module = shlex.quote(seen.product.control), shlex.quote(seen.smtp.name)
    write = f"{shlex.quote(seen.product.tool)} {'modify' if _old(seen) else 'set'}"
    match action:
        case SmtpStopped():
            watchdog = (f"{write} system {WATCHDOG} 0",) if seen.watchdog is not None else ()
            wait = "# wait until no smtp process is left: ps ax | grep '[s]mtp'"
            return (*watchdog, f"{control} --stop {module}", wait)
        case SmtpStarted(state):
            watchdog = (f"{write} system {WATCHDOG} {int(state)}",) if state is not None else ()
            return (f"{control} --start {module}", *watchdog)
        case PasswordReset(account):
            return (f"{write} account {shlex.quote(account)} u_password 'A-NEW-PASSWORD'",)
        case SubmissionSet(account, allowed):
            return (f"{write} account {shlex.quote(account)} u_smtp {int(allowed)}",)
        case FolderSetAside():
            return (f"mv {shlex.quote(action.folder)} {shlex.quote(action.aside)}",)
        case FolderRestored():
            return (f"cp -an {shlex.quote(action.aside)}/. {shlex.quote(action.folder)}/",)
        case SessionsEnded(modules):
            return tuple(f"{control} --restart {shlex.quote(each)}" for each in modules)
        case MailReinjected():
            draft = f"{shlex.quote(action.folder)}/NAME.draft"
            return (
                f"# for each good FILE of {shlex.quote(action.aside)}, never one twice:",
                f"cp -p FILE {draft} && mv -n {draft} {shlex.quote(action.folder)}/NAME.tmp",
            )
        case EmptyFolderRemoved(_, aside):
            return (f"rmdir {shlex.quote(aside)}",)
        case SettledMailRemoved(_, aside):
            return (f"# when nothing good is left in it: rm -r {shlex.quote(aside)}",)
        case IncidentForgotten():
            return (f"rm -r {shlex.quote(seen.state_folder)}",)
        case _:
            assert_never(action)


def _old(seen: Survey) -> bool:
    return seen.product.dialect == "display"
