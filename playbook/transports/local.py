"""The mail server is this machine: the same bytes, to a shell of our own."""

import os
import selectors
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from playbook.errors import AnswerUnreadable, DeadlinePassed, ElevationRefused
from playbook.progress import Tell, untold
from playbook.transports.base import SILENCE_S, Request
from playbook.transports.dialects.posix import COMMAND, encode
from playbook.transports.frame import LIMIT_BYTES, Decoder, ScriptRecord
from playbook.transports.progress import Progress

_PIECE: Final = 64 * 1024

# How long a process may take to end when both its streams have ended, or when it was killed.
_GRACE_S: Final = 5.0


@dataclass(frozen=True)
class Local:
    """Run scripts on this machine, as root or through `sudo` without a password."""

    elevate: bool = True

    def run(self, request: Request, tell: Tell = untold) -> tuple[ScriptRecord, ...]:
        """Run the script here; raises as `Transport.run` does."""
        return tuple(self._records(request, tell, Decoder(LIMIT_BYTES)))

    def stream(self, request: Request, tell: Tell = untold) -> Iterator[ScriptRecord]:
        """Run the script here and hand on its records; raises as `Transport.stream` does."""
        return self._records(request, tell, Decoder())

    def _records(self, request: Request, tell: Tell, decoder: Decoder) -> Iterator[ScriptRecord]:
        command = COMMAND if os.geteuid() == 0 or not self.elevate else ("sudo", "-n", *COMMAND)
        sent = encode(request)
        progress = Progress(tell)
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        try:
            for piece in _converse(process, sent, request.deadline_s, progress):
                yield from decoder.feed(piece)
            _wait(process)
        finally:
            _end(process)
        if process.returncode != 0 and b"sudo:" in progress.noise:
            raise ElevationRefused("This user may not become root here", progress.noise_text)
        try:
            decoder.finish()
        except AnswerUnreadable as error:
            raise AnswerUnreadable(error.what, progress.noise_text or error.because) from error

    def close(self) -> None:
        """Nothing is held open between two scripts."""


def _wait(process: "subprocess.Popen[bytes]") -> None:
    with suppress(subprocess.TimeoutExpired):
        process.wait(_GRACE_S)


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Let go of a process, and wait no longer than a moment for it.

    `sudo` runs as root, and an ordinary user cannot end it; what it started ends by itself when
    nobody reads its answer any more.
    """
    if process.poll() is None:
        with suppress(PermissionError):
            process.kill()
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream:
            with suppress(BrokenPipeError):
                stream.close()
    _wait(process)


def _converse(
    process: "subprocess.Popen[bytes]", sent: bytes, deadline_s: float, progress: Progress
) -> Iterator[bytes]:
    """Write and read at once, so that no full pipe can stop either side."""
    assert process.stdin and process.stdout and process.stderr
    begun = time.monotonic()
    with selectors.DefaultSelector() as waiting:
        waiting.register(process.stdin, selectors.EVENT_WRITE)
        waiting.register(process.stdout, selectors.EVENT_READ)
        waiting.register(process.stderr, selectors.EVENT_READ)
        while waiting.get_map():
            left_s = begun + deadline_s - time.monotonic()
            ready = waiting.select(min(SILENCE_S, left_s)) if left_s > 0 else []
            if not ready:
                raise DeadlinePassed(f"No answer after {time.monotonic() - begun:.0f} s")
            for key, _ in ready:
                if key.fileobj is process.stdin:
                    sent = _write(process, sent, waiting)
                    continue
                piece = os.read(key.fd, _PIECE)
                if not piece:
                    waiting.unregister(key.fileobj)
                elif key.fileobj is process.stderr:
                    progress.feed(piece)
                else:
                    yield piece


def _write(
    process: "subprocess.Popen[bytes]", sent: bytes, waiting: selectors.BaseSelector
) -> bytes:
    assert process.stdin
    try:
        sent = sent[os.write(process.stdin.fileno(), sent[:_PIECE]) :]
    except BrokenPipeError:
        sent = b""
    if not sent:
        waiting.unregister(process.stdin)
        process.stdin.close()
    return sent
