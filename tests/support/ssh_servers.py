"""SSH servers on a loopback port for tests: a real OpenSSH one, one of asyncssh, and a relay."""

import asyncio
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import asyncssh
import pytest

from playbook.hosts.host import Host

ADDRESS = "127.0.0.1"
_START_S = 10.0


@dataclass(frozen=True)
class Server:
    """A running SSH server and what a client needs to log in."""

    port: int
    user: str
    key_file: Path
    known_hosts: Path
    host_key: Path

    def host(
        self,
        port: int | None = None,
        user: str | None = None,
        *,
        known_hosts: Path | None = None,
        key_file: Path | None = None,
        ssh_config: Path | None = None,
        sudo_password: tuple[str, ...] | None = None,
        elevate: bool = False,
    ) -> Host:
        """The server as a host of the inventory, with what a test wants otherwise."""
        if port is not None:
            know(self.known_hosts, port, self.host_key)
        return Host(
            name="server",
            address=ADDRESS,
            port=port or self.port,
            user=user or self.user,
            key_file=key_file or self.key_file,
            known_hosts=known_hosts or self.known_hosts,
            ssh_config=ssh_config or Path(os.devnull),
            sudo_password=sudo_password,
            elevate=elevate,
        )


def key_pair(path: Path, kind: str = "ed25519", passphrase: str = "") -> Path:
    """A new key pair beside each other; returns the private key's path."""
    key = asyncssh.generate_private_key("ssh-" + kind)
    if passphrase:
        key.write_private_key(path, passphrase=passphrase, rounds=50)
    else:
        key.write_private_key(path)
    path.chmod(0o600)
    key.write_public_key(path.with_name(path.name + ".pub"))
    return path


def public(key_file: Path) -> str:
    """Kind and base64 of the public half of a key pair."""
    return " ".join(key_file.with_name(key_file.name + ".pub").read_text().split()[:2])


def know(known_hosts: Path, port: int, host_key: Path, marker: str = "") -> None:
    """Append the line by which a server on this port is known."""
    with known_hosts.open("a") as file:
        file.write(f"{marker} [{ADDRESS}]:{port} {public(host_key)}\n".lstrip())


