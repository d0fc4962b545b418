"""The SSH server in front of the attacked server (asyncssh, loopback, one-time keys)."""

import asyncio
import shutil
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

import asyncssh

from playbook.drill.command import Command, Session

# A write to a file fails with EFBIG, as one to a full disk does with ENOSPC; pipes still work.
_NO_BYTE_TO_FILES = 'trap "" XFSZ; ulimit -S -f 0; exec "$0" -c "$1"'
SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_TIMEOUT_S = 10.0


@dataclass(frozen=True)
class Terms:
    """How the front treats its sessions.

    `path` replaces the PATH of sessions. `cut_at_exec` drops the connection once, at the exec of
    that number (the first is 1), when its input has arrived and before its answer leaves.
    While `disk_full` says so, no session that begins can write a byte to a file.
    """

    path: str = SYSTEM_PATH
    cut_at_exec: int | None = None
    disk_full: Callable[[], bool] = lambda: False


class Front:
    """An SSH server that runs commands in `folder`, in a thread of its own.

    `execs` counts the commands asked for so far.
    """

    def __init__(self, folder: Path, terms: Terms) -> None:
        self.port = 0
        self.execs = 0
        self.key_file = folder / "ssh" / "id_ed25519"
        self.known_hosts = folder / "ssh" / "known_hosts"
        self._folder = folder
        self._terms = terms
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, daemon=True)
        self._connections: set[asyncssh.SSHServerConnection] = set()
        self._running: set[Command] = set()
        self._acceptor: asyncssh.SSHAcceptor | None = None

    def start(self) -> None:
        """Make the keys, listen, and write the key file and the known hosts."""
        host_key = asyncssh.generate_private_key("ssh-ed25519")
        client_key = asyncssh.generate_private_key("ssh-ed25519")
        self.key_file.parent.mkdir(mode=0o700)
        client_key.write_private_key(self.key_file)
        self.key_file.chmod(0o600)
        self._thread.start()
        listening = asyncio.run_coroutine_threadsafe(self._listen(host_key, client_key), self._loop)
        listening.result(_TIMEOUT_S)
        public = host_key.export_public_key("openssh").decode("ascii")
        self.known_hosts.write_text(f"[127.0.0.1]:{self.port} {public}", encoding="ascii")

    def stop(self) -> None:
        """Close every connection and end every command that still runs."""
        if self._thread.is_alive():
            asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(_TIMEOUT_S)
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
        self._loop.close()

    async def _listen(self, host_key: asyncssh.SSHKey, client_key: asyncssh.SSHKey) -> None:
        allowed = asyncssh.import_authorized_keys(client_key.export_public_key().decode("ascii"))
        self._acceptor = await asyncssh.create_server(
            lambda: _Door(self._connections),
            "127.0.0.1",
            0,
            server_host_keys=[host_key],
            authorized_client_keys=allowed,
            process_factory=self._serve,
            encoding=None,
            line_editor=False,
            password_auth=False,
            kbdint_auth=False,
        )
        self.port = self._acceptor.get_port()

    async def _close(self) -> None:
        if self._acceptor is not None:
            self._acceptor.close()
        for connection in tuple(self._connections):
            connection.abort()
        for command in tuple(self._running):
            command.kill()
        while len(asyncio.all_tasks()) > 1:
            await asyncio.sleep(0.002)

    async def _serve(self, session: Session) -> None:
        self.execs += 1
        cut = self.execs == self._terms.cut_at_exec
        environment = {"PATH": self._terms.path, "HOME": str(self._folder)}
        command = await Command.start(self._line(session), self._folder, environment)
        self._running.add(command)
        try:
            if cut:
                speaking = asyncio.create_task(command.speak(session))
                await command.feed(session)
                speaking.cancel()
                session.channel.get_connection().abort()
            else:
                await _converse(command, session)
            command.hang_up()
            status = await command.ended()
        finally:
            self._running.discard(command)
        if status < 0:
            session.exit_with_signal(signal.Signals(-status).name.removeprefix("SIG"))
        else:
            session.exit(status)

    def _line(self, session: Session) -> list[str]:
        shell = shutil.which("sh", path=self._terms.path) or "/bin/sh"
        if session.command is None:
            return [shell]
        if self._terms.disk_full():
            return [shell, "-c", _NO_BYTE_TO_FILES, shell, session.command]
        return [shell, "-c", session.command]


class _Door(asyncssh.SSHServer):
    """Keeps count of the open connections, so that they can be closed."""

    def __init__(self, connections: set[asyncssh.SSHServerConnection]) -> None:
        self._connections = connections
        self._mine: asyncssh.SSHServerConnection | None = None

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._mine = conn
        self._connections.add(conn)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._mine is not None:
            self._connections.discard(self._mine)


async def _converse(command: Command, session: Session) -> None:
    """Pass the streams on until the command has said all, or the line is gone."""
    talking = asyncio.create_task(command.converse(session))
    closing = asyncio.create_task(session.channel.wait_closed())
    await asyncio.wait((talking, closing), return_when=asyncio.FIRST_COMPLETED)
    for task in (talking, closing):
        task.cancel()
    await asyncio.gather(talking, closing, return_exceptions=True)
    error = None if talking.cancelled() else talking.exception()
    if error is not None and not isinstance(error, (OSError, asyncssh.Error)):
        raise error
