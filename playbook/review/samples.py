"""Where the text of a queue file comes from: a folder of this machine, a server, or nowhere."""

import os
import stat
from dataclasses import dataclass
from typing import Final, Protocol

from playbook.errors import BadInput

SAMPLE_BYTES: Final = 64 * 1024
_NEXT: Final = "Decide by the evidence."


class Samples(Protocol):
    """Whoever can read the beginning of a file of the queue."""

    def text_of(self, folder: str, path: bytes) -> bytes:
        """The first `SAMPLE_BYTES` of the file `path` below `folder`.

        Raises a `RespondError` where it cannot be read: the file is gone, is no regular file,
        lies behind a link, or the server is not reached.
        """


@dataclass(frozen=True)
class LocalSamples:
    """The folder lies on this machine. No link is followed below it, and nothing leads out."""

    def text_of(self, folder: str, path: bytes) -> bytes:
        """Read it; raises `BadInput` where it is not there or not a regular file."""
        try:
            return _read(folder, path)
        except (OSError, ValueError) as error:
            because = getattr(error, "strerror", None) or str(error)
            raise BadInput(
                "The sample cannot be read", because, "Decide by the evidence."
            ) from error


@dataclass(frozen=True)
class NoSamples:
    """Nobody can read the files: `because` says why."""

    because: str

    def text_of(self, folder: str, path: bytes) -> bytes:
        """Raises `BadInput`."""
        raise BadInput("There are no samples", self.because, _NEXT)


def _read(folder: str, path: bytes) -> bytes:
    """Go down folder by folder, by descriptor, so that nothing can be put in between."""
    *above, name = path.split(b"/")
    if any(part in (b"", b".", b"..") for part in (*above, name)):
        raise ValueError("its path leaves the folder")
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
    at = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for part in above:
            below = os.open(part, flags | os.O_DIRECTORY, dir_fd=at)
            os.close(at)
            at = below
        file = os.open(name, flags, dir_fd=at)
    finally:
        os.close(at)
    with os.fdopen(file, "rb") as handle:
        if not stat.S_ISREG(os.fstat(handle.fileno()).st_mode):
            raise ValueError("it is not a regular file")
        return handle.read(SAMPLE_BYTES)
