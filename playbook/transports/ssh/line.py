"""The connection: through every jump host, each host key checked, each login made."""

import logging
import socket
import subprocess
from dataclasses import dataclass
from typing import Final

import paramiko

from playbook.errors import HostUnreachable
from playbook.transports.ssh import known_hosts
from playbook.transports.ssh.faults import translated
from playbook.transports.ssh.login import Questions, log_in
from playbook.transports.ssh.route import Hop

# A question every few seconds, and a bound on how long it may stay unacknowledged: together
# they find a peer that vanished. The question alone does not: nobody waits for its answer.
_KEEPALIVE_S: Final = 5
_UNACKNOWLEDGED_S: Final = 20

# Without one, the logging module prints the library's errors on the terminal.
logging.getLogger("paramiko").addHandler(logging.NullHandler())


@dataclass(frozen=True)
class Line:
    """An open connection, the jump hosts before it, and the process of a ProxyCommand."""

    where: str
    transport: paramiko.Transport
    via: "Line | None" = None
    proxy: "subprocess.Popen[bytes] | None" = None

    def close(self) -> None:
        """Close it and everything it goes through."""
        self.transport.close()
        if self.via:
            self.via.close()
        if self.proxy:
            self.proxy.terminate()
            self.proxy.wait()


def connect(hop: Hop, questions: Questions | None) -> Line:
    """Open a connection and log in; raises a `TransportError`, and then nothing was sent."""
    via = connect(hop.via, questions) if hop.via else None
    where = f"{hop.address}:{hop.port}"
    try:
        with translated(where):
            stream, proxy = _stream(hop, via)
            transport = paramiko.Transport(stream)
    except BaseException:
        if via:
            via.close()
        raise
    line = Line(where, transport, via, proxy)
    try:
        with translated(where):
            _agree(transport, hop)
            log_in(transport, hop, questions)
            transport.set_keepalive(_KEEPALIVE_S)
    except BaseException:
        line.close()
        raise
    return line


def _stream(
    hop: Hop, via: Line | None
) -> tuple["socket.socket | paramiko.Channel", "subprocess.Popen[bytes] | None"]:
    if via:
        return _through(via, hop), None
    if hop.proxy_command:
        ours, theirs = socket.socketpair()
        with theirs:
            # The user's own configuration, run as ssh_config(5) says: by the shell.
            command = "/bin/sh", "-c", f"exec {hop.proxy_command}"
            end = theirs.fileno()
            process = subprocess.Popen(command, stdin=end, stdout=end, stderr=subprocess.DEVNULL)
        return ours, process
    plain = socket.create_connection((hop.address, hop.port), hop.connect_s)
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        bound_ms = _UNACKNOWLEDGED_S * 1000
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, bound_ms)
    return plain, None


def _through(via: Line, hop: Hop) -> paramiko.Channel:
    target, source = (hop.address, hop.port), ("127.0.0.1", 0)
    try:
        return via.transport.open_channel("direct-tcpip", target, source, timeout=hop.connect_s)
    except paramiko.ChannelException as error:
        what = f"The jump host {via.where} does not reach {hop.address}:{hop.port}"
        raise HostUnreachable(what, error.text) from error


def _agree(transport: paramiko.Transport, hop: Hop) -> None:
    """Exchange keys, then let the host key pass or raise `HostKeyRefused`."""
    known = known_hosts.read(hop.known_hosts)
    kinds = {key.kind for key in known.of(hop.names)}
    options = transport.get_security_options()
    # As OpenSSH does: a kind that is known first, or a known host would show an unknown key.
    options.key_types = tuple(sorted(options.key_types, key=lambda name: _kind(name) not in kinds))
    transport.banner_timeout = transport.handshake_timeout = hop.connect_s
    transport.start_client(timeout=hop.connect_s)
    if not transport.initial_kex_done:
        raise HostUnreachable(f"{hop.address}:{hop.port} does not answer as an SSH server")
    key = transport.get_remote_server_key()
    known.require(hop.names, key.get_name(), key.asbytes())


def _kind(algorithm: str) -> str:
    """The kind of key that a signature algorithm is made with."""
    return "ssh-rsa" if algorithm.startswith("rsa-sha2-") else algorithm
