"""What Ctrl-C, a request to end and a closed terminal do to the program."""

import contextlib
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Final, NoReturn

from playbook.errors import Interrupted, StoppedByPerson

WHY: Final = {
    signal.SIGINT: "you interrupted it",
    signal.SIGTERM: "it was asked to end (SIGTERM)",
    signal.SIGHUP: "its terminal was closed",
}
_AT_THE_BOUNDARY: Final = (
    "\nStopping at the next boundary. What runs on the server ends first: seconds as a rule, and "
    "up to a minute while mail is given back. Ctrl-C again stops at once.\n"
)
_WATCH: Final = "\nThe watch ends early.\n"


def unwind() -> None:
    """From now on each of the signals unwinds the program, so that everything is left in order."""
    _take_over(_end)


def _take_over(handler: Callable[[int, FrameType | None], object]) -> None:
    """Handle the signals, but not one that we were told to ignore (`nohup`)."""
    for each in WHY:
        if signal.getsignal(each) is not signal.SIG_IGN:
            signal.signal(each, handler)


def _end(number: int, frame: FrameType | None) -> NoReturn:
    raise Interrupted(WHY[signal.Signals(number)])


@dataclass
class Interrupts:
    """While a run acts: the first signal stops it at the next boundary, a second Ctrl-C at once.

    In front of a question a signal is the answer "stop here", and Ctrl-C in a watch ends the
    watch alone.
    """

    because: str = ""
    _asking: bool = False
    _watching: bool = False
    _watched_enough: bool = False

    def stops(self) -> str:
        """Why to stop, or ""; asked at a boundary, where no watch goes on."""
        self._watching = False
        return self.because

    def install(self) -> None:
        """Take the signals over."""
        _take_over(self._signalled)

    @contextmanager
    def asking(self) -> Iterator[None]:
        """A person is asked meanwhile: a signal is their answer."""
        if self.because:
            raise StoppedByPerson("Stopped", self.because)
        self._asking = True
        try:
            yield
        finally:
            self._asking = False

    def goes_on_watching(self) -> bool:
        """Whether to go on with a watch; asked between its slices."""
        enough, self._watched_enough = self._watched_enough, False
        self._watching = not (enough or self.because)
        return self._watching

    def _signalled(self, number: int, frame: FrameType | None) -> None:
        because = WHY[signal.Signals(number)]
        if self._asking:
            raise StoppedByPerson("Stopped", because)
        is_ctrl_c = number == signal.SIGINT
        if is_ctrl_c and (self.because or self._watched_enough):
            raise Interrupted(WHY[signal.Signals(number)])
        if is_ctrl_c and self._watching:
            self._watched_enough = True
            _tell(_WATCH)
            return
        if not self.because:
            _tell(_AT_THE_BOUNDARY)
        self.because = self.because or because


def _tell(text: str) -> None:
    """Write past every buffer: the signal may have come in the middle of a write."""
    with contextlib.suppress(OSError):
        os.write(2, text.encode("ascii"))
