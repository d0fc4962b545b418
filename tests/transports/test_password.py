"""A password asked for at login, by either of the two ways that servers know.

The server is one of the SSH library's own, as neither sshd (which asks the machine's accounts)
nor asyncssh (which ends at a second service request) can play it.
"""

import contextlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import paramiko
import pytest

from playbook.errors import AuthenticationRefused
from playbook.transports.ssh.known_hosts import HostNames
from playbook.transports.ssh.login import log_in
from playbook.transports.ssh.route import Hop
from tests.support.wires import Answers

HOP = Hop(
    address="mail1",
    port=22,
    user="admin",
    names=HostNames.of("mail1", 22),
    known_hosts=(),
    key_files=(),
    only_these_keys=True,
    agent=None,
    connect_s=5,
)


@dataclass
class Doorkeeper(paramiko.ServerInterface):
    """Takes one password, by the way it is told."""

    way: str
    shown: list[str] = field(default_factory=list)
    further: str = ""

    def get_allowed_auths(self, username: str) -> str:
        return self.further if self.further and self.shown else f"publickey,{self.way}"

    def check_auth_password(self, username: str, password: str) -> int:
        return self._judge(password)

    def check_auth_interactive(
        self, username: str, submethods: str
    ) -> "int | paramiko.server.InteractiveQuery":
        return paramiko.server.InteractiveQuery("", "", ("Password: ", False))

    def check_auth_interactive_response(self, responses: list[str]) -> int:
        return self._judge(*responses)

    def _judge(self, password: str) -> int:
        self.shown.append(password)
        if password != "opens":
            return paramiko.common.AUTH_FAILED
        return (
            paramiko.common.AUTH_PARTIALLY_SUCCESSFUL
            if self.further
            else paramiko.common.AUTH_SUCCESSFUL
        )


@contextlib.contextmanager
def connected(doorkeeper: Doorkeeper) -> Iterator[paramiko.Transport]:
    ours, theirs = socket.socketpair()
    server, client = paramiko.Transport(theirs), paramiko.Transport(ours)
    server.add_server_key(paramiko.RSAKey.generate(2048))
    server.start_server(threading.Event(), doorkeeper)
    try:
        client.start_client(timeout=5)
        yield client
    finally:
        client.close()
        server.close()


@pytest.mark.parametrize("way", ["password", "keyboard-interactive"])
def test_the_right_password_opens(way: str) -> None:
    person, doorkeeper = Answers("opens"), Doorkeeper(way)
    with connected(doorkeeper) as transport:
        log_in(transport, HOP, person)
        assert transport.is_authenticated()
    assert person.asked == ["password of admin@mail1"]


@pytest.mark.parametrize("way", ["password", "keyboard-interactive"])
def test_a_wrong_password_is_shown_once(way: str) -> None:
    doorkeeper = Doorkeeper(way)
    with connected(doorkeeper) as transport:
        with pytest.raises(AuthenticationRefused, match="tried: the password"):
            log_in(transport, HOP, Answers("wrong"))
        assert not transport.is_authenticated()
    assert doorkeeper.shown == ["wrong"]


def test_nobody_there_is_a_refusal_that_says_what_the_server_takes() -> None:
    refused = pytest.raises(AuthenticationRefused, match="it takes publickey, password")
    with connected(Doorkeeper("password")) as transport, refused:
        log_in(transport, HOP, None)


def test_a_second_proof_after_the_password_is_named() -> None:
    doorkeeper = Doorkeeper("password", further="keyboard-interactive")
    refused = pytest.raises(AuthenticationRefused, match="one more proof")
    with connected(doorkeeper) as transport, refused:
        log_in(transport, HOP, Answers("opens"))
