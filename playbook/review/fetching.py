"""Samples are fetched by a thread of their own, so that the screen never waits for the line."""

import threading
from collections.abc import Callable
from typing import Final

from playbook.errors import RespondError, TransportError
from playbook.incident.manifest.values import QueuedFile
from playbook.mail.server import Samples
from playbook.review.mail import reading
from playbook.text import printable

# On leaving, a request that is on its way is waited for: the line is the run's own.
_PATIENCE_S: Final = 15.0

Texts = tuple[str, ...]


class Fetching:
    """Fetches the samples of the clusters that were wished for last.

    `arrived` is called in the thread, with the cluster's id, once its samples are in `texts`.
    After a failure nothing is fetched beforehand any more, and a cluster is tried again when it
    is shown again.
    """

    def __init__(self, samples: Samples, arrived: Callable[[str], None]) -> None:
        self.texts: dict[str, Texts] = {}
        self.failed: dict[str, str] = {}
        self._samples = samples
        self._arrived = arrived
        self._wanted: list[tuple[str, tuple[QueuedFile, ...]]] = []
        self._changed = threading.Condition()
        self._ends = False
        self._thread = threading.Thread(target=self._work, name="samples", daemon=True)

    def start(self) -> None:
        """Start the thread; it waits until something is wished for."""
        self._thread.start()

    def want(self, wanted: list[tuple[str, tuple[QueuedFile, ...]]]) -> None:
        """Fetch these, the first one first; what was wished for before is forgotten."""
        with self._changed:
            if self.failed:
                wanted = wanted[:1]
                self.failed.pop(wanted[0][0] if wanted else "", None)
            self._wanted = wanted
            self._changed.notify()

    def shown(self, id_: str, number: int) -> str:
        """A sample of a cluster, why there is none, or that it is on its way."""
        if id_ in self.texts:
            return self.texts[id_][number]
        if id_ in self.failed:
            return f"No samples: {printable(self.failed[id_])}"
        return "The samples are on their way; the keys work meanwhile."

    def end(self) -> None:
        """End the thread, and wait for what is on its way."""
        with self._changed:
            self._ends = True
            self._changed.notify()
        self._thread.join(_PATIENCE_S)

    def _work(self) -> None:
        while True:
            with self._changed:
                while not self._ends and not self._next():
                    self._changed.wait()
                if self._ends:
                    return
                name, files = self._next()[0]
            self._fetch(name, files)
            if not self._ends:
                self._arrived(name)

    def _next(self) -> list[tuple[str, tuple[QueuedFile, ...]]]:
        return [
            each
            for each in self._wanted
            if each[0] not in self.texts and each[0] not in self.failed
        ]

    def _fetch(self, name: str, files: tuple[QueuedFile, ...]) -> None:
        try:
            texts = tuple(map(self._text, files))
        except TransportError as error:
            with self._changed:
                self.failed[name] = str(error)
        else:
            self.texts[name] = texts

    def _text(self, file: QueuedFile) -> str:
        """The sample, or why this one file cannot be read."""
        try:
            return reading(self._samples.sample(file.folder, file.path))
        except TransportError:
            raise
        except RespondError as error:
            return printable(str(error))
