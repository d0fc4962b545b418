"""The hidden truth: what each message really is. A responder never sees it."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Lock


@dataclass(frozen=True)
class Truth:
    """One message: its `Message-ID`, what it is, and by whom it was submitted.

    `accepted_at` is the Unix time at which a message that the server said is now its own was handed
    over, or nothing where no such answer came.
    """

    identity: str
    good: bool
    account: str
    accepted_at: float | None


class TruthFile:
    """The truth on disk: one JSON object a line, a later line replaces an earlier one."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = Lock()

    def tell(self, truths: Iterable[Truth]) -> None:
        """Add what is true of some messages."""
        lines = "".join(json.dumps(asdict(truth)) + "\n" for truth in truths)
        with self._lock, self._file.open("a", encoding="ascii") as file:
            file.write(lines)

    def all(self) -> dict[str, Truth]:
        """What is true of every message, by its identity."""
        with self._lock, self._file.open(encoding="ascii") as file:
            truths = [Truth(**json.loads(line)) for line in file]
        return {truth.identity: truth for truth in truths}
