"""What any mail server can say and do, in our words.

A `Reader` is all that a step's probe is handed: a `perform` there is a type error.
"""

from collections.abc import Iterator
from typing import Final, Protocol

from playbook.mail.actions import MailAction
from playbook.mail.reinjection import ReinjectionState
from playbook.mail.survey import Activity, Evidence, LogPiece, Role, Survey
from playbook.progress import Tell, untold
from playbook.triage.features import Features


class Reader(Protocol):
    """What a step may ask of the mail server."""

    def survey(self) -> Survey:
        """What is there: as last seen, each change having said what it left."""

    def evidence(self) -> Evidence:
        """What would be lost by a stop: connections, account settings, log files."""

    def watch(self, seconds: int) -> Activity:
        """Watch the accounts for so long."""

    def reinjected(self, roles: tuple[Role, ...], patience_s: int) -> ReinjectionState:
        """What became of the mail given back out of queues of these roles.

        Waits until nothing of it is untried or remote servers name our address, and at most so
        long.
        """

    def look_again(self) -> None:
        """Forget what was seen: the next `survey` asks the server."""

    def queue_files(self, folder: str, tell: Tell = untold) -> Iterator[Features]:
        """The features of every file below a folder, as they come; paths relative to it.

        Raises a `TransportError`, in the middle too: it is then asked again from the beginning.
        """

    def smtp_logs(self, days: int, tell: Tell = untold) -> Iterator[LogPiece]:
        """The SMTP logs of the last days, in pieces, as they come; raises as `queue_files` does."""


class MailServer(Reader, Protocol):
    """A mail server that can also be changed."""

    def perform(self, action: MailAction, tell: Tell = untold) -> str:
        """Bring the action about and say in a sentence what was seen of it.

        Raises `ServerRefused` where a script looked and did not do it, and a `TransportError`
        where it is not known.
        """


SAMPLE_BYTES: Final = 64 * 1024


class Samples(Protocol):
    """Whoever can read the beginning of a file of the queue."""

    def text_of(self, folder: str, path: bytes) -> bytes:
        """The first `SAMPLE_BYTES` of the file `path` below `folder`.

        Raises a `RespondError` where it cannot be read: the file is gone, is no regular file,
        lies behind a link, or the server is not reached.
        """
