"""What Ctrl-C does to a run."""

import signal
import sys
from dataclasses import dataclass
from types import FrameType


@dataclass
class Interrupts:
    """Ctrl-C once: stop at the next boundary. Twice: stop now."""

    asked: bool = False

    def __call__(self) -> bool:
        """Whether a person wants to stop."""
        return self.asked

    def install(self) -> None:
        """Take the signal over."""
        signal.signal(signal.SIGINT, self._signalled)

    def _signalled(self, number: int, frame: FrameType | None) -> None:
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True
        sys.stderr.write("\nStopping at the next boundary; Ctrl-C again stops now.\n")
