"""Every fault of the SSH library and of the network, in words for a person at three."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import paramiko
from paramiko.ssh_exception import (
    BadHostKeyException,
    CouldNotCanonicalize,
    IncompatiblePeer,
    MessageOrderError,
    NoValidConnectionsError,
    ProxyCommandFailure,
)

from playbook.errors import (
    AuthenticationRefused,
    BadInput,
    HostKeyRefused,
    HostUnreachable,
    RespondError,
    TransportError,
)
from playbook.text import one_line

_OLD_SERVER: Final = (
    "Its SSH server is too old for the library used here, which no longer speaks SHA-1. Run "
    "respond on the server itself (`--host local`), or upgrade OpenSSH there."
)
_FULL: Final = "Close other sessions to it; MaxSessions in its sshd_config bounds them."
_NO_SUCH_NAME: Final = (
    "Check the name; if it stands in an inventory, say in which: --inventory FILE"
    " or RESPOND_INVENTORY."
)

# From special to general: the first line that an error is an instance of speaks.
_TABLE: Final[tuple[tuple[type[Exception], type[RespondError], str, str], ...]] = (
    (IncompatiblePeer, HostUnreachable, "{0} and we share no way to encrypt", _OLD_SERVER),
    (BadHostKeyException, HostKeyRefused, "The host key of {0} is not the known one", ""),
    (MessageOrderError, HostUnreachable, "{0} breaks the order of SSH: perhaps an attack", ""),
    (paramiko.AuthenticationException, AuthenticationRefused, "{0} did not accept the login", ""),
    (paramiko.ChannelException, TransportError, "{0} refuses a further session", _FULL),
    (ProxyCommandFailure, HostUnreachable, "The ProxyCommand to {0} failed", ""),
    (CouldNotCanonicalize, HostUnreachable, "The full name of {0} was not found", ""),
    (paramiko.ConfigParseError, BadInput, "The ssh configuration for {0} is not understood", ""),
    (paramiko.SSHException, HostUnreachable, "{0} does not speak SSH with us", ""),
    (NoValidConnectionsError, HostUnreachable, "{0} cannot be reached", ""),
    (socket.gaierror, HostUnreachable, "The name {0} is not known", _NO_SUCH_NAME),
    (TimeoutError, HostUnreachable, "{0} does not answer", ""),
    (ConnectionRefusedError, HostUnreachable, "Nothing listens at {0}", ""),
    (OSError, HostUnreachable, "{0} cannot be reached", ""),
    (EOFError, HostUnreachable, "{0} closed the connection", ""),
)

FAULTS: Final = (paramiko.SSHException, OSError, EOFError)
"""What may come out of the library and the sockets; anything else is a fault of the program."""


def translate(error: Exception, where: str) -> RespondError:
    """The error of ours that says the same of a host."""
    for kind, ours, what, remedy in _TABLE:
        if isinstance(error, kind):
            return ours(what.format(where), _reason(error), remedy)
    raise error


@contextmanager
def translated(where: str) -> Iterator[None]:
    """Raise what goes wrong inside as an error of ours."""
    try:
        yield
    except FAULTS as error:
        raise translate(error, where) from error


def _reason(error: Exception) -> str:
    """What the error says, which may be the server's words: bounded, and safe on a terminal."""
    text = (isinstance(error, OSError) and error.strerror) or str(error)
    return one_line(text, 300)
