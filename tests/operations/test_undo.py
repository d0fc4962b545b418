"""What is taken back, what stays aside, and what is said of it afterwards."""

from dataclasses import replace
from pathlib import Path

import pytest

from playbook import operations
from playbook.engine.operator import Unattended
from playbook.engine.undo import Overview
from playbook.errors import ExitCode, IncidentOpen
from playbook.incident.records import Did, UndoEnded
from playbook.mail.actions import SmtpStopped
from playbook.wiring import Options
from tests.support.attacked_server import attacked

SORTED = Options(last="triage_queue")


def queue_lines(folder: Path) -> list[str]:
    """What the report says of the queue."""
    _, _, after = (folder / "report.md").read_text().partition("## The queue")
    return after.partition("## What happened")[0].splitlines()


@pytest.mark.slow
def test_an_undo_leaves_the_spam_aside_and_the_incident_can_be_closed(tmp_path: Path) -> None:
    with attacked(tmp_path, ssh=False, still=True, size=40) as (server, desk):
        case = operations.respond(desk, (server.account,), SORTED).incident
        assert case.folder
        figures = queue_lines(case.folder)
        assert len(figures) > 3
        aside = next((server.install / "mail").glob("_outgoing.*"))
        before = sorted(path.name for path in aside.rglob("*"))
        shown: list[Overview] = []
        undone = operations.undo(desk, case, shown.append)
        assert any("spam, " in each and "--with-spam" in each for each in shown[0].kept)
        assert not any("Merge" in each for each in undone.taken_back)
        assert sorted(path.name for path in aside.rglob("*")) == before
        assert server.score(0.0).smtp_answers
        assert queue_lines(case.folder) == figures
        stops = [each for each in case.all(Did) if isinstance(each.do, SmtpStopped)]
        assert len(stops) == 1
        forced = replace(desk, operator=Unattended("a rehearsal"))
        closed = operations.close(forced, case, Options(keep_days=0))
        assert closed.code is ExitCode.OWED
        with pytest.raises(IncidentOpen, match="is closed"):
            operations.resume(forced, case, Options(first="stop_smtp"))


@pytest.mark.slow
def test_what_was_merged_back_is_forgotten_and_closing_it_ends_well(tmp_path: Path) -> None:
    with attacked(tmp_path, ssh=False, still=True, size=40) as (server, desk):
        case = operations.respond(desk, (server.account,), SORTED).incident
        undone = operations.undo(desk, case, lambda found: None, with_spam=True)
        assert any(each.startswith("Merge ") for each in undone.taken_back)
        assert isinstance(case.ending, UndoEnded)
        assert not list((server.install / "mail").glob("_outgoing.*"))
        assert case.closed("confirm_closed") is None
        assert case.closed("triage_queue") is None
        closed = operations.close(desk, case, Options(keep_days=0))
        assert closed.code is ExitCode.OWED
        with pytest.raises(IncidentOpen, match="is closed"):
            operations.resume(desk, case, Options())
        assert server.score(0.0).smtp_answers
