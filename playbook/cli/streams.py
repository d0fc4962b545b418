"""Standard output and error, whoever reads them, also when nobody does any more."""

import contextlib
import io
import os
import sys
from typing import Any, TextIO

_STANDARD = 3


class Outlasting:
    """Standard error that outlasts its reader: what nobody reads is let go.

    `gone` says why nobody reads it any more: a pipe whose reader ended, a terminal that was
    closed, a full disk, or a stream that was never there.
    """

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream
        self.gone = "" if stream else "it was closed from the beginning"

    def write(self, text: str) -> int:
        """Write the text, or let it go."""
        if self._stream and not self.gone:
            try:
                self._stream.write(text)
            except (OSError, ValueError) as error:
                self._lose(error)
        return len(text)

    def flush(self) -> None:
        """Hand on what was written, or let it go."""
        if self._stream and not self.gone:
            try:
                self._stream.flush()
            except (OSError, ValueError) as error:
                self._lose(error)

    def _lose(self, error: Exception) -> None:
        """From now on nothing is written, and what is left in a buffer leads nowhere."""
        self.gone = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        if self._stream:
            lead_nowhere(self._stream)

    def isatty(self) -> bool:
        """Whether a terminal is there, and was not closed."""
        return bool(self._stream and not self.gone and self._stream.isatty())

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream or sys.__stderr__, name)


def lead_nowhere(stream: TextIO) -> None:
    """Let what is still in the stream's buffer vanish, instead of failing when the program ends."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def settle() -> None:
    """Make standard error outlast its reader, and keep a closed stream's number from a file.

    Standard input that was closed is empty; standard output that was is None, as Python has it.
    """
    while (descriptor := os.open(os.devnull, os.O_RDWR)) < _STANDARD:
        pass
    os.close(descriptor)
    sys.stdin = sys.stdin or io.StringIO()
    sys.stderr = Outlasting(sys.stderr)
