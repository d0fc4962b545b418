"""A mail server that is only read, and on which planned actions count as done."""

from collections.abc import Iterator
from dataclasses import dataclass

from playbook.mail.actions import MailAction, foresee
from playbook.mail.server import Activity, Evidence, LogPiece, Module, Reader, Survey
from playbook.queue.features import Features
from playbook.transports.base import Tell, untold


@dataclass
class Foreseen:
    """What the server would show if everything planned so far were done.

    Services, settings and folders are foreseen; everything else is what was read.
    """

    reader: Reader
    _seen: Survey | None = None

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
        return Activity(seconds, Module(smtp.name, smtp.pids, smtp.listening))

    def look_again(self) -> None:
        """What is foreseen stays: the server would show what was there before the plan."""

    def queue_files(self, folder: str, tell: Tell = untold) -> Iterator[Features]:
        """The files that lie there now."""
        return self.reader.queue_files(folder, tell)

    def smtp_logs(self, days: int, tell: Tell = untold) -> Iterator[LogPiece]:
        """The logs as they are."""
        return self.reader.smtp_logs(days, tell)

    def perform(self, action: MailAction, tell: Tell = untold) -> str:
        """Count the action as done."""
        self._seen = foresee(action, self.survey())
        return "foreseen"
