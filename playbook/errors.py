"""What can go wrong, as one tree.

RespondError
├── BadInput                 what was typed, or a file that a person wrote
│   ├── BadInventory
│   └── BadRunbook
├── TransportError           between this machine and the mail server
│   ├── HostUnreachable
│   ├── HostKeyRefused
│   ├── AuthenticationRefused
│   ├── ElevationRefused
│   ├── LineLost             after something was sent: what happened there is not known
│   ├── DeadlinePassed       the same, with the line still up
│   └── AnswerUnreadable
├── ChangeForbidden          a change was asked of a server that may only be read
├── ServerRefused            a script looked, and did not do it
├── PlanChanged              the server is not as it was when a plan was saved
├── LeaseHeld                somebody else is responding
├── IncidentOpen             an incident is in the way of what was asked
├── JournalError
│   ├── JournalBroken        a record was altered, or a link of the chain is missing
│   ├── JournalForked        two copies of it went on, each by itself
│   └── JournalUnwritable
├── Unheard              a result was made, and nobody can read it
├── PersonNeeded             only a person can decide this, and none is there
└── StoppedByPerson

Interrupted                  a signal ends the program at once
"""

from enum import IntEnum
from typing import ClassVar


class ExitCode(IntEnum):
    """What the command says to the shell that called it."""

    GREEN = 0
    RED = 1
    USAGE = 2
    OWED = 3
    PERSON = 4
    HOST = 5
    REFUSED = 6
    UNKNOWN = 7
    JOURNAL = 8
    UNPROVEN = 9

    @property
    def meaning(self) -> str:
        """The sentence that `--help` prints for this code."""
        return _MEANINGS[self]


_MEANINGS = {
    ExitCode.GREEN: "done, seen to hold, nothing owed",
    ExitCode.RED: "a step failed, or the leak was seen open",
    ExitCode.USAGE: "the command line, the inventory or a file is not understood; nothing was done",
    ExitCode.OWED: "done and seen to hold, but something is owed: `respond incidents` lists it",
    ExitCode.PERSON: "stopped by a person, or a person is needed and none was there",
    ExitCode.HOST: "the mail server was not reached, or did not let us in",
    ExitCode.REFUSED: "refused: another responder, a changed plan, or a missing condition",
    ExitCode.UNKNOWN: "the line was lost and what is there could not be seen; resume",
    ExitCode.JOURNAL: "a journal or its evidence is broken, or cannot be written",
    ExitCode.UNPROVEN: "done, but not proven: what would show it could not be seen",
}


