"""Queue files: their names, the lines at their top, and how one is published."""

import os
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from playbook.drill.scenario import HOST
from playbook.drill.smtplog import smtp_date

_TICK_S = 0.0001


def stem_of(ticks: int) -> str:
    """The name of a queue file, `YYYYMMDDhhmmssNNNN`, for a time in tenths of milliseconds."""
    clock = time.strftime("%Y%m%d%H%M%S", time.localtime(ticks // 10_000))
    return f"{clock}{ticks % 10_000:04d}"


class StemClock:
    """Hands out the names of new queue files, never one twice, also across restarts."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._last = 0

    def next(self) -> str:
        """A new name, of now."""
        with self._lock:
            self._last = max(self._last + 1, int(time.time() / _TICK_S))
            ahead_s = self._last * _TICK_S - time.time()
            if ahead_s > 0:
                time.sleep(ahead_s)
            return stem_of(self._last)


@dataclass(frozen=True)
class Submission:
    """A message as a client handed it over, with all that the server knows of the client.

    `account` is who logged in, or "" where nobody did; `content` is the message alone.
    """

    stem: str
    at: float
    address: str
    helo: str
    account: str
    sender: str
    recipients: tuple[str, ...]
    content: bytes

    def received_line(self, version: str) -> str:
        """The trace line that the server puts in front of the message."""
        how = "ASMTP" if self.account else "ESMTP"
        return (
            f"Received: from {self.helo} ([{self.address}]) by {HOST} (IceWarp {version})"
            f" with {how} id {self.stem}; {smtp_date(self.at)}\r\n"
        )

    def log_summary(self) -> str:
        """The line that the log ends a submission with."""
        size, count = len(self.content), len(self.recipients)
        ends = f"<{self.sender}> <{self.recipients[0]}>"
        return f"*** {ends} {count} {size} 00:00:00 OK {self.stem}"

    def acceptance(self) -> str:
        """What the client is told when the message is the server's."""
        received = f"250 2.6.0 {len(self.content)} bytes received in 00:00:00"
        return f"{received}; Message id {self.stem} accepted for delivery"

    def queue_file(self, version: str) -> bytes:
        """The bytes in the queue: a block of envelope lines, then the message.

        Only the line `original sender` is public knowledge (the vendor's note on compromised
        accounts); the rest of the block is this drill's own.
        """
        envelope = [f"original sender: {self.account}"] if self.account else []
        envelope.append(f"sender: <{self.sender}>")
        envelope += [f"recipient: <{recipient}>" for recipient in self.recipients]
        envelope.append(f"message id: {self.stem}")
        top = "\r\n".join(envelope) + "\r\n" + self.received_line(version)
        return top.encode("latin-1", "replace") + self.content

    def incoming_pair(self, version: str) -> tuple[bytes, bytes]:
        """The message and the envelope beside it, `.tmp` and `.dat`, of the incoming queue."""
        recipients = [f"To{n}={recipient}" for n, recipient in enumerate(self.recipients)]
        lines = ["[Envelope]", f"From={self.sender}", f"Auth={self.account}", f"IP={self.address}"]
        envelope = "\r\n".join([*lines, *recipients, ""])
        received = self.received_line(version).encode("latin-1", "replace")
        return received + self.content, envelope.encode("latin-1", "replace")


def publish(content: bytes, staging: Path, target: Path) -> None:
    """Make a queue file appear whole, by one rename from a folder that nothing walks."""
    draft = staging / f"{target.name}.{os.getpid()}"
    draft.parent.mkdir(parents=True, exist_ok=True)
    draft.write_bytes(content)
    target.parent.mkdir(parents=True, exist_ok=True)
    draft.rename(target)


def write_all(files: Iterable[tuple[Path, bytes]]) -> None:
    """Write many small files into folders that exist, as fast as the system takes them."""
    for path, content in files:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        try:
            os.write(file, content)
        finally:
            os.close(file)
