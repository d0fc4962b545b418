"""Small queues and logs in the shapes that real servers write, each with what is right for it.

They lie in `$RESPOND_TEST_DATA/cases`. A spam is never called good and a good mail never spam in
any of them; what is asked beyond that stands here by the kind of the case.
"""

import os
import tarfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from playbook.detection.suspects import find_suspects
from playbook.mail.icewarp.formats.folder import judge_queue, read_folder
from playbook.mail.icewarp.formats.log_files import read_log_files
from playbook.mail.icewarp.formats.log_names import Named, named
from playbook.smtplog.reading import LogReading
from playbook.smtplog.refusals import names_our_address
from playbook.smtplog.sessions import Login, Session
from playbook.triage.features import FileKind
from playbook.triage.judgement import Judged

ACCOUNT = "info@corp.example"
KINDS = {
    "03-trace": 8,
    "04-second-account": 3,
    "05-session": 4,
    "06-second-own-sender": 1,
    "07-login": 14,
    "09-web-form": 1,
    "10-forward": 1,
    "11-mailing-list": 1,
    "14-webmail": 2,
    "15-summary-log": 2,
    "16-times": 3,
    "19-sasl": 3,
    "20-botnet": 2,
    "21-auth-becomes-sender": 1,
    "22-slow-start": 6,
    "23-malware": 5,
    "30-real-log": 8,
    "31-partly-delivered": 2,
}
# Where all spam is told for certain, and all good mail; elsewhere a question is right too.
TOLD = (
    "03-trace",
    "04-second",
    "05-session",
    "11-mailing",
    "16-times",
    "19-sasl",
    "21-auth",
    "30-",
)


@pytest.fixture(scope="module")
def field(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = os.environ.get("RESPOND_TEST_DATA", "")
    if not data:
        pytest.skip("RESPOND_TEST_DATA names no folder of cases from the field")
    place = tmp_path_factory.mktemp("cases")
    with tarfile.open(Path(data) / "cases" / "field.tar.xz") as archive:
        archive.extractall(place, filter="data")
    return place / "field"


class Case:
    """One case, judged: the verdicts by what each file really is."""

    def __init__(self, folder: Path) -> None:
        truth = dict(
            line.split("\t") for line in (folder / "truth.tsv").read_text().splitlines() if line
        )
        self.features = list(read_folder(folder / "_outgoing", 1))
        self.reading = LogReading()
        judgement = judge_queue(self.features, (ACCOUNT,), (folder / "logs",), self.reading)
        self.stolen = [each.account for each in judgement.stolen]
        self.caveats = judgement.caveats
        self.judged: dict[str, list[Judged]] = defaultdict(list)
        for each in judgement:
            self.judged[truth[each.path.decode()]].append(each)

    def verdicts(self, kind: str) -> set[str]:
        return {each.verdict.value for each in self.judged[kind]}


def cases(field: Path, kind: str) -> Iterator[tuple[str, Case]]:
    found = sorted(each for each in field.iterdir() if each.name.startswith(kind))
    assert len(found) == KINDS[kind]
    for folder in found:
        yield folder.name, Case(folder)


@pytest.mark.parametrize("kind", KINDS)
def test_each_case_is_answered_right(field: Path, kind: str) -> None:
    for name, case in cases(field, kind):
        assert "good" not in case.verdicts("spam"), name
        assert "spam" not in case.verdicts("good"), name
        if kind.startswith(TOLD):
            assert case.verdicts("spam") == {"spam"}, name
            assert case.verdicts("good") == {"good"}, name
        assert case.reading.sentences == (), name
        check = CHECKS.get(kind)
        if check:
            check(case)


def _traces(case: Case) -> None:
    for each in case.features:
        assert each.message_id
        assert each.client_address
        assert each.is_authenticated


def _second_account(case: Case) -> None:
    assert case.stolen == [ACCOUNT, "paul@corp.example"]


def _one_account(case: Case) -> None:
    assert case.stolen == [ACCOUNT]


def _web_form(case: Case) -> None:
    _one_account(case)
    reasons = {reason for each in case.judged["spam"] for reason in each.reasons}
    assert "this is no stolen account: a trusted host sends" in reasons


def _forwarding(case: Case) -> None:
    assert case.verdicts("leak") == {"doubtful"}
    boxes = {each.cluster.family for each in case.judged["leak"] if each.cluster}
    assert boxes == {"collector77@freemail.example"}


def _partly_delivered(case: Case) -> None:
    assert case.verdicts("partly-delivered") == {"doubtful"}


def _inbound(case: Case) -> None:
    assert case.verdicts("good-inbound") <= {"good", "doubtful"}


CHECKS = {
    "03-trace": _traces,
    "04-second-account": _second_account,
    "07-login": _one_account,
    "09-web-form": _web_form,
    "10-forward": _forwarding,
    "11-mailing-list": _one_account,
    "30-real-log": _inbound,
    "31-partly-delivered": _partly_delivered,
}


@pytest.mark.parametrize(
    ("folder", "of_us"), [("01-refusals-of-us", True), ("02-refusals-not-of-us", False)]
)
def test_refusals(field: Path, folder: str, of_us: bool) -> None:
    for line in (field / folder / "told.txt").read_text().splitlines():
        name, text = line.split("\t")
        assert names_our_address(text) is of_us, name


def test_log_names(field: Path) -> None:
    top = field / "17-log-names"
    for path in top.rglob("*"):
        name = str(path.relative_to(top))
        if path.is_dir():
            continue
        if name.startswith(("sip", "sn", "2")):
            assert named(name) is not Named.SMTP, name
        else:
            assert named(name) is Named.SMTP, name
    reading = LogReading()
    list(read_log_files([top], reading))
    assert {name for name, _ in reading.unread} == {
        "20261110-00.log",
        "sip20261110-00.log",
        "sn20261110-00.log",
    }


def test_a_bare_login_is_the_account(field: Path) -> None:
    entries = list(read_log_files([field / "25-bare-login" / "logs"], LogReading()))
    logins = {
        each.account
        for each in entries
        if isinstance(each, Session) and each.login is Login.ACCEPTED
    }
    assert "info" in logins
    found = find_suspects(entries, aliases={"info": ACCOUNT})
    assert [each for each in found if each.account == ACCOUNT and each.reasons]


def test_sessions_with_two_logins(field: Path) -> None:
    for name in ("auth-then-other", "auth-twice-503", "reauth-refused"):
        logs = field / f"05-session-{name}" / "logs"
        found = [
            each
            for each in read_log_files([logs], LogReading())
            if isinstance(each, Session) and each.address == "203.0.113.66"
        ]
        assert {each.login for each in found if each.submissions} == {Login.ACCEPTED}
        assert any(each.account == ACCOUNT and each.submissions for each in found)


def test_every_file_of_the_cases_is_read(field: Path) -> None:
    for folder in sorted(field.glob("3*/_outgoing")):
        assert {each.kind for each in read_folder(folder, 1)} == {FileKind.MESSAGE}
