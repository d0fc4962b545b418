"""IceWarp on Linux: which script brings which action about, and what it is told."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
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
    foresee,
)
from playbook.mail.icewarp import removal
from playbook.mail.icewarp.reader import IceWarpReader
from playbook.mail.icewarp.reinjection import Reinjection
from playbook.mail.icewarp.sentences import sentence
from playbook.mail.icewarp.variables import WATCHDOG
from playbook.mail.lease import Lease, ServerCopy
from playbook.mail.reinjection import MailList, NoMail, ReinjectionState
from playbook.mail.scripts import answers
from playbook.mail.scripts.custody import Custody
from playbook.mail.scripts.outbox import Outbox
from playbook.mail.survey import Activity, Evidence, LogPiece, Role, Survey
from playbook.progress import Tell, untold
from playbook.secret import Secret
from playbook.transports.frame import Value
from playbook.triage.features import Features


@dataclass
class IceWarp:
    """A mail server that runs IceWarp on Linux, and is also changed.

    `reader` is what it is looked at with, and knows it afterwards as each change left it. `mint`
    makes the new password at the moment it is sent. `good` is the list of good mail, which is
    asked for it and told what became of it; `interrupted` says between two slices whether a
    person wants to stop.
    """

    reader: IceWarpReader
    journal: Outbox
    mint: Callable[[PasswordReset], Secret] = field(default=lambda action: Secret(""))
    good: MailList = field(default_factory=NoMail)
    interrupted: Callable[[], str] = lambda: ""

    @cached_property
    def custody(self) -> Custody:
        """The lease, and the journal's copy on the server."""

        def state_folder() -> str:
            return self.survey().state_folder

        return Custody(self.reader.transport, self.journal, state_folder, self.reader.learn)

    @cached_property
    def _reinjection(self) -> Reinjection:
        """The mail given back under this lease, and how more of it is given."""
        return Reinjection(
            self.custody, self.survey, self.good, self.interrupted, self.reader.watching
        )

    def survey(self) -> Survey:
        """What is there, as last seen."""
        return self.reader.survey()

    def look_again(self) -> None:
        """Forget what was seen."""
        self.reader.look_again()

    def evidence(self) -> Evidence:
        """Connections on the mail ports, account settings, log files, the clock."""
        return self.reader.evidence()

    def watch(self, seconds: int) -> Activity:
        """Watch what log and queue grow by."""
        return self.reader.watch(seconds)

    def queue_files(self, folder: str, tell: Tell = untold) -> Iterator[Features]:
        """The features of every file below a folder."""
        return self.reader.queue_files(folder, tell)

    def smtp_logs(self, days: int, tell: Tell = untold) -> Iterator[LogPiece]:
        """The SMTP logs of the last days."""
        return self.reader.smtp_logs(days, tell)

    def reinjected(self, roles: tuple[Role, ...], patience_s: int) -> ReinjectionState:
        """What became of the mail given back, by the ledger, the queues and the log there."""
        return self._reinjection.look(roles, patience_s)

    def take(self, wanted: Lease, *, over: bool) -> ServerCopy:
        """Take the lease and make the folder where the incident is kept on the server."""
        return self.custody.take(wanted, self.survey().clock, over=over)

    def release(self) -> None:
        """Give the lease up and leave the whole journal there."""
        self.custody.release()

    def perform(self, action: MailAction, tell: Tell = untold) -> str:
        """Send the action's script, keep what it says of the server, and say it in a sentence."""
        if isinstance(action, MailReinjected):
            return self._reinjection.give(action, tell)
        if isinstance(action, SettledMailRemoved):
            return removal.remove(self.custody, self.good, action, tell)
        name, values = self.describe(action)
        if isinstance(action, PasswordReset):
            values["password"] = self.mint(action)
        found = answers.gathered(self.custody.change(name, values, self._deadline_s(), tell))
        if isinstance(action, IncidentForgotten):
            self.custody.let_go()
        if isinstance(action, EmptyFolderRemoved):
            self.reader.begin_with(foresee(action, self.survey()))
        return sentence(action, found)

    def describe(  # noqa: C901 - one case an action
        self, action: MailAction
    ) -> tuple[str, dict[str, Value]]:
        """The script that brings the action about, and its values (a password is not yet made)."""
        service = self.reader.service_values()
        watchdog = WATCHDOG if self.survey().watchdog is not None else ""
        match action:
            case SmtpStopped(kill):
                stop = {"kill": "yes" if kill else "", "watchdog": watchdog}
                patience = self.reader.overrides.stop_patience_s
                return "change/stop_smtp", {**service, **stop, "patience": patience}
            case SmtpStarted(state):
                start = {"watchdog": watchdog, "state": "" if state is None else str(int(state))}
                start |= {"logs": self.survey().logs}
                patience = self.reader.overrides.start_patience_s
                return "change/start_smtp", {**service, **start, "patience": patience}
            case PasswordReset(account, _, expire):
                reset = {"account": account, "password": "", "expire": "yes" if expire else ""}
                return "change/reset_password", {**service, **reset}
            case SubmissionSet(account, allowed):
                return "change/set_submission", {
                    **service,
                    "account": account,
                    "allowed": int(allowed),
                }
            case FolderSetAside():
                aside = {
                    "emptied": "yes" if action.emptied else "",
                    "recreate": "yes" if action.recreate else "",
                }
                return "change/set_aside", {**service, **self._places(action), **aside}
            case FolderRestored():
                return "change/restore_folder", {**service, **self._places(action)}
            case SessionsEnded(modules):
                names = " ".join(modules)
                return "change/restart_modules", {**service, "modules": names, "patience": 30}
            case MailReinjected():
                return "change/reinject", self._reinjection.values(action)
            case EmptyFolderRemoved(_, aside):
                return "change/remove_empty", {"aside": aside}
            case SettledMailRemoved(_, aside):
                return "change/remove_settled", {"aside": aside}
            case IncidentForgotten():
                return "change/forget_incident", {}
            case _:
                assert_never(action)

    def _deadline_s(self) -> float:
        """Longer than everything that a script waits for together."""
        known = self.reader.overrides
        return 3 * known.stop_patience_s + known.start_patience_s + 6 * known.tool_patience_s + 60

    def _places(self, action: FolderSetAside | FolderRestored) -> dict[str, Value]:
        known = self.survey().folder(action.role)
        path = known.path if known else action.folder
        return {"role": action.role, "path": path, "folder": action.folder, "aside": action.aside}
