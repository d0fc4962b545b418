"""What a survey foresees, with a person who may not become root."""

from dataclasses import replace
from pathlib import Path

from playbook.engine.preflight import preflight
from tests.support.attacked_server import attacked


def test_a_login_without_root_is_a_hindrance_unless_root_was_not_asked_for(tmp_path: Path) -> None:
    with attacked(tmp_path, ssh=False, still=True, size=5) as (_, desk):
        seen = replace(desk.reader().survey(), root=False)
        assert "not root" in preflight(seen).stops[0]
        assert preflight(seen, elevate=False).stops == ()
