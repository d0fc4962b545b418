"""What happens on the server by itself at the moment when `_outgoing` is renamed."""

import time
from dataclasses import replace
from subprocess import Popen
from threading import Event, Thread

from playbook.drill.delivery import queue_files
from playbook.drill.envelope import UNREACHABLE
from playbook.drill.faults import Fault
from playbook.drill.found import identity_in
from playbook.drill.layout import Layout
from playbook.drill.mails import Post, seeded
from playbook.drill.process import running, spawn
from playbook.drill.queuefile import publish
from playbook.drill.scenario import Scenario
from playbook.drill.truth import Truth, TruthFile
from playbook.drill.writers import Writers

INTERVAL_S = 0.005
WEBMAIL_MESSAGES = 3


class Disturbance:
    """Watches for the first time that `_outgoing` is gone while SMTP is stopped, and then acts."""

    def __init__(self, layout: Layout, scenario: Scenario) -> None:
        self._layout = layout
        self._scenario = scenario
        self._ended = Event()
        self._thread: Thread | None = None
        self._supervised: Popen[bytes] | None = None

    def start(self, writers: Writers) -> None:
        """Begin to watch, where the scenario has anything to do."""
        if self._scenario.has(Fault.WATCHDOG_RESTARTS_AT_RENAME):
            self._supervised = spawn(self._layout, "smtp", "--siblings", "--at-rename")
        if {Fault.NEW_OUTGOING_APPEARS, Fault.STEM_EXISTS} & self._scenario.faults:
            self._thread = Thread(target=self._watch, args=(writers,), daemon=True)
            self._thread.start()

    def end(self) -> None:
        """Stop watching; to be called when the server's processes have ended."""
        self._ended.set()
        if self._thread is not None:
            self._thread.join()
        if self._supervised is not None:
            self._supervised.wait()

    def _watch(self, writers: Writers) -> None:
        outgoing = self._layout.outgoing
        while not self._ended.wait(INTERVAL_S):
            if not outgoing.exists() and running(self._layout, "smtp") is None:
                self._act(writers)
                return

    def _act(self, writers: Writers) -> None:
        random = seeded("webmail", self._scenario.seed)
        if self._scenario.has(Fault.NEW_OUTGOING_APPEARS):
            for number in range(WEBMAIL_MESSAGES):
                at = time.time() + number * 0.001
                self._queue(writers.good(random, at), at)
        if self._scenario.has(Fault.STEM_EXISTS):
            post = writers.good(random, time.time())
            lost = replace(post.text, recipients=(f"contact@{UNREACHABLE}",))
            self._queue(replace(post, text=lost), time.time(), self._stem_set_aside())

    def _queue(self, post: Post, at: float, stem: str = "") -> None:
        """Put a message into the new queue, as another module does, and tell the truth of it."""
        mail = post.submitted(at)
        target = self._layout.outgoing / f"{stem or mail.stem}.tmp"
        publish(mail.queue_file(self._scenario.version), self._layout.webmail, target)
        told = Truth(post.text.identity, post.text.good, post.account, accepted_at=at)
        TruthFile(self._layout.truth).tell([told])

    def _stem_set_aside(self) -> str:
        """The file name of some good mail in the renamed queue, without its ending."""
        truths = TruthFile(self._layout.truth).all()
        outgoing = self._layout.outgoing
        for folder in outgoing.parent.glob(f"{outgoing.name}.*"):
            for file in queue_files(folder):
                truth = truths.get(identity_in(file) or "")
                if truth is not None and truth.good:
                    return file.stem
        return ""
