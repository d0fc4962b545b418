"""A desk in front of the drill's server, for tests of the whole engine."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from playbook import wiring
from playbook.drill.faults import Fault
from playbook.drill.server import AttackedServer
from playbook.engine.operator import Unattended
from playbook.hosts import inventory
from playbook.wiring import Desk
from tests.support.ssh_servers import Server


@contextmanager
def attacked(
    home: Path,
    *faults: Fault,
    ssh: bool = True,
    still: bool = False,
    size: int = 60,
    level: int = 1,
    cut_at_exec: int = 3,
) -> Iterator[tuple[AttackedServer, Desk]]:
    """An attacked server and a desk in front of it.

    `still`: nobody sends, and nothing moves before SMTP was started again.
    """
    server = AttackedServer(
        size=size,
        level=level,
        faults=frozenset(faults),
        ssh=ssh,
        thief=not still,
        deliveries_per_s=200 if still else 20,
        delivers_from_restart=still,
        cut_at_exec=cut_at_exec,
    )
    with server:
        if still:
            server._crowd.end()
        host = inventory.load(server.inventory).host("drill")
        quick = replace(
            host.icewarp,
            tool_patience_s=4,
            stop_patience_s=4,
            start_patience_s=10,
            confirm_s=1,
        )
        host = replace(host, icewarp=quick)
        transport = wiring.transport(host, None)
        yield server, Desk(host, transport, Unattended(), canary_patience_s=10, home=home)
        transport.close()


@contextmanager
def behind(desk: Desk, sshd: Server, port: int | None = None) -> Iterator[Desk]:
    """The same desk, with an SSH server of the tests between it and the mail server."""
    reached = sshd.host(port)
    host = replace(reached, name=desk.host.name, icewarp=desk.host.icewarp)
    transport = wiring.transport(host, None)
    yield replace(desk, host=host, transport=transport)
    transport.close()
