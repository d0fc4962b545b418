"""Every fault of the SSH library has words of ours."""

import inspect
import socket

import paramiko
import pytest
from paramiko import ssh_exception

from playbook.errors import ExitCode, HostUnreachable, RespondError
from playbook.transports.ssh.faults import FAULTS, translate

KEY = paramiko.Ed25519Key(
    data=paramiko.Message().add_string("ssh-ed25519").add_string(b"k" * 32).asbytes()
)
MADE: dict[str, Exception] = {
    "BadAuthenticationType": ssh_exception.BadAuthenticationType("no", ["publickey"]),
    "PartialAuthentication": ssh_exception.PartialAuthentication(["password"]),
    "ChannelException": ssh_exception.ChannelException(2, "Connect failed"),
    "BadHostKeyException": ssh_exception.BadHostKeyException("mail1", KEY, KEY),
    "ProxyCommandFailure": ssh_exception.ProxyCommandFailure("nc", "broken pipe"),
    "NoValidConnectionsError": ssh_exception.NoValidConnectionsError(
        {("127.0.0.1", 22): ConnectionRefusedError()}
    ),
}
NAMES = [
    name
    for name, kind in inspect.getmembers(ssh_exception, inspect.isclass)
    if issubclass(kind, Exception) and kind.__module__ == ssh_exception.__name__
]


def test_the_library_has_the_faults_that_this_test_knows() -> None:
    assert len(NAMES) >= 14


@pytest.mark.parametrize("name", NAMES)
def test_each_exception_of_the_library_is_caught_and_translated(name: str) -> None:
    error = MADE.get(name) or getattr(ssh_exception, name)("something")
    assert isinstance(error, FAULTS)
    ours = translate(error, "mail1:22")
    assert isinstance(ours, RespondError)
    assert "mail1:22" in ours.what
    assert ours.exit_code in (ExitCode.HOST, ExitCode.USAGE)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (socket.gaierror(-2, "Name or service not known"), "is not known"),
        (TimeoutError("timed out"), "does not answer"),
        (ConnectionRefusedError(111, "Connection refused"), "Nothing listens"),
        (ConnectionResetError(104, "reset"), "cannot be reached"),
        (EOFError(), "closed the connection"),
    ],
)
def test_the_network_s_faults_say_that_nothing_was_sent(error: Exception, words: str) -> None:
    ours = translate(error, "mail1:22")
    assert isinstance(ours, HostUnreachable)
    assert words in ours.what


def test_what_a_server_says_is_bounded_and_safe_on_a_terminal() -> None:
    ours = translate(paramiko.SSHException("\x1b[2J" + "x" * 5000), "mail1:22")
    assert isinstance(ours, RespondError)
    assert "\x1b" not in ours.because
    assert len(ours.because) <= 300
