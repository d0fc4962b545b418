"""The mail server is reached over SSH: one connection, one channel a script."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import paramiko

from playbook.errors import AnswerUnreadable, DeadlinePassed, LineLost, TransportError
from playbook.hosts.host import Host
from playbook.progress import Tell, untold
from playbook.transports.base import SILENCE_S, Request
from playbook.transports.dialects.posix import encode
from playbook.transports.frame import LIMIT_BYTES, Decoder, ScriptRecord
from playbook.transports.progress import Progress
from playbook.transports.ssh import route
from playbook.transports.ssh.elevation import Elevation
from playbook.transports.ssh.line import connect
from playbook.transports.ssh.login import Questions
from playbook.transports.ssh.session import Session
from playbook.transports.ssh.shell import next_pieces

__all__ = ["Questions", "Ssh"]

# How long a shell may take to end after the last record of its answer.
_GRACE_S: Final = 1.0


@dataclass
class Ssh:
    """Run scripts on a host over SSH, as root or through sudo.

    The connection is opened by the first script. Without `questions` nobody is there to
    ask for a passphrase or a password.
    """

    host: Host
    questions: Questions | None = None
    silence_s: float = SILENCE_S
    _session: Session | None = field(default=None, init=False)

    def run(self, request: Request, tell: Tell = untold) -> tuple[ScriptRecord, ...]:
        """Run the script there; raises as `Transport.run` does.

        The deadline begins when the shell stands; to connect has bounds of its own.
        """
        return tuple(self._records(request, tell, Decoder(LIMIT_BYTES)))

    def stream(self, request: Request, tell: Tell = untold) -> Iterator[ScriptRecord]:
        """Run the script there and hand on its records; raises as `Transport.stream` does."""
        return self._records(request, tell, Decoder())

    def close(self) -> None:
        """Let go of the connection; a later `run` opens a new one."""
        session, self._session = self._session, None
        if session:
            session.close()

    def _records(self, request: Request, tell: Tell, decoder: Decoder) -> Iterator[ScriptRecord]:
        sent = encode(request)
        session, channel = self._shell()
        progress = Progress(tell)
        try:
            session.send(channel, sent, ahead=not request.last)
            bounds = _Bounds(request.deadline_s, self.silence_s)
            for piece in _converse(channel, bounds, progress, decoder):
                yield from decoder.feed(piece)
            _finish(session, channel, decoder, progress)
        except BaseException:
            self.close()
            raise
        finally:
            channel.close()

    @cached_property
    def _elevation(self) -> Elevation:
        return Elevation(self.host, route.find(self.host), self.questions)

    def _shell(self) -> tuple[Session, paramiko.Channel]:
        """A shell that waits, on the connection that is open or on a new one."""
        if self._session and self._session.alive:
            try:
                return self._session, self._session.shell()
            except TransportError:
                # It died unnoticed: nothing was sent, so a new one may try.
                if self._session.alive:
                    raise
        self.close()
        line = connect(self._elevation.hop, self.questions)
        self._session = Session(line, self._elevation, self.silence_s)
        try:
            return self._session, self._session.shell()
        except BaseException:
            self.close()
            raise


@dataclass(frozen=True)
class _Bounds:
    """How long a script may work, and how long it may be silent."""

    deadline_s: float
    silence_s: float


def _converse(
    channel: paramiko.Channel, bounds: _Bounds, progress: Progress, decoder: Decoder
) -> Iterator[bytes]:
    """Read both streams to their end, or to the last record and a moment more.

    A service that a script started may hold the streams open for as long as it runs.
    """
    begun = time.monotonic()
    while True:
        left_s = begun + bounds.deadline_s - time.monotonic()
        wait_s = min(_GRACE_S if decoder.has_ended else bounds.silence_s, left_s)
        pieces = next_pieces(channel, wait_s) if wait_s > 0 else None
        if pieces == (b"", b"") or (pieces is None and decoder.has_ended):
            return
        if pieces is None:
            raise DeadlinePassed(f"No answer after {time.monotonic() - begun:.0f} s")
        progress.feed(pieces[1])
        yield pieces[0]


def _finish(
    session: Session, channel: paramiko.Channel, decoder: Decoder, progress: Progress
) -> None:
    """Ask for a whole answer; raises `LineLost` where shell or line was cut off in the middle.

    The status comes unasked. A channel closed before it keeps its place on the server, which
    may have only one.
    """
    channel.status_event.wait(_GRACE_S)
    try:
        decoder.finish()
    except AnswerUnreadable as error:
        because = progress.noise_text or error.because
        if not session.alive:
            raise LineLost("The line was lost before the answer was whole", because) from error
        if channel.exit_status == -1:
            raise LineLost("The script's shell was ended from outside", because) from error
        raise AnswerUnreadable(error.what, because) from error
