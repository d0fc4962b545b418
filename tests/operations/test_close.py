"""An incident is closed: what is settled is removed with its sums kept, and the server is left."""

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from playbook import operations, wiring
from playbook.engine.operator import Unattended
from playbook.errors import ExitCode
from playbook.outcome import Outcome
from playbook.wiring import Options
from tests.support.attacked_server import attacked


@pytest.mark.slow
def test_spam_goes_with_its_sums_kept_and_the_server_is_left(tmp_path: Path) -> None:
    with attacked(tmp_path, ssh=False, still=True, size=40) as (server, desk):
        ended = operations.respond(desk, (server.account,), Options(per_minute=0))
        assert ended.code is ExitCode.OWED
        mail = server.install / "mail"
        aside = next(mail.glob("_outgoing.*"))
        sums = {
            f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path}"
            for path in aside.rglob("*")
            if path.is_file()
        }
        assert len(sums) == 40
        early = operations.close(desk, ended.incident, Options())
        assert early.code is ExitCode.REFUSED
        assert len([path for path in aside.rglob("*") if path.is_file()]) == 40
        closed = operations.close(desk, ended.incident, Options(keep_days=0))
        assert closed.code is ExitCode.OWED
        assert not list(mail.glob("_outgoing.*"))
        # What was given back is known for as long as the server is.
        assert [each.name for each in (server.install / ".respond").iterdir()] == ["given-back"]
        assert ended.incident.folder
        kept = (ended.incident.folder / "removed.sha256").read_text().splitlines()
        assert set(kept) == sums
        assert server.score(0.0).mails_lost == 0


@pytest.mark.slow
def test_doubtful_mail_keeps_an_incident_open_and_stays_when_a_person_overrides(
    tmp_path: Path,
) -> None:
    with attacked(tmp_path, ssh=False, still=True, size=300, level=4) as (server, desk):
        ended = operations.respond(desk, (server.account,), Options(contain=True))
        agreed = replace(desk, operator=Unattended("a rehearsal"))
        sorted_ = operations.resume(agreed, ended.incident, Options(last="triage_queue"))
        manifest = wiring.manifest_of(sorted_.incident)
        before = manifest.counts()
        manifest.close()
        assert before.doubtful
        refused = operations.close(desk, ended.incident, Options(keep_days=0))
        assert refused.outcomes["remove_settled"] is Outcome.REFUSED
        forced = operations.close(agreed, ended.incident, Options(keep_days=0))
        assert forced.outcomes["remove_settled"] is Outcome.CHANGED
        asides = [*(server.install / "mail").glob("_*.*")]
        left = [path for aside in asides for path in aside.rglob("*") if path.is_file()]
        assert len(left) >= before.doubtful + before.good
        assert server.score(0.0).mails_lost == 0
