"""How far an incident is contained: by what was done and seen, account by account."""

from dataclasses import dataclass, field
from enum import StrEnum

from playbook.incident.incident import Incident
from playbook.incident.obligations import suspects
from playbook.incident.records import Closed, Did, Leased, Opened, Reopened, Said, Undid
from playbook.mail.actions import (
    FolderRestored,
    FolderSetAside,
    PasswordReset,
    SmtpStarted,
    SmtpStopped,
    SubmissionSet,
)
from playbook.mail.survey import Role
from playbook.outcome import Outcome
from playbook.plan import Action

_CONTAINMENT = "compromised-account"


class Phase(StrEnum):
    """How far the leak is closed. A leak is closed where a watch has seen it, not before."""

    OPEN = "leak open"
    DOWN = "SMTP down"
    CONTAINED = "contained"
    CLOSED = "closed"


@dataclass(frozen=True)
class Standing:
    """The phase, and what stays open of it: accounts named, and others that look compromised."""

    phase: Phase
    open_accounts: int = 0
    suspects: int = 0

    def __str__(self) -> str:
        words = [str(self.phase)]
        if self.open_accounts and self.phase is not Phase.OPEN:
            words.append(f"{self.open_accounts} named open")
        if self.suspects:
            words.append(f"{self.suspects} suspected open")
        return ", ".join(words)


@dataclass
class _Seen:
    accounts: int = 1
    closed: set[str] = field(default_factory=set)
    is_down: bool = False
    is_aside: bool = False
    is_confirmed: bool = False
    are_closed: bool = False
    was_seen_open: bool = False

    def take(self, step: str, said: Said) -> None:
        match said:
            case Opened():
                self.accounts = max(1, len(said.accounts))
            case Did() | Undid():
                self._act(said.do)
            case Closed():
                self._end(step, said.outcome)
            case Reopened():
                self.is_confirmed &= "confirm_closed" not in said.steps
            case _:
                pass

    def _act(self, action: Action) -> None:
        self.was_seen_open = False
        match action:
            case SmtpStopped():
                self.is_down = True
            case SmtpStarted():
                self.is_down = False
            case PasswordReset(account=account) | SubmissionSet(account=account, allowed=False):
                self.closed.add(account)
            case SubmissionSet(account=account):
                self.closed.discard(account)
                self.are_closed = False
            case FolderSetAside(role=Role.OUTGOING):
                self.is_aside = True
            case FolderRestored(role=Role.OUTGOING):
                self.is_aside = self.is_confirmed = False
            case _:
                pass

    def _end(self, step: str, outcome: Outcome) -> None:
        """What a step saw counts, also where nothing was left to do."""
        good = outcome.good
        match step:
            case "stop_smtp":
                self.is_down |= good
            case "start_smtp":
                self.is_down &= not good
            case "reset_password":
                self.are_closed = good
            case "rename_outgoing":
                self.is_aside |= good
            case "confirm_closed":
                self.is_confirmed = good
                self.was_seen_open = outcome is Outcome.FAILED
            case _:
                pass

    @property
    def left(self) -> int:
        return 0 if self.are_closed else max(0, self.accounts - len(self.closed))

    def phase(self) -> Phase:
        if self.is_down:
            return Phase.DOWN
        if self.left or not self.is_aside or self.was_seen_open:
            return Phase.OPEN
        return Phase.CLOSED if self.is_confirmed else Phase.CONTAINED


def standing(case: Incident) -> Standing | None:
    """How far it is contained; None where its runbook contains nothing, or it is being closed."""
    commands = [each.command for each in case.all(Leased)]
    opened = case.all(Opened)
    runbook = commands[-1] if commands else (opened[-1].runbook if opened else "")
    if not opened or opened[-1].runbook != _CONTAINMENT or runbook not in (_CONTAINMENT, "undo"):
        return None
    seen = _Seen()
    for record in case.journal.records:
        seen.take(record.step, record.said)
    return Standing(seen.phase(), seen.left, len(suspects(case.obligations())))
