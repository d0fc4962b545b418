"""The queue that was set aside is sorted as a step of the run, and in the dry run as it lies."""

import json
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from playbook import operations, wiring
from playbook.cli.app import app
from playbook.errors import ExitCode
from playbook.incident import store
from playbook.incident.manifest import decisions
from playbook.incident.manifest.store import MANIFEST
from playbook.mail.survey import Role, SetAside
from playbook.outcome import Outcome
from playbook.review.session import ReviewSession
from playbook.triage.verdicts import Verdict
from playbook.wiring import Options
from tests.support.attacked_server import attacked
from tests.support.slow import some_quick


@pytest.mark.parametrize("ssh", some_quick([True, False], {False}), ids=["ssh", "local"])
def test_every_file_of_the_set_aside_queue_has_its_verdict(tmp_path: Path, ssh: bool) -> None:
    with attacked(tmp_path, ssh=ssh, still=True, size=120) as (server, desk):
        ended = operations.respond(desk, (server.account,), Options())
        assert ended.outcomes["triage_queue"] is Outcome.CHANGED
        manifest = wiring.manifest_of(ended.incident)
        aside = next((server.install / "mail").glob("_outgoing.*"))
        files = {str(p.relative_to(aside)).encode() for p in aside.rglob("*") if p.is_file()}
        filed = {each.path for verdict in Verdict for each in manifest.files(verdict, "outgoing")}
        assert filed == files
        counts = manifest.counts()
        assert counts.spam > 60
        assert counts.good > 0
        assert ended.report
        assert "## The queue that was set aside" in ended.report.read_text()
        manifest.close()


def test_the_dry_run_sorts_the_live_queue(tmp_path: Path) -> None:
    with attacked(tmp_path, ssh=False, still=True, size=120) as (server, desk):
        rehearsed = operations.rehearse(desk, (server.account,), Options())
        words = rehearsed.incident.closed("triage_queue")
        assert words
        assert "120 files" in words.because
        assert not store.names(tmp_path)


@pytest.mark.slow
def test_a_colleague_without_the_sorting_goes_on_with_what_was_decided_and_given(
    tmp_path: Path,
) -> None:
    with attacked(tmp_path, ssh=False, still=True, size=120) as (server, desk):
        hasty = replace(desk, canary_patience_s=1)  # nothing is delivered before a restart
        case = operations.respond(hasty, (server.account,), Options()).incident
        with closing(wiring.manifest_of(case)) as manifest:
            session = ReviewSession(case, manifest, "ada")
            for each in session.clusters():
                session.decide(each, Verdict.SPAM)
            before, asked = manifest.counts(), decisions.clusters(manifest)
        assert case.folder
        assert before.given
        (case.folder / MANIFEST).unlink()
        operations.resume(hasty, case, Options())
        with closing(wiring.manifest_of(case)) as manifest:
            assert manifest.is_sorted
            assert manifest.counts() == before
            assert decisions.clusters(manifest) == asked


@pytest.mark.slow
def test_a_queue_that_was_renamed_by_hand_is_adopted(tmp_path: Path) -> None:
    with attacked(tmp_path, ssh=False, still=True, size=60) as (server, desk):
        by_hand = server.install / "mail" / "_outgoing.bak"
        (server.install / "mail" / "_outgoing").rename(by_hand)
        options = Options(runbook="adopted-queue", adopted=SetAside(Role.OUTGOING, str(by_hand)))
        hasty = replace(desk, canary_patience_s=1)  # nothing is delivered before a restart
        ended = operations.respond(hasty, (server.account,), options)
        assert ended.code is ExitCode.OWED
        manifest = wiring.manifest_of(ended.incident)
        assert manifest.counts().whole == 60
        manifest.close()
        again = operations.resume(hasty, ended.incident, Options(first="triage_queue"))
        assert again.outcomes["triage_queue"].good


def test_the_command_sorts_a_folder_of_the_server(tmp_path: Path) -> None:
    with attacked(tmp_path, ssh=False, still=True, size=60) as (server, _):
        outgoing = server.install / "mail" / "_outgoing"
        words = ["triage", str(outgoing), "--host", "drill", "--inventory", str(server.inventory)]
        result = CliRunner().invoke(app, [*words, "--account", server.account, "--json"])
        assert result.exit_code == 0
        lines = [json.loads(line) for line in result.stdout.splitlines()]
        assert len(lines) == 60
        assert {line["verdict"] for line in lines} >= {"spam", "good"}