def free_port() -> int:
    """A loopback port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((ADDRESS, 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def openssh(
    folder: Path, options: Sequence[str] = (), environment: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """A real sshd for the user who runs the tests, with temporary keys and its own configuration.

    `environment` is set in its sessions, HOME to the folder, so that no start-up file of the
    person's own shell takes part. Skips the test where there is no sshd.
    """
    program = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if program is None:
        pytest.skip("no sshd: install openssh-server to test against a real one")
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    user_key, host_key = key_pair(folder / "user_key"), key_pair(folder / "host_key")
    (folder / "authorized_keys").write_text(public(user_key) + "\n")
    port, config = free_port(), folder / "sshd_config"
    variables = {"HOME": str(folder), **(environment or {})}
    settings = [
        f"ListenAddress {ADDRESS}:{port}",
        f"HostKey {host_key}",
        f"AuthorizedKeysFile {folder / 'authorized_keys'}",
        f"PidFile {folder / 'sshd.pid'}",
        "StrictModes no",
        "UsePAM no",
        "PasswordAuthentication no",
        "KbdInteractiveAuthentication no",
        "PermitRootLogin prohibit-password",
        "SetEnv " + " ".join(f"{name}={value}" for name, value in variables.items()),
        *options,
    ]
    config.write_text("\n".join(settings) + "\n")
    with (folder / "sshd.log").open("wb") as log:
        process = subprocess.Popen((program, "-D", "-e", "-f", config), stderr=log)
    try:
        _await_listening(port, process, folder / "sshd.log")
        known_hosts = folder / "known_hosts"
        know(known_hosts, port, host_key)
        user = subprocess.run(("id", "-un"), capture_output=True, text=True, check=True)
        yield Server(port, user.stdout.strip(), user_key, known_hosts, host_key)
    finally:
        process.terminate()
        process.wait()


def _await_listening(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + _START_S
    while process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection((ADDRESS, port), 1):
            return
    raise AssertionError(f"sshd did not start: {log.read_text()}")


@dataclass
class Doorman:
    """Who may enter an asyncssh server, and what happened there."""

    keys: tuple[str, ...] = ()
    sessions_at_most: int = 100
    environment: Mapping[str, str] = field(default_factory=dict)
    more_host_keys: tuple[str, ...] = ()
    key_exchanges: tuple[str, ...] = ()
    commands: list[str] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    jumps: list[int] = field(default_factory=list)


@dataclass
class _Inside:
    """What is under way in an asyncssh server, so that its end can be awaited."""

    connections: set[asyncssh.SSHServerConnection] = field(default_factory=set)
    shells: set[int] = field(default_factory=set)

    async def end(self) -> None:
        """End all of it; a session that was just asked for may still start a shell meanwhile."""
        for connection in self.connections:
            connection.abort()
        me = asyncio.current_task()
        while others := [task for task in asyncio.all_tasks() if task is not me]:
            for shell in self.shells:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(shell, signal.SIGKILL)
            await asyncio.wait(others, timeout=0.02)


class _Session(asyncssh.SSHServer):
    def __init__(self, doorman: Doorman, inside: _Inside) -> None:
        self._doorman = doorman
        self._inside = inside
        self._open = 0

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._inside.connections.add(conn)

    def public_key_auth_supported(self) -> bool:
        return bool(self._doorman.keys)

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        shown = key.export_public_key().decode().split()[:2]
        return " ".join(shown) in self._doorman.keys

    def auth_completed(self) -> None:
        self._doorman.logins.append("login")

    def connection_requested(
        self, dest_host: str, dest_port: int, orig_host: str, orig_port: int
    ) -> bool:
        self._doorman.jumps.append(dest_port)
        return True

    def session_requested(self) -> "asyncssh.SSHServerProcess[bytes]":
        if self._open >= self._doorman.sessions_at_most:
            raise asyncssh.ChannelOpenError(asyncssh.OPEN_CONNECT_FAILED, "Connect failed")
        self._open += 1
        return asyncssh.SSHServerProcess(self._work, None, 3, allow_scp=False)

    async def _work(self, process: "asyncssh.SSHServerProcess[bytes]") -> None:
        self._doorman.commands.append(process.command or "")
        environment = {**os.environ, **self._doorman.environment}
        try:
            process.exit(await _shell(process, environment, self._inside.shells))
        finally:
            self._open -= 1


async def _shell(
    process: "asyncssh.SSHServerProcess[bytes]", environment: Mapping[str, str], shells: set[int]
) -> int:
    """Run the command as sshd does: by a shell, three pipes between."""
    pipe = asyncio.subprocess.PIPE
    shell = await asyncio.create_subprocess_exec(
        "/bin/sh", "-c", process.command or "", stdin=pipe, stdout=pipe, stderr=pipe,
        env=dict(environment), start_new_session=True,
    )  # fmt: skip
    assert shell.stdin
    assert shell.stdout
    assert shell.stderr
    shells.add(shell.pid)
    feeding = asyncio.create_task(_feed(process, shell.stdin))
    try:
        await asyncio.gather(
            _drain(shell.stdout, process.stdout), _drain(shell.stderr, process.stderr)
        )
        return await shell.wait()
    finally:
        # At once: the number may soon be another process's.
        shells.remove(shell.pid)
        feeding.cancel()
        await asyncio.gather(feeding, return_exceptions=True)


async def _feed(
    process: "asyncssh.SSHServerProcess[bytes]", shell_input: asyncio.StreamWriter
) -> None:
    try:
        with contextlib.suppress(OSError, asyncssh.Error):
            while piece := await process.stdin.read(65536):
                shell_input.write(piece)
                await shell_input.drain()
    finally:
        shell_input.close()


async def _drain(output: asyncio.StreamReader, sink: "asyncssh.SSHWriter[bytes]") -> None:
    """Read to the end also where nobody listens any more, or the pipe is never given back."""
    while piece := await output.read(65536):
        with contextlib.suppress(OSError, asyncssh.Error):
            sink.write(piece)
            await sink.drain()


@contextlib.contextmanager
def asyncssh_server(folder: Path, doorman: Doorman) -> Iterator[Server]:
    """A server of asyncssh in a thread; an empty doorman lets the new key pair in."""
    user_key, host_key = key_pair(folder / "user_key"), key_pair(folder / "host_key")
    more = [key_pair(folder / f"host_{kind}", kind) for kind in doorman.more_host_keys]
    if not doorman.keys:
        doorman.keys = (public(user_key),)
    loop, port, inside = asyncio.new_event_loop(), free_port(), _Inside()

    async def start() -> asyncssh.SSHAcceptor:
        return await asyncssh.create_server(
            lambda: _Session(doorman, inside),
            ADDRESS,
            port,
            server_host_keys=[host_key, *more],
            line_editor=False,
            encoding=None,
            kex_algs=doorman.key_exchanges or (),
        )

    async def stop() -> None:
        acceptor.close()
        await inside.end()

    acceptor = loop.run_until_complete(start())
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        know(folder / "known_hosts", port, host_key)
        yield Server(port, "admin", user_key, folder / "known_hosts", host_key)
    finally:
        asyncio.run_coroutine_threadsafe(stop(), loop).result(_START_S)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


class Relay:
    """A way to a server that a test can cut, or stop without a word."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._listening = socket.create_server((ADDRESS, 0))
        self.port: int = self._listening.getsockname()[1]
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._flowing = threading.Event()
        self._flowing.set()
        self._left_bytes: int | None = None
        self.connections = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """End every connection that goes through."""
        pairs, self._pairs = self._pairs, []
        for one in (end for pair in pairs for end in pair):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def cut_after(self, size_bytes: int) -> None:
        """End every connection when so many more bytes went to the server."""
        self._left_bytes = size_bytes

    def stall(self) -> None:
        """Let nothing through from now on, and say nothing of it."""
        self._flowing.clear()

    def flow(self) -> None:
        """Let everything through again."""
        self._flowing.set()

    def close(self) -> None:
        """Refuse what comes and end what is there."""
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._flowing.set()
        self.cut()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client = self._listening.accept()[0]
                server = socket.create_connection((ADDRESS, self._target))
                self.connections += 1
                self._pairs.append((client, server))
                for one, other in ((client, server), (server, client)):
                    threading.Thread(target=self._carry, args=(one, other), daemon=True).start()

    def _carry(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while piece := source.recv(4096):
                self._flowing.wait()
                sink.sendall(piece)
                if self._left_bytes is not None and self._pairs and sink is self._pairs[-1][1]:
                    self._left_bytes -= len(piece)
                    if self._left_bytes <= 0:
                        self._left_bytes = None
                        self.cut()
        for one in (source, sink):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
