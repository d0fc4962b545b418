"""Delivery: queue files leave for the sink, and incoming pairs for the mailboxes or the sink.

A delivery is one rename, so that no kill can make the server itself lose or double a mail.
"""

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from threading import Event

from playbook.drill.envelope import Envelope
from playbook.drill.faults import Fault
from playbook.drill.layout import Layout
from playbook.drill.process import locked
from playbook.drill.remote import sessions
from playbook.drill.scenario import Scenario
from playbook.drill.smtplog import append, log_file

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


@dataclass(frozen=True)
class Terms:
    """How one SMTP process delivers.

    `siblings` also walks the renamed `_outgoing.*` folders, as a process would that holds the
    folder open from before the rename; `takes_incoming` is off where local delivery hangs.
    """

    siblings: bool = False
    takes_incoming: bool = True


class Delivery:
    """The paced delivery of everything that is ready.

    What another server refused goes to the retry queue and is tried again by the next process;
    what goes where nobody answers stays where it is.
    """

    def __init__(self, layout: Layout, scenario: Scenario, terms: Terms) -> None:
        self._layout = layout
        self._scenario = scenario
        self._terms = terms
        self._next_jam_check = 0.0
        self._jammed = False
        self._put_off: set[str] = set()
        self._lanes = (Lane(self._fresh), Lane(self._deferred), Lane(self._incoming))

    def run_until(self, ended: Event) -> None:
        """Deliver at the scenario's pace until told to end.

        No mail moves while the score is counted: it would be seen in neither place.
        """
        owed, last = 0.0, time.monotonic()
        while not ended.wait(_TICK_S):
            now = time.monotonic()
            owed = min(owed + (now - last) * self._pace(), 1_000)
            last = now
            if owed >= 1:
                with locked(self._layout.moving):
                    owed = self._work_off(owed, ended)

    def _pace(self) -> float:
        """Deliveries a second at this moment."""
        if self._scenario.delivers_from_restart and not self._layout.was_restarted:
            return 0.0
        return self._scenario.deliveries_per_s

    def _work_off(self, owed: float, ended: Event) -> float:
        """Deliver as many as are owed; how many still are when nothing is ready any more."""
        while owed >= 1 and not ended.is_set():
            moved = [self._deliver(lane.next()) for lane in self._lanes]
            owed -= max(1, sum(moved))
            if not any(moved):
                break
        return owed

    def _fresh(self) -> Iterator[Path]:
        yield from self._due(self._layout.outgoing, apart_from=self._layout.retry)
        if self._terms.siblings:
            for folder in self._layout.mail.glob("_outgoing.*"):
                yield from self._due(folder)

    def _deferred(self) -> Iterator[Path]:
        yield from self._due(self._layout.retry)

    def _due(self, folder: Path, apart_from: Path | None = None) -> Iterator[Path]:
        files = queue_files(folder, apart_from)
        return (file for file in files if file.name not in self._put_off)

    def _incoming(self) -> Iterator[Path]:
        if not self._terms.takes_incoming:
            return
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
                return self._deliver_pair(path)
            return self._hand_over(path, Envelope.of(path))
        except OSError:
            # Somebody else moved it, or where it should go is gone: it stays where it is.
            return False

    def _hand_over(self, path: Path, envelope: Envelope) -> bool:
        """Deliver to other servers, or put off what they do not take."""
        size, refused = path.stat().st_size, self._layout.blocklisted.exists()
        if envelope.is_undeliverable:
            self._put_off.add(path.name)
        elif refused:
            self._put_off.add(path.name)
            self._move_to_retry(path)
        else:
            path.rename(self._layout.sink / delivered_name(path.stem))
        if envelope.recipients:
            lines = sessions(envelope, path.stem, size, refused=refused)
            odd = self._scenario.has(Fault.ODD_LOG)
            append(log_file(self._layout, time.time()), lines, odd=odd)
        return not envelope.is_undeliverable

    def _move_to_retry(self, path: Path) -> None:
        target = self._layout.retry / path.name
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists():
            path.rename(target)

    def _deliver_pair(self, path: Path) -> bool:
        envelope = Envelope.of_pair(path)
        local = [each for each in envelope.recipients if self._scenario.is_local(each)]
        if not local:
            moved = self._hand_over(path, envelope)
        elif moved := self._layout.mailbox(local[0]).is_dir():
            path.rename(self._layout.mailbox(local[0]) / delivered_name(path.stem))
        if not moved:
            return False
        path.with_suffix(".dat").unlink(missing_ok=True)
        return True