class RespondError(Exception):
    """A foreseeable fault: what happened, because of what, and what to try next.

    `what` and `because` are shown to a person as they are: a caller escapes what came from
    a mail server before it gets here.
    """

    remedy: ClassVar[str] = "Read the sentence above; `respond journal` shows what was done before."
    exit_code: ClassVar[ExitCode] = ExitCode.RED

    def __init__(self, what: str, because: str = "", remedy: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.because = because
        self.next = remedy or self.remedy

    @property
    def fact(self) -> str:
        """What happened and because of what, without a remedy."""
        return f"{self.what}, because {self.because}" if self.because else self.what

    def __str__(self) -> str:
        return f"{self.fact}. {self.next}"


class BadInput(RespondError):
    """Something that a person typed or wrote is not understood; nothing was done."""

    remedy = "Correct it and call again; `respond --help` lists what is understood."
    exit_code = ExitCode.USAGE


class BadInventory(BadInput):
    """The inventory, or a host of it, is not understood."""

    remedy = "Correct the inventory file; the README shows one with every key."


class BadRunbook(BadInput):
    """A runbook names a step that is not there, or a step is not one."""

    remedy = "Every `do` names a file in `steps/`; `respond show` lists the runbooks."


class TransportError(RespondError):
    """The mail server could not be asked."""

    remedy = "Try `ssh` to the host by hand; the answer is the same one in other words."
    exit_code = ExitCode.HOST


class HostUnreachable(TransportError):
    """No connection could be opened; nothing was sent."""

    remedy = "Check the name, the port and the network, or run respond on the server itself."


class HostKeyRefused(TransportError):
    """The host key is unknown, revoked, or not the one that was known."""

    remedy = "Compare the fingerprint with one from a second source before you accept it."


class AuthenticationRefused(TransportError):
    """The server did not accept the key or password."""

    remedy = "Check the user, the key file and the agent (`ssh-add -l`)."


class ElevationRefused(TransportError):
    """The login works, but may not become root."""

    remedy = "Log in as root, give the user a sudo right, or name `sudo_password` in the inventory."


class LineLost(TransportError):
    """The connection ended after something was sent: what happened there is not known."""

    remedy = "`respond resume` connects again, looks, and goes on from what is there."
    exit_code = ExitCode.UNKNOWN


class DeadlinePassed(TransportError):
    """A script gave no sign of life in time: what happened there is not known."""

    remedy = "`respond resume` looks again; on the server, `ps` shows what hangs."
    exit_code = ExitCode.UNKNOWN


class AnswerUnreadable(TransportError):
    """An answer without its last record, or one that does not match it."""

    remedy = "`respond resume` looks again; a login script that prints is a usual cause."
    exit_code = ExitCode.UNKNOWN


class ChangeForbidden(RespondError):
    """A change was asked of a server that may only be read; not a byte of it was sent."""

    remedy = "This is a fault of the program: please report it with the line above."
    exit_code = ExitCode.REFUSED


class ServerRefused(RespondError):
    """A script on the server looked at what is there and did not do its work.

    `reason` is the one word that the script gave, for code to match on.
    """

    remedy = "Mend what it says; `respond resume` looks again, and goes on."

    def __init__(self, reason: str, what: str, because: str = "", remedy: str = "") -> None:
        super().__init__(what, because, remedy)
        self.reason = reason


class PlanChanged(RespondError):
    """A saved plan was made for another host, another account, or another state of the server."""

    remedy = "Nothing was changed. Make a new plan with `--dry-run --plan FILE`, and read it."
    exit_code = ExitCode.REFUSED


class LeaseHeld(RespondError):
    """Another responder holds the lease on this mail server."""

    remedy = "Speak with them; `--take-over REASON` takes the lease and is written down."
    exit_code = ExitCode.REFUSED


class IncidentOpen(RespondError):
    """An incident is open, or over, so that what was asked would begin it a second time."""

    remedy = "`respond incidents` lists what is open, and the command that goes on with it."
    exit_code = ExitCode.REFUSED


class JournalError(RespondError):
    """The journal cannot be used."""

    remedy = "Keep the file as it is and look at it with `respond journal --verify`."
    exit_code = ExitCode.JOURNAL


class JournalBroken(JournalError):
    """A record was altered, or a link of the chain is missing."""


class JournalForked(JournalError):
    """The copies of a journal here and on the mail server went different ways."""

    remedy = "`respond journal` shows ours; a reason (--override) takes the server's."


class JournalUnwritable(JournalError):
    """The journal cannot be written, so nothing may be done."""

    remedy = "Free space or change the rights, or name another folder in RESPOND_HOME."


class Unheard(RespondError):
    """A result cannot be written to standard output."""

    remedy = "Free space, or write it to another place; what was done is done."


class PersonNeeded(RespondError):
    """Only a person can decide this, and none is there."""

    remedy = "Call it from a terminal with `--interactive`, or give the answer as an option."
    exit_code = ExitCode.PERSON


class StoppedByPerson(RespondError):
    """A person said stop; the run stands at a boundary."""

    remedy = "`respond incidents` names the command that goes on."
    exit_code = ExitCode.PERSON


class Interrupted(BaseException):
    """A signal ends the program at once, as its words say; nothing but the way out catches it."""
