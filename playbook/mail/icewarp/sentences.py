"""What is said of an action that was brought about, from what its script answered."""

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
from playbook.mail.scripts import answers


def sentence(action: MailAction, found: answers.Answers) -> str:  # noqa: C901 - one case an action
    """What was seen of it."""
    match action:
        case SmtpStopped():
            return "seen stopped: no process, and the port is closed"
        case SmtpStarted():
            banner = found.one("module", 4)[3]
            return f"seen up: {answers.shown(banner)}" if banner else "seen up: its port answers"
        case PasswordReset():
            verified = found.one("reset", 2)[1] == "verified"
            how = "read again: it was changed" if verified else "this version cannot confirm it"
            return f"done, and {how}"
        case FolderSetAside():
            holders = found.one("open", 1)[0]
            late = f"; files were still held open by process {holders}" if holders else ""
            return f"renamed{late}"
        case FolderRestored():
            left = found.one("left", 1)[0]
            return "merged" if left == "0" else f"merged; {left} files of equal name stay aside"
        case SessionsEnded():
            slow = [name for name, status in found.all("restarted", 2) if status != "0"]
            return f"restarted, but not: {', '.join(slow)}" if slow else "restarted"
        case SubmissionSet():
            return "read again: it is so"
        case EmptyFolderRemoved():
            return "it was empty, and is gone"
        case MailReinjected():
            return "given back"
        case SettledMailRemoved():
            return "removed"
        case IncidentForgotten():
            return "the server keeps nothing of it"
        case _:
            assert_never(action)
