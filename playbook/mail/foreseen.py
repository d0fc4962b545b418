"""A mail server that is only read, and on which planned actions count as done."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from playbook.mail.actions import FolderSetAside, MailAction, MailReinjected, foresee
from playbook.mail.reinjection import ReinjectionState
from playbook.mail.server import Describing, Description
from playbook.mail.survey import Activity, Evidence, Module, Role, Survey
from playbook.progress import Tell, untold
from playbook.smtplog.deliveries import Delivery
from playbook.smtplog.reading import LogReading
from playbook.smtplog.sessions import Session
from playbook.triage.features import Features


@dataclass
class Foreseen:
    """What the server would show if everything planned so far were done.

    Services, settings and folders are foreseen; everything else is what was read.
    """

    reader: Describing
    _seen: Survey | None = None
    _live: dict[str, str] = field(default_factory=dict)
    _given: list[MailReinjected] = field(default_factory=list)

    def survey(self) -> Survey:
        """What is there, with the planned actions done."""
        if self._seen is None:
            self._seen = self.reader.survey()
        return self._seen

    def evidence(self) -> Evidence:
        """What would be kept."""
        return self.reader.evidence()

    def watch(self, seconds: int) -> Activity:
        """A watch that saw nothing, of SMTP as it is foreseen: the future cannot be watched."""
        smtp = self.survey().smtp
        up = Module(smtp.name, smtp.pids, smtp.listening)
        return Activity(seconds, up, foreseen=True)

    def reinjected(self, roles: tuple[Role, ...], patience_s: int) -> ReinjectionState:
        """What was given back, and what is planned counted as accepted; nothing is waited for."""
        seen = self.reader.reinjected(roles, 0)
        planned = sum(each.count for each in self._given if each.role in roles)
        return replace(
            seen,
            published=seen.published + planned,
            accepted=seen.accepted + planned,
            foreseen=planned,
        )

    def look_again(self) -> None:
        """What is foreseen stays: the server would show what was there before the plan."""

    def queue_files(self, folder: str, tell: Tell = untold) -> Iterator[Features]:
        """What lies there now: in the live folder, where one is foreseen to be set aside."""
        return self.reader.queue_files(self._live.get(folder, folder), tell)

    def smtp_log(
        self, days: int, tell: Tell = untold, reading: LogReading | None = None
    ) -> Iterator[Session | Delivery]:
        """The logs as they are."""
        return self.reader.smtp_log(days, tell, reading)

    def describe(self, action: MailAction, seen: Survey | None = None) -> Description:
        """What would be sent, as things will stand by then."""
        return self.reader.describe(action, seen or self.survey())

    def perform(self, action: MailAction, tell: Tell = untold) -> str:
        """Count the action as done."""
        self._seen = foresee(action, self.survey())
        if isinstance(action, FolderSetAside):
            self._live[action.aside] = action.folder
        if isinstance(action, MailReinjected):
            self._given.append(action)
        return "foreseen"
