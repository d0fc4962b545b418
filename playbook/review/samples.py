"""Where the text of a queue file comes from: a folder of this machine, a server, or nowhere."""

from dataclasses import dataclass
from typing import Final

from playbook.errors import BadInput
from playbook.triage.messages import QueueMessage

_NEXT: Final = "Decide by the evidence."


@dataclass(frozen=True)
class NoSamples:
    """Nobody can read the files: `because` says why."""

    because: str

    def sample(self, folder: str, path: bytes) -> QueueMessage:
        """No sample: raises `BadInput` with the reason, whichever file is asked for."""
        raise BadInput("There are no samples", self.because, _NEXT)
