"""The one method that a transport has, and the wrapper that forbids changes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

from playbook.errors import ChangeForbidden
from playbook.progress import Tell, untold
from playbook.secret import Secret
from playbook.transports.frame import ScriptRecord

# A script says every few seconds that it lives; silence for longer is a dead line.
SILENCE_S: Final = 30.0


# What a script may be told by name; how it is written is the dialect's. Bytes may be any.
Value = str | int | bytes | Secret


@dataclass(frozen=True)
class Script:
    """A script as it lies in the package: its name says whether it reads or changes."""

    name: str
    text: str

    @property
    def changes(self) -> bool:
        """Whether it lies in a `change/` folder."""
        return self.name.startswith("change/")


@dataclass(frozen=True)
class Request:
    """A script, the values it takes by name, and the lines of data behind them.

    `deadline_s` bounds the whole call, besides the bound on silence. `last`: none is expected to
    follow, so a transport need not make ready for it.
    """

    script: Script
    values: Mapping[str, Value] = field(default_factory=dict)
    lines: tuple[str, ...] = ()
    deadline_s: float = 60.0
    last: bool = False


class Transport(Protocol):
    """How a script gets to the server and its answer back."""

    def run(self, request: Request, tell: Tell = untold) -> tuple[ScriptRecord, ...]:
        """Run the script there and return the records of its answer.

        Raises a `TransportError`: one that is not `LineLost`, `DeadlinePassed` or
        `AnswerUnreadable` promises that the script was never begun.
        """

    def stream(self, request: Request, tell: Tell = untold) -> Iterator[ScriptRecord]:
        """Run the script there and hand on each record of its answer as it comes.

        A record may be believed when the iteration ends without an error, or by what it says of
        itself. Raises as `run` does, in the middle too; the script is then begun again, if it may
        be. Of a long answer only the line that comes is held.
        """

    def close(self) -> None:
        """Let go of the connection; a later `run` opens a new one."""


@dataclass(frozen=True)
class ReadOnly:
    """A transport that refuses every script that changes, before a byte is sent."""

    inner: Transport

    def run(self, request: Request, tell: Tell = untold) -> tuple[ScriptRecord, ...]:
        """Run a script of a `read/` folder; raises `ChangeForbidden` for any other."""
        if request.script.changes:
            raise ChangeForbidden(f"{request.script.name} was not sent", "this run only reads")
        return self.inner.run(request, tell)

    def stream(self, request: Request, tell: Tell = untold) -> Iterator[ScriptRecord]:
        """Run a script of a `read/` folder; raises `ChangeForbidden` for any other."""
        if request.script.changes:
            raise ChangeForbidden(f"{request.script.name} was not sent", "this run only reads")
        return self.inner.stream(request, tell)

    def close(self) -> None:
        """Let go of the connection."""
        self.inner.close()
