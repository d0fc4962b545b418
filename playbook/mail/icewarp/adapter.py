"""IceWarp on Linux, changed: each action by its row of the acts, under the custody of a lease."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from playbook.mail.actions import (
    EmptyFolderRemoved,
    IncidentForgotten,
    MailAction,
    MailReinjected,
    PasswordReset,
    SettledMailRemoved,
    foresee,
)
from playbook.mail.icewarp import removal
from playbook.mail.icewarp.acts import act_of
from playbook.mail.icewarp.reader import IceWarpReader
from playbook.mail.icewarp.reinjection import Reinjection
from playbook.mail.icewarp.variables import deadline_s
from playbook.mail.lease import Lease, ServerCopy
from playbook.mail.reinjection import MailList, NoMail, ReinjectionState
from playbook.mail.scripts import answers
from playbook.mail.scripts.custody import Custody
from playbook.mail.scripts.outbox import Outbox
from playbook.mail.server import Description
from playbook.mail.survey import Activity, Evidence, Role, Survey
from playbook.progress import Tell, untold
from playbook.secret import Secret
from playbook.smtplog.deliveries import Delivery
from playbook.smtplog.reading import LogReading
from playbook.smtplog.sessions import Session
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

        return Custody(self.reader.scripts, self.journal, state_folder, self.reader.learn)

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

    def smtp_log(
        self, days: int, tell: Tell = untold, reading: LogReading | None = None
    ) -> Iterator[Session | Delivery]:
        """The sessions and deliveries of the last days."""
        return self.reader.smtp_log(days, tell, reading)

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
        act = act_of(action)
        known = self.reader.overrides
        values = act.values(action, self.survey(), known)
        if isinstance(action, PasswordReset):
            values["password"] = self.mint(action)
        records = self.custody.change(act.script, values, deadline_s(known), tell)
        if isinstance(action, IncidentForgotten):
            self.custody.let_go()
        if isinstance(action, EmptyFolderRemoved):
            self.reader.begin_with(foresee(action, self.survey()))
        return act.said(action, answers.gathered(records)) if act.said else ""

    def describe(self, action: MailAction, seen: Survey | None = None) -> Description:
        """What this server would be sent for an action, by what was seen of it last."""
        return self.reader.describe(action, seen)
