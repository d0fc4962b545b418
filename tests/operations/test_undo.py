"""What is taken back, and what is said of it afterwards."""

from pathlib import Path

from playbook import operations
from playbook.engine.person import Agreed
from playbook.engine.undo import undo
from playbook.incident.records import UndoEnded
from playbook.progress import untold
from playbook.wiring import Options
from tests.support.attacked_server import attacked


def queue_lines(folder: Path) -> list[str]:
    """What the report says of the queue."""
    _, _, after = (folder / "report.md").read_text().partition("## The queue")
    return after.partition("## What is owed")[0].splitlines()


def test_an_undo_leaves_the_reports_figures_and_does_not_end_the_incident(tmp_path: Path) -> None:
    with attacked(tmp_path, ssh=False, still=True, size=40) as (server, desk):
        case = operations.respond(desk, (server.account,), Options(per_minute=0)).incident
        assert case.folder
        figures = queue_lines(case.folder)
        assert len(figures) > 3
        with operations.held(desk, case, "") as mail:
            undo(case, mail, Agreed(), untold, "")
        assert queue_lines(case.folder) == figures
        assert isinstance(case.ending, UndoEnded)
