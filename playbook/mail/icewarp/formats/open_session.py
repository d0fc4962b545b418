"""A server session of an SMTP log whose end was not read yet."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from playbook.mail.icewarp.formats.log_logins import Attempt
from playbook.smtplog.sessions import Login, Session, Submission


@dataclass(slots=True)
class Turn:
    """The part of a session with one login, or with none."""

    account: str = ""
    login: Login = Login.NONE
    submissions: list[Submission] = field(default_factory=list)
    written_to: list[str] = field(default_factory=list)


@dataclass(slots=True)
class OpenSession:
    """A session whose end was not read yet; its last turn is the one whose login is in force.

    A message belongs to the turn in which its MAIL FROM came.
    """

    address: str
    thread: str
    first_at_s: int | None
    has_start: bool
    last_at_s: int | None = None
    client_name: str = ""
    local_address: str = ""
    server_name: str = ""
    turns: list[Turn] = field(default_factory=lambda: [Turn()])
    attempt: Attempt | None = None
    sender: str | None = None
    sent_in: Turn | None = None
    recipients: int = 0
    waits_for_id: bool = False
    was_reset: bool = False
    held: int = 0

    @property
    def turn(self) -> Turn:
        """The turn that a message now handed in belongs to."""
        return self.sent_in or self.turns[-1]

    def closed(self) -> Iterator[Session]:
        """The parts as far as they were read; those with nothing in them only if all are such."""
        told = [each for each in self.turns if each.submissions or each.login is not Login.NONE]
        for each in told or self.turns[-1:]:
            yield Session(
                address=self.address,
                thread=self.thread,
                first_at_s=self.first_at_s,
                last_at_s=self.last_at_s,
                account=each.account,
                login=each.login,
                has_start=self.has_start,
                submissions=tuple(each.submissions),
                client_name=self.client_name,
                written_to=tuple(each.written_to),
                local_address=self.local_address,
                server_name=self.server_name,
            )

    def begin_part(self) -> None:
        """Forget what was given out; the login stays in force, and that of a message begun."""
        begun, in_force = self.sent_in, self.turns[-1]
        self.turns = [in_force] if begun is None or begun is in_force else [begun, in_force]
        for each in self.turns:
            each.submissions.clear()
            each.written_to.clear()
        self.held = 0
