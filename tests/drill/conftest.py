"""The fixture that the drill's own tests share: an attacked server."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from playbook.drill.faults import Fault
from playbook.drill.server import AttackedServer
from tests.support.attack import Attack


@pytest.fixture
def attack() -> Iterator[Attack]:
    with ExitStack() as servers:

        def start(
            *faults: Fault,
            size: int = 40,
            level: int = 1,
            thief: bool = False,
            ssh: bool = False,
            deliveries_per_s: float = 0,
            session_path: str | None = None,
            cut_at_exec: int = 3,
            set_exit_status: int = 0,
        ) -> AttackedServer:
            server = AttackedServer(
                size=size,
                level=level,
                faults=frozenset(faults),
                thief=thief,
                ssh=ssh,
                deliveries_per_s=deliveries_per_s,
                session_path=session_path,
                cut_at_exec=cut_at_exec,
                set_exit_status=set_exit_status,
            )
            return servers.enter_context(server)

        yield start
