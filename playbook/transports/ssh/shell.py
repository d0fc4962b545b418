"""A shell on the server that waits for a script.

It is started ahead, so that a script is sent and answered in one round trip. Every remote
command line is a constant. The shell says a word as soon as it stands, and before that word
nothing of a script and no secret but the one asked for is sent: sudo would take the lines of a
script for passwords, and lock the account.
"""

import re
import select
import shlex
from enum import Enum, auto
from typing import Final

import paramiko

from playbook.errors import ElevationRefused, TransportError
from playbook.progress import untold
from playbook.secret import Secret
from playbook.transports.dialects.posix import COMMAND
from playbook.transports.progress import Progress

_READY: Final = "respond-stands-ready"
_PROMPT: Final = "respond-asks-for-the-sudo-password:"
_SHELL: Final = shlex.join(("sh", "-c", f'echo {_READY}; exec "$@"', "sh", *COMMAND))
_PIECE: Final = 64 * 1024

# What sudo says of a login that it knows, whose rights do not reach; the command is left out.
_NO_RIGHT: Final = re.compile(
    r"([^\n]{0,60}(?:is not allowed to execute|is not in the sudoers file|may not run sudo))"
)
_RIGHT: Final = (
    "The scripts are sent to `sh`, which needs the right to run everything as root: a line such as "
    "`LOGIN ALL=(root) ALL` in sudoers, or a login as root."
)


class Way(Enum):
    """How the shell becomes one of root."""

    DIRECT = auto()
    SUDO = auto()
    SUDO_WITH_PASSWORD = auto()


# `sudo -n true` comes first because a sudo that needs no password would leave one unread. What it
# says is read in one language.
_LINES: Final = {
    Way.DIRECT: f"exec {_SHELL}",
    Way.SUDO: f"env LC_ALL=C sudo -n true && exec env LC_ALL=C sudo -n {_SHELL}",
    Way.SUDO_WITH_PASSWORD: f"exec env LC_ALL=C sudo -k -S -p {_PROMPT} {_SHELL}",
}


def open_shell(
    transport: paramiko.Transport, way: Way, password: Secret | None, patience_s: float
) -> paramiko.Channel:
    """Start a shell and wait until it stands.

    Raises `ElevationRefused`, `TransportError`, or what the library raises; nothing of a script
    was sent then.
    """
    channel = transport.open_session(timeout=patience_s)
    try:
        channel.exec_command(_LINES[way])
        _await_ready(channel, way, password, patience_s)
    except BaseException:
        channel.close()
        raise
    return channel


def stands(channel: paramiko.Channel) -> bool:
    """Whether a shell that was started ahead still waits."""
    return not (channel.closed or channel.eof_received or channel.exit_status_ready())


def next_pieces(channel: paramiko.Channel, wait_s: float) -> tuple[bytes, bytes] | None:
    """The next bytes of both streams; two empty ones at their end; `None` if nothing came."""
    while True:
        if not select.select([channel], [], [], wait_s)[0]:
            return None
        # Asked before the buffers: what comes after an end that was seen is nothing.
        ended = bool(channel.closed or channel.eof_received)
        output = channel.recv(_PIECE) if channel.recv_ready() else b""
        noise = channel.recv_stderr(_PIECE) if channel.recv_stderr_ready() else b""
        if output or noise or ended:
            return output, noise


def _await_ready(
    channel: paramiko.Channel, way: Way, password: Secret | None, patience_s: float
) -> None:
    said, noise, progress = b"\n", b"", Progress(untold)
    while b"\n%b\n" % _READY.encode() not in said:
        pieces = next_pieces(channel, patience_s)
        if pieces is None or pieces == (b"", b""):
            raise _refusal(way, progress.noise_text)
        said = (said + pieces[0].replace(b"\r\n", b"\n"))[-_PIECE:]
        asked_before = noise.count(_PROMPT.encode())
        noise = (noise + pieces[1])[-_PIECE:]
        progress.feed(pieces[1])
        asked = noise.count(_PROMPT.encode())
        if asked > 1:
            raise _refusal(way, "the password is wrong")
        if asked > asked_before and password is not None:
            channel.sendall(password.reveal().encode() + b"\n")


def _refusal(way: Way, because: str) -> TransportError:
    because = because.replace(_PROMPT, " ").strip()
    if way is not Way.DIRECT and (without := _NO_RIGHT.search(because)):
        what = "sudo does not let this login run a shell as root, whatever its password"
        return ElevationRefused(what, without.group(1), _RIGHT)
    match way:
        case Way.DIRECT:
            return TransportError("The login works, but no shell answers", because)
        case Way.SUDO:
            return ElevationRefused("The login may not become root without a password", because)
        case Way.SUDO_WITH_PASSWORD:
            return ElevationRefused("sudo did not accept the password", because)
