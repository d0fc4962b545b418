"""The text of queue files in a folder of this machine."""

import os
import stat
from dataclasses import dataclass

from playbook.errors import BadInput
from playbook.mail.icewarp.formats.queue_file import parse_message
from playbook.mail.server import SAMPLE_BYTES
from playbook.triage.messages import QueueMessage


@dataclass(frozen=True)
class LocalSamples:
    """The folder lies on this machine. No link is followed below it, and nothing leads out."""

    def sample(self, folder: str, path: bytes) -> QueueMessage:
        """The message in the beginning of a file; raises as `text_of` does."""
        return parse_message(self.text_of(folder, path))

    def text_of(self, folder: str, path: bytes) -> bytes:
        """Read it; raises `BadInput` where it is not there or not a regular file."""
        try:
            return _read(folder, path)
        except (OSError, ValueError) as error:
            because = getattr(error, "strerror", None) or str(error)
            raise BadInput(
                "The sample cannot be read", because, "Decide by the evidence."
            ) from error


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
