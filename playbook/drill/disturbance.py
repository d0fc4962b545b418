"""What happens on the server by itself at the moment when `_outgoing` is renamed."""

import time
from pathlib import Path
from threading import Event, Thread

from playbook.drill.faults import Fault
from playbook.drill.layout import Layout
from playbook.drill.mails import good, seeded, submission
from playbook.drill.process import running, spawn
from playbook.drill.queuefile import publish
from playbook.drill.scenario import OFFICE_ADDRESS, ORDINARY_ACCOUNTS, Scenario
from playbook.drill.truth import Truth, TruthFile

INTERVAL_S = 0.005
WEBMAIL_MESSAGES = 3


class Disturbance:
    """Watches for the first time that `_outgoing` is gone while SMTP is stopped, and then acts."""

    def __init__(self, layout: Layout, scenario: Scenario) -> None:
        self._layout = layout
        self._scenario = scenario
        self._ended = Event()
        self._thread = Thread(target=self._watch, daemon=True)

    def start(self) -> None:
        """Begin to watch, where the scenario has anything to do."""
        wanted = {Fault.WATCHDOG_RESTARTS_AT_RENAME, Fault.NEW_OUTGOING_APPEARS}
        if wanted & self._scenario.faults:
            self._thread.start()

    def end(self) -> None:
        """Stop watching; to be called when the server's processes have ended."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()

    def _watch(self) -> None:
        outgoing = self._layout.outgoing
        while not self._ended.wait(INTERVAL_S):
            if not outgoing.exists() and running(self._layout, "smtp") is None:
                self._act(outgoing)
                return

    def _act(self, outgoing: Path) -> None:
        if self._scenario.has(Fault.NEW_OUTGOING_APPEARS):
            self._submit_by_webmail(outgoing)
        if self._scenario.has(Fault.WATCHDOG_RESTARTS_AT_RENAME):
            spawn(self._layout, "smtp", "--siblings").wait()

    def _submit_by_webmail(self, outgoing: Path) -> None:
        random = seeded("webmail", self._scenario.seed)
        truth = TruthFile(self._layout.truth)
        for number in range(WEBMAIL_MESSAGES):
            account = random.choice(ORDINARY_ACCOUNTS)
            at = time.time() + number * 0.001
            text = good(random, at, account)
            mail = submission(text, at, OFFICE_ADDRESS, account)
            content = mail.queue_file(self._scenario.version)
            publish(content, self._layout.webmail, outgoing / f"{mail.stem}.tmp")
            truth.tell([Truth(text.identity, good=True, account=account, accepted_at=at)])
