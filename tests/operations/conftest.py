"""What several tests of the whole engine compare with."""

import pytest

from playbook import operations
from playbook.errors import ExitCode
from tests.support.attacked_server import attacked
from tests.support.end_states import CONTAIN, state


@pytest.fixture(scope="package")
def contained_quietly(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """How the server stands after a containment that nothing disturbed."""
    with attacked(tmp_path_factory.mktemp("quiet"), ssh=False, still=True, size=40) as (
        server,
        desk,
    ):
        ended = operations.respond(desk, (server.account,), CONTAIN)
        assert ended.code is ExitCode.OWED
        return state(server, ended.incident.name)
