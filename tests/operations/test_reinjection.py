"""Contained by the runbook, sorted by the truth, given back: every good mail arrives once."""

from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest

from playbook import operations
from playbook.drill.found import identity_in
from playbook.drill.layout import Layout
from playbook.drill.server import AttackedServer
from playbook.drill.truth import TruthFile
from playbook.engine import catalog, runbook
from playbook.engine.findings import AccountsClosed, QueuesSetAside
from playbook.engine.inputs import Pace
from playbook.engine.operator import Unattended
from playbook.engine.person import Agreed
from playbook.engine.runner import Runner
from playbook.errors import ExitCode, StoppedByPerson
from playbook.incident.incident import Incident
from playbook.incident.manifest.mail_list import ManifestMailList
from playbook.incident.manifest.store import Manifest
from playbook.incident.records import Intended
from playbook.mail import pace
from playbook.mail.actions import MailReinjected
from playbook.mail.foreseen import Foreseen
from playbook.mail.icewarp.adapter import IceWarp
from playbook.mail.icewarp.formats.folder import read_folder
from playbook.outcome import Outcome
from playbook.plan import IncidentAction
from playbook.progress import Tell
from playbook.triage.judgement import Judged
from playbook.triage.verdicts import Verdict
from playbook.wiring import Options
from steps.reinject_good_mail import ReinjectGoodMail
from tests.support.attacked_server import attacked
from tests.support.end_states import PERSISTENCE

PACE = Pace(0, canary_size=3, canary_patience_s=20)


@dataclass(frozen=True)
class NothingKept:
    def perform(self, action: IncidentAction, tell: Tell) -> str:
        return ""


def sorted_by_truth(server: AttackedServer, case: Incident) -> Manifest:
    """A manifest of everything that was set aside, with the verdicts of the hidden truth."""
    truths = TruthFile(Layout(server.root).truth).all()
    manifest = Manifest()
    for folder in server.install.glob(f"mail/_*.{case.name}"):
        role = folder.name.partition(".")[0].removeprefix("_")

        def judged(path: bytes, folder: Path = folder) -> Judged:
            identity = identity_in(folder / path.decode())
            is_good = identity in truths and truths[identity].good
            verdict = Verdict.GOOD if is_good else Verdict.SPAM
            return Judged(path, verdict, None, ("the truth",), "", "")

        features = list(read_folder(folder))
        manifest.fill(role, str(folder), ((each, judged(each.path)) for each in features))
    manifest.seal()
    return manifest


def give_back(case: Incident, server: IceWarp, manifest: Manifest) -> dict[str, Outcome]:
    """The two steps, behind those of the runbook, which are closed."""
    whole = catalog.entries(runbook.load("compromised-account"))
    left_out = ("triage_queue", "review", "check_blacklists", "write_report")
    entries = [each for each in whole if each.name not in left_out]
    runner = Runner(case, server, NothingKept(), Agreed(), Unattended())
    return runner.run(entries, (manifest, PACE))


def foreseen(case: Incident, mail: IceWarp, manifest: Manifest) -> list[object]:
    """What the step would do, on a server that is only read."""
    aside, closed = case.closed("rename_outgoing"), case.closed("reset_password")
    assert aside and closed
    step = ReinjectGoodMail(
        msgspec.convert(aside.finding, QueuesSetAside),
        manifest,
        PACE,
        msgspec.convert(closed.finding, AccountsClosed),
        None,
        None,
        None,
    )
    server = Foreseen(mail)
    planned: list[object] = []
    while changes := step.plan(step.probe(server)).changes:
        for change in changes:
            assert isinstance(change.do, MailReinjected)
            planned.append(change.do)
            server.perform(change.do)
    return planned


@pytest.mark.slow
def test_every_good_mail_arrives_once_and_no_spam_with_it(tmp_path: Path) -> None:
    with attacked(tmp_path, size=600) as (server, desk):
        ended = operations.respond(desk, (server.account,), Options(contain=True))
        assert ended.code is ExitCode.OWED
        case = ended.incident
        confirmed = case.journal.records[-1].at.timestamp()
        manifest = sorted_by_truth(server, case)
        good = manifest.counts().good
        assert good > 5
        with operations.held(desk, case, "") as mail:
            assert isinstance(mail, IceWarp)
            mail.good = ManifestMailList(manifest)
            planned = foreseen(case, mail, manifest)
            assert manifest.counts().given == 0
            outcomes = give_back(case, mail, manifest)
        assert planned == [
            each.said.do
            for each in case.journal.records
            if isinstance(each.said, Intended) and each.step == "reinject_good_mail"
        ]
        assert len(planned) > 1
        assert outcomes["reinject_good_mail"] is Outcome.CHANGED
        assert outcomes["repair_incoming"] is Outcome.HOLDS
        assert manifest.counts().given == good
        score = server.score(confirmed)
        # Others go on sending: what counts is the mail that was set aside.
        arrived = [identity_in(path) for path in Layout(server.root).sink.iterdir()]
        wanted = {
            identity_in(Path(each.folder) / each.path.decode())
            for each in manifest.files(Verdict.GOOD)
        }
        assert len(wanted) == good
        assert [arrived.count(each) for each in wanted] == [1] * good
        assert (score.spam_left_after, score.mails_lost, score.mails_sent_twice) == (0, 0, 0)
        # The step that sorts was left out here, and still owes it.
        owed = [each.key for each in case.obligations()]
        assert tuple(each for each in owed if not each.startswith("unsorted:")) == PERSISTENCE


@pytest.mark.slow
def test_interrupted_and_taken_up_again_with_a_manifest_that_knows_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pace, "SLICE_FILES", 4)
    with attacked(tmp_path, size=400, ssh=False) as (server, desk):
        case = operations.respond(desk, (server.account,), Options(contain=True)).incident
        manifest = sorted_by_truth(server, case)
        with operations.held(desk, case, "") as mail:
            assert isinstance(mail, IceWarp)
            mail.good = ManifestMailList(manifest)
            mail.interrupted = lambda: "a test" if manifest.counts().given > 3 else ""
            with pytest.raises(StoppedByPerson, match="given back"):
                give_back(case, mail, manifest)
        assert 3 < manifest.counts().given < manifest.counts().good
        again = sorted_by_truth(server, case)
        with operations.held(desk, case, "") as mail:
            assert isinstance(mail, IceWarp)
            mail.good = ManifestMailList(again)
            outcomes = give_back(case, mail, again)
            assert outcomes["reinject_good_mail"].good
            assert again.counts().given == again.counts().good
        undone = operations.undo(desk, case, lambda found: None, with_spam=True)
        assert any("cannot be called back" in each for each in undone.kept)
        assert any("would be sent twice" in each for each in undone.kept)
        score = server.score(0.0)
        assert (score.mails_lost, score.mails_sent_twice) == (0, 0)
