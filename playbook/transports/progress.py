"""The second output stream of a script: its progress, and whatever else was written there."""

from typing import Final

from playbook.progress import Tell
from playbook.text import one_line

_MARK: Final = b"@ "
_NOISE_BYTES: Final = 4000


class Progress:
    """Tell the lines that a script marks as progress; keep the end of everything else.

    A heartbeat is a marked line without words: it shows that the line lives and is not told.
    """

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._partial = b""
        self.noise = b""

    def feed(self, piece: bytes) -> None:
        """Take the next bytes of the stream, cut anywhere."""
        *lines, self._partial = (self._partial + piece).split(b"\n")
        self._partial = self._partial[-_NOISE_BYTES:]
        for line in lines:
            if line.startswith(_MARK):
                words = line.removeprefix(_MARK).strip()
                if words:
                    self._tell(words.decode("utf-8", "replace"))
            else:
                self.noise = (self.noise + line + b"\n")[-_NOISE_BYTES:]

    @property
    def noise_text(self) -> str:
        """What was not progress, for an error message: bounded, and safe on a terminal."""
        text = (self.noise + self._partial).decode("utf-8", "replace").strip()
        return one_line(text, _NOISE_BYTES)
