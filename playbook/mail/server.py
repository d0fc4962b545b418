"""What any mail server can say and do, in our words.

A `Reader` is all that a step's probe is handed: a `perform` there is a type error.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from playbook.mail.actions import MailAction
from playbook.mail.lease import Lease, ServerCopy
from playbook.mail.reinjection import ReinjectionState
from playbook.mail.settings import Asked, Settings
from playbook.mail.survey import Activity, Evidence, Role, Survey
from playbook.progress import Tell, untold
from playbook.smtplog.deliveries import Delivery
from playbook.smtplog.reading import LogReading
from playbook.smtplog.sessions import Session
from playbook.triage.features import Features
from playbook.triage.messages import QueueMessage


@dataclass(frozen=True)
class Description:
    """What would be sent for an action, and what a person would type in its place.

    `script` is its name, `text` the whole of it; a password among the `values` is not made yet.
    """

    script: str
    text: str
    values: Mapping[str, str]
    manual: tuple[str, ...]

    def __str__(self) -> str:
        told = " ".join(f"{name}={value}" for name, value in self.values.items())
        return f"{self.script} with {told}"


SAMPLE_BYTES: Final = 64 * 1024


class Samples(Protocol):
    """Whoever can read the beginning of a file of the queue."""

    def sample(self, folder: str, path: bytes) -> QueueMessage:
        """The message in the first `SAMPLE_BYTES` of the file `path` below `folder`.

        Raises a `RespondError` where it cannot be read: the file is gone, is no regular file,
        lies behind a link, or the server is not reached.
        """


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

    def smtp_log(
        self, days: int, tell: Tell = untold, reading: LogReading | None = None
    ) -> Iterator[Session | Delivery]:
        """The sessions and deliveries of the last days, as they come.

        `reading` says afterwards what was not read or not understood. Raises as `queue_files` does,
        and `ServerRefused` where there is no folder of logs.
        """


class Describing(Reader, Protocol):
    """A mail server of which is known what it would be sent."""

    def describe(self, action: MailAction, seen: Survey | None = None) -> Description:
        """What would be sent for an action as the server stands, or as `seen`; nothing is changed.

        Only where nobody looked yet is the server surveyed first.
        """


class MailServer(Describing, Protocol):
    """A mail server that can also be changed."""

    def perform(self, action: MailAction, tell: Tell = untold) -> str:
        """Bring the action about and say in a sentence what was seen of it.

        Raises `ServerRefused` where a script looked and did not do it, and a `TransportError`
        where it is not known.
        """


class ServerReader(Describing, Samples, Protocol):
    """A mail server that is only read, with what a command asks besides a step."""

    def evidence_by_hand(self, seen: Survey | None = None) -> tuple[str, ...]:
        """What a person types to keep what a stop would destroy."""

    def way_out(
        self, closed: frozenset[str], *, seen: Survey | None = None, watchdog: bool | None = None
    ) -> str:
        """The command that ends a night in which SMTP was stopped and this program was lost.

        It closes every account that is not among the `closed` before it starts SMTP. `watchdog`
        says whether it was on before the stop; None takes it from what is seen.
        """

    def has_folder(self, folder: str) -> bool:
        """Whether this folder is there."""

    def journal_copy(self, incident: str) -> tuple[str, tuple[str, ...]]:
        """The incident (the newest for "") and the lines of its journal there; "" without one."""

    def settings(self, wanted: Asked) -> Settings:
        """The settings asked for, as far as this version knows them; raises a `TransportError`."""


class HeldServer(MailServer, Protocol):
    """A mail server that is changed under a lease."""

    def take(self, wanted: Lease, *, over: bool) -> ServerCopy:
        """Take the lease, over somebody else's where `over`; raises `LeaseHeld`."""

    def release(self) -> None:
        """Give the lease up, where it is held, and leave the whole journal there."""
