"""Delivery: queue files leave for the sink, and incoming pairs for the mailboxes.

A delivery is one rename, so that no kill can make the server itself lose or double a mail.
"""

import os
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from threading import Event

from playbook.drill.faults import Fault
from playbook.drill.layout import Layout
from playbook.drill.process import locked
from playbook.drill.scenario import Scenario
from playbook.drill.smtplog import append, log_file, log_line

INCOMING_PAIRS_TOO_MANY = 5_000
_TICK_S = 0.05
_delivered = count()


def delivered_name(stem: str) -> str:
    """A name no other delivery has, beginning with the time of delivery in nanoseconds."""
    return f"{time.time_ns()}-{os.getpid()}-{next(_delivered)}-{stem}.tmp"


def delivered_at(name: str) -> float:
    """The Unix time at which a file of the sink was delivered, by its name."""
    return int(name.partition("-")[0]) / 1e9


def queue_files(folder: Path, apart_from: Path | None = None) -> Iterator[Path]:
    """The files of a folder that are ready, sub-folders included, read as they are asked for."""
    if folder == apart_from:
        return
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    yield from queue_files(Path(entry.path), apart_from)
                elif entry.name.endswith(".tmp"):
                    yield Path(entry.path)
    except (FileNotFoundError, NotADirectoryError):
        return


class Lane:
    """One queue, walked from its start again whenever its end was reached."""

    def __init__(self, walk: Callable[[], Iterator[Path]]) -> None:
        self._walk = walk
        self._files = walk()

    def next(self) -> Path | None:
        """The next file that is ready, or nothing before the next round."""
        found = next(self._files, None)
        if found is None:
            self._files = self._walk()
        return found


def incoming_is_jammed(layout: Layout) -> bool:
    """Whether more pairs wait in the incoming queue than the service can start with."""
    try:
        with os.scandir(layout.incoming) as entries:
            pairs = sum(entry.name.endswith(".dat") for entry in entries)
    except FileNotFoundError:
        return False
    return pairs > INCOMING_PAIRS_TOO_MANY


class Delivery:
    """The paced delivery of everything that is ready.

    `siblings` also walks the renamed `_outgoing.*` folders, as a process would that holds the
    folder open from before the rename.
    """

    def __init__(self, layout: Layout, scenario: Scenario, *, siblings: bool) -> None:
        self._layout = layout
        self._scenario = scenario
        self._siblings = siblings
        self._next_jam_check = 0.0
        self._jammed = False
        self._lanes = (Lane(self._fresh), Lane(self._deferred), Lane(self._incoming))

    def run_until(self, ended: Event) -> None:
        """Deliver at the scenario's pace until told to end.

        No mail moves while the score is counted: it would be seen in neither place.
        """
        owed, last = 0.0, time.monotonic()
        while not ended.wait(_TICK_S):
            now = time.monotonic()
            owed = min(owed + (now - last) * self._scenario.deliveries_per_s, 1_000)
            last = now
            if owed >= 1:
                with locked(self._layout.moving):
                    owed = self._work_off(owed, ended)

    def _work_off(self, owed: float, ended: Event) -> float:
        """Deliver as many as are owed; how many still are when nothing is ready any more."""
        while owed >= 1 and not ended.is_set():
            moved = [self._deliver(lane.next()) for lane in self._lanes]
            owed -= max(1, sum(moved))
            if not any(moved):
                break
        return owed

    def _fresh(self) -> Iterator[Path]:
        yield from queue_files(self._layout.outgoing, apart_from=self._layout.retry)
        if self._siblings:
            for folder in self._layout.mail.glob("_outgoing.*"):
                yield from queue_files(folder)

    def _deferred(self) -> Iterator[Path]:
        yield from queue_files(self._layout.retry)

    def _incoming(self) -> Iterator[Path]:
        if self._scenario.has(Fault.START_FAILS_ON_FULL_INCOMING) and self._is_jammed():
            return
        yield from queue_files(self._layout.incoming)

    def _is_jammed(self) -> bool:
        if time.monotonic() >= self._next_jam_check:
            self._jammed = incoming_is_jammed(self._layout)
            self._next_jam_check = time.monotonic() + 1
        return self._jammed

    def _deliver(self, path: Path | None) -> bool:
        if path is None:
            return False
        try:
            if path.parent == self._layout.incoming:
                return self._to_mailbox(path)
            path.rename(self._layout.sink / delivered_name(path.stem))
        except OSError:
            # Somebody else moved it, or where it should go is gone: it stays where it is.
            return False
        now = time.time()
        text = f"Client session Message id {path.stem} item {path.stem}.tm$"
        append(log_file(self._layout, now), log_line("SYSTEM", int(now * 10), now, text))
        return True

    def _to_mailbox(self, path: Path) -> bool:
        envelope = path.with_suffix(".dat")
        lines = envelope.read_text("latin-1").splitlines()
        recipient = next((line[4:] for line in lines if line.startswith("To0=")), "")
        mailbox = self._layout.mailbox(recipient)
        if mailbox not in self._layout.mailboxes():
            return False
        path.rename(mailbox / delivered_name(path.stem))
        envelope.unlink(missing_ok=True)
        return True
