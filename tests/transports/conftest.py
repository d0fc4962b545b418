"""The fixture that the transports' contract is tested over: this machine, asyncssh, a real sshd."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from playbook.transports.local import Local
from playbook.transports.ssh import Ssh
from tests.support.ssh_servers import Doorman, Relay, Server, asyncssh_server, openssh
from tests.support.wires import Wire


@contextlib.contextmanager
def over_ssh(server: Server, folder: Path) -> Iterator[Wire]:
    relay = Relay(server.port)
    host = server.host(relay.port)
    transport = Ssh(host)
    opened = [transport]

    def patient(silence_s: float) -> Ssh:
        opened.append(Ssh(host, silence_s=silence_s))
        return opened[-1]

    try:
        yield Wire(transport, folder, relay, patient)
    finally:
        for each in opened:
            each.close()
        relay.close()


@pytest.fixture(params=["local", "asyncssh", "openssh"])
def wire(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Wire]:
    with contextlib.ExitStack() as stack:
        match request.param:
            case "local":
                yield Wire(Local(elevate=False), tmp_path)
            case "asyncssh":
                server = stack.enter_context(asyncssh_server(tmp_path, Doorman()))
                yield stack.enter_context(over_ssh(server, tmp_path))
            case "openssh":
                server = stack.enter_context(openssh(tmp_path))
                yield stack.enter_context(over_ssh(server, tmp_path))
