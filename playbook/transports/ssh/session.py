"""The shells of one connection: one that works, and one started ahead for the next script."""

import contextlib
import functools
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field

import paramiko

from playbook.errors import TransportError
from playbook.secret import Secret
from playbook.transports.ssh.elevation import Elevation
from playbook.transports.ssh.faults import FAULTS, translated
from playbook.transports.ssh.line import Line
from playbook.transports.ssh.shell import Way, open_shell, stands

Ahead = Future[paramiko.Channel]


@dataclass
class Session:
    """An open connection and how a shell of root is had on it."""

    line: Line
    elevation: Elevation
    silence_s: float
    _ahead: Ahead | None = field(default=None, init=False)
    _prepares: bool = field(default=True, init=False)

    @property
    def alive(self) -> bool:
        """Whether the connection is not known to be lost."""
        return self.line.transport.is_active()

    def shell(self) -> paramiko.Channel:
        """The shell started ahead, if it still stands, else a new one.

        Raises a `TransportError`; nothing of a script was sent then.
        """
        ahead, self._ahead = self._ahead, None
        if ahead and (channel := self._taken(ahead)):
            return channel
        return self.elevation.open(self._open)

    def send(self, channel: paramiko.Channel, sent: bytes, *, ahead: bool = True) -> None:
        """Write a script in the background, and `ahead` start the shell of the next one."""
        write = functools.partial(_write, channel, sent)
        if ahead and self._prepares and self.elevation.way:
            self._ahead = self._start(self.elevation.way, self.elevation.password, write)
        else:
            _in_background(lambda: channel, write)

    def close(self) -> None:
        """Close the connection; a shell that waits reads an end of file and is gone."""
        self._ahead = None
        self.line.close()

    def _taken(self, ahead: Ahead) -> paramiko.Channel | None:
        try:
            channel = ahead.result(self.silence_s)
        except paramiko.ChannelException:
            # The server allows one session at a time.
            self._prepares = False
            return None
        except TimeoutError:
            self.line.close()
            return None
        except (TransportError, *FAULTS):
            return None
        return channel if stands(channel) else None

    def _open(self, way: Way, password: Secret | None) -> paramiko.Channel:
        patience_s = 2 * self.silence_s
        with translated(self.line.where):
            try:
                return self._start(way, password).result(patience_s)
            except paramiko.ChannelException:
                # The session before may not be put away yet; the refusal took a round trip.
                return self._start(way, password).result(patience_s)

    def _start(
        self, way: Way, password: Secret | None, first: Callable[[], None] = lambda: None
    ) -> Ahead:
        transport, patience_s = self.line.transport, self.silence_s
        return _in_background(lambda: open_shell(transport, way, password, patience_s), first)


def _in_background(make: Callable[[], paramiko.Channel], first: Callable[[], None]) -> Ahead:
    """Do the one, then make the other, in a thread: some answers the library awaits for ever."""
    future: Ahead = Future()

    def work() -> None:
        try:
            first()
            future.set_result(make())
        except BaseException as error:  # noqa: BLE001 - raised again where it is waited for
            future.set_exception(error)

    threading.Thread(target=work, daemon=True).start()
    return future


def _write(channel: paramiko.Channel, sent: bytes) -> None:
    """Send all of it and its end; a shell that stopped reading shows in its answer."""
    with contextlib.suppress(*FAULTS):
        channel.sendall(sent)
        channel.shutdown_write()
