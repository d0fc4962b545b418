"""What a mail server can be asked to bring about: end states, as plain values without a secret.

Each action has a sentence for a person (`str(action)`), and `foresee` says what a survey of the
server would show after it: the whole of the dry run's knowledge of the future.
"""

from dataclasses import replace
from typing import assert_never

import msgspec

from playbook.mail.survey import Module, Role, SetAside, Survey
from playbook.secret import PasswordShape


class MailServerAction(msgspec.Struct, frozen=True, tag=True):
    """What every action is: a value that is written with the name of its class as `type`."""


class SmtpStopped(MailServerAction, frozen=True):
    """SMTP is down: its watchdog off, no process left, and nothing listens on its port.

    With `kill`, processes that do not end by themselves are ended (TERM, then KILL).
    """

    kill: bool = False

    def __str__(self) -> str:
        how = ", ending the processes that stay (TERM, then KILL)" if self.kill else ""
        return f"Switch the SMTP watchdog off and stop SMTP{how}"


class SmtpStarted(MailServerAction, frozen=True):
    """SMTP is up and shows its banner; its watchdog is as `watchdog` says (None: left alone)."""

    watchdog: bool | None

    def __str__(self) -> str:
        watchdog = {True: " and switch its watchdog on", False: "; its watchdog stays off"}
        return f"Start SMTP{watchdog.get(self.watchdog, '') if self.watchdog is not None else ''}"


class PasswordReset(MailServerAction, frozen=True):
    """The account has a new random password that nobody knows."""

    account: str
    shape: PasswordShape
    expire: bool = False

    def __str__(self) -> str:
        expired = ", to be changed at the next login" if self.expire else ""
        return (
            f"Give {self.account} a new random password of {self.shape.length} characters{expired}"
        )


class SubmissionSet(MailServerAction, frozen=True):
    """The account may, or may not, submit mail through this server (`u_smtp`)."""

    account: str
    allowed: bool

    def __str__(self) -> str:
        verb = "Let" if self.allowed else "Forbid"
        return f"{verb} {self.account} {'' if self.allowed else 'to '}submit mail here (u_smtp)"


class FolderSetAside(MailServerAction, frozen=True):
    """A queue folder lies under another name on its own volume, where nothing walks it.

    `folder` is the real path, links followed. With `emptied` it cannot be renamed (a mount
    point), and its contents are carried to `aside` instead. With `recreate` an empty folder of
    the same owner and mode is left in its place.
    """

    role: Role
    folder: str
    aside: str
    emptied: bool = False
    recreate: bool = False

    def __str__(self) -> str:
        if self.emptied:
            return f"Carry what lies in {self.folder} (a mount point) to {self.aside}"
        again = ", and leave an empty folder in its place" if self.recreate else ""
        return f"Rename {self.folder} to {self.aside}{again}"


class FolderRestored(MailServerAction, frozen=True):
    """What was set aside lies in its folder again, and nothing that came since is overwritten."""

    role: Role
    folder: str
    aside: str

    def __str__(self) -> str:
        return f"Merge {self.aside} back into {self.folder}, overwriting nothing"


class SessionsEnded(MailServerAction, frozen=True):
    """The modules that hold logged-in sessions were restarted."""

    modules: tuple[str, ...]

    def __str__(self) -> str:
        return f"Restart {', '.join(self.modules)}, which ends their logged-in sessions"


class MailReinjected(MailServerAction, frozen=True):
    """So many good files of a queue that was set aside lie in their live queue again.

    `aside` is where the queue was set aside, `folder` the live one (of an incoming queue pairs go
    back). `digest` names the whole list of good files as it was shown; which of them go is told to
    the mail server when it is done. `per_minute` is the pace, 0 for none. With `canary` they are
    the first few, of different recipients. `default_from` is added as `From:` where a message has
    none; with "" no byte is changed.
    """

    role: Role
    aside: str
    folder: str
    count: int
    digest: str
    per_minute: int = 0
    canary: bool = False
    default_from: str = ""

    def __str__(self) -> str:
        what = "good pairs" if self.role is Role.INCOMING else "good mails"
        pace = f", {self.per_minute} a minute" if self.per_minute and not self.canary else ""
        first = ", the first ones, to see them accepted" if self.canary else ""
        changed = f", with From: {self.default_from} where there is none"
        return (
            f"Give {self.count:,} {what} of {self.aside} back to {self.folder}{first}{pace}"
            f"{changed if self.default_from else ''} (list {self.digest[:12]})"
        )


class EmptyFolderRemoved(MailServerAction, frozen=True):
    """A folder that was set aside is gone; one with a file in it is never removed."""

    role: Role
    aside: str

    def __str__(self) -> str:
        return f"Remove {self.aside}, which is empty"


class SettledMailRemoved(MailServerAction, frozen=True):
    """What is settled of a folder that was set aside is gone: spam, and originals given back.

    `digest` names the list as it was shown; a SHA-256 of each file is kept.
    """

    role: Role
    aside: str
    count: int
    digest: str

    def __str__(self) -> str:
        return (
            f"Remove {self.count:,} settled files from {self.aside}, "
            f"keeping their SHA-256 (list {self.digest[:12]})"
        )


class IncidentForgotten(MailServerAction, frozen=True):
    """The mail server keeps nothing of the incident: no journal, no ledger, no lease."""

    incident: str

    def __str__(self) -> str:
        return f"Remove what is kept of {self.incident} on the server"


MailAction = (
    SmtpStopped
    | SmtpStarted
    | PasswordReset
    | SubmissionSet
    | FolderSetAside
    | FolderRestored
    | SessionsEnded
    | MailReinjected
    | EmptyFolderRemoved
    | SettledMailRemoved
    | IncidentForgotten
)


def foresee(action: MailAction, seen: Survey) -> Survey:
    """What a survey would show if the action were done: services, settings and folders only."""
    match action:
        case SmtpStopped():
            down = Module(seen.smtp.name, (), listening=False)
            return replace(seen, smtp=down, watchdog=None if seen.watchdog is None else False)
        case SmtpStarted(watchdog):
            up = Module(seen.smtp.name, (0,), listening=True)
            return replace(seen, smtp=up, watchdog=seen.watchdog if watchdog is None else watchdog)
        case SubmissionSet(address, allowed):
            accounts = tuple(
                replace(each, may_submit=allowed) if each.address == address else each
                for each in seen.accounts
            )
            return replace(seen, accounts=accounts)
        case FolderSetAside():
            return replace(seen, aside=(*seen.aside, SetAside(action.role, action.aside)))
        case FolderRestored() | EmptyFolderRemoved():
            left = tuple(each for each in seen.aside if each.path != action.aside)
            return replace(seen, aside=left)
        case PasswordReset() | SessionsEnded() | MailReinjected():
            return seen
        case SettledMailRemoved() | IncidentForgotten():
            return seen
        case _:
            assert_never(action)
