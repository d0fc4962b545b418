"""The report: what it says is what journal and manifest say, whatever was left half done."""

import json
import stat
from collections.abc import Iterable
from pathlib import Path

import pytest

from playbook.incident import store
from playbook.incident.incident import Incident
from playbook.incident.manifest import decisions
from playbook.incident.manifest.store import Manifest
from playbook.incident.manifest.values import Misuse
from playbook.incident.obligations import PERSISTENCE
from playbook.incident.records import Closed, Declined, Did, Failed, Opened, Owed, Said, Undid
from playbook.incident.report.as_json import as_json
from playbook.incident.report.facts import gather
from playbook.incident.report.files import write
from playbook.incident.report.mail_state import DOWN, UNKNOWN, UP, mail_state
from playbook.incident.report.markdown import as_markdown, escaped
from playbook.mail.actions import (
    EmptyFolderRemoved,
    FolderRestored,
    FolderSetAside,
    SmtpStarted,
    SmtpStopped,
    SubmissionSet,
)
from playbook.mail.survey import Role
from playbook.outcome import Outcome
from playbook.plan import Obligation, QueueSorted
from playbook.triage.clusters import ClusterKey
from playbook.triage.features import Features, FileKind
from playbook.triage.judgement import Judged
from playbook.triage.verdicts import Verdict

ASIDE = "/srv/mail/_outgoing.CASE"
SET_ASIDE = Did(FolderSetAside(Role.OUTGOING, "/srv/mail/_outgoing", ASIDE), "it lies aside")
IN_SMTP = Did(FolderSetAside(Role.TEMPORARY, "/srv/temp", "/srv/temp.CASE"), "it lies aside")
STARTED = Did(SmtpStarted(watchdog=True), "SMTP is up")
STOPPED = Did(SmtpStopped(), "SMTP is stopped")
KEY = ClusterKey("", "info@b.example", "192.0.2.1")
MISUSE = Misuse(1_700_000_000, 1_700_003_600, ("192.0.2.7",), 1, 900, 4_000, 37)


def case_of(home: Path, said: Iterable[Said] = ()) -> Incident:
    case = store.create("20260101-030000-test", "mail1", home)
    case.journal.append(Opened("compromised-account", ("info@b.example",), "ada@desk"))
    for each in said:
        case.journal.append(each, "start_smtp")
    return case


def manifest_of(*verdicts: Verdict, misuse: Misuse | None = MISUSE, sender: str = "") -> Manifest:
    manifest = Manifest()
    pairs = [
        (
            Features(b"%d.tmp" % number, FileKind.MESSAGE, 100, sender=sender or "a@b.example"),
            Judged(
                b"%d.tmp" % number,
                verdict,
                KEY if verdict is Verdict.DOUBTFUL else None,
                ("because",),
            ),
        )
        for number, verdict in enumerate(verdicts)
    ]
    manifest.fill("outgoing", ASIDE, pairs)
    manifest.seal(misuse=misuse)
    return manifest


def text_of(case: Incident, manifest: Manifest | None = None) -> str:
    return as_markdown(gather(case, manifest))


def good_decided() -> Manifest:
    manifest = manifest_of(Verdict.SPAM, Verdict.DOUBTFUL)
    decisions.decide(manifest, KEY.id, Verdict.GOOD, "ada")
    return manifest


def kept() -> Manifest:
    manifest = manifest_of(Verdict.GOOD)
    manifest.mark("outgoing", [b"0.tmp"], "kept")
    return manifest


def given() -> Manifest:
    manifest = manifest_of(Verdict.GOOD, Verdict.SPAM)
    manifest.mark("outgoing", [b"0.tmp"], "published")
    return manifest


@pytest.mark.parametrize(
    ("manifest", "what"),
    [
        (None, "Sort the queue that was set aside"),
        (Manifest(), "Sort the queue that was set aside"),
        (manifest_of(Verdict.GOOD), "Give 1 good mail back"),
        (manifest_of(Verdict.SPAM, Verdict.DOUBTFUL), "Decide 1 file in doubt"),
        (good_decided(), "1 of them by a person's decision"),
        (kept(), "could not be given back"),
    ],
)
def test_nothing_is_owed_is_never_said_beside_mail_that_waits(
    tmp_path: Path, manifest: Manifest | None, what: str
) -> None:
    text = text_of(case_of(tmp_path, [SET_ASIDE]), manifest)
    assert "Nothing is owed" not in text
    assert what in text


@pytest.mark.parametrize(
    ("said", "manifest"),
    [
        ([], None),
        ([IN_SMTP], None),
        ([SET_ASIDE], given()),
        ([SET_ASIDE], manifest_of(Verdict.SPAM, Verdict.NOT_A_MESSAGE)),
        ([SET_ASIDE, Undid(2, FolderRestored(Role.OUTGOING, "/srv", ASIDE), "merged")], Manifest()),
        ([SET_ASIDE, Did(EmptyFolderRemoved(Role.OUTGOING, ASIDE), "gone")], Manifest()),
    ],
)
def test_nothing_is_owed_where_no_mail_waits(
    tmp_path: Path, said: list[Said], manifest: Manifest | None
) -> None:
    text = text_of(case_of(tmp_path, said), manifest)
    assert "Nothing is owed" in text
    assert "Sort the queue" not in text


def test_what_is_owed_is_said_with_its_command(tmp_path: Path) -> None:
    owed = Owed((Obligation("k", "another node waits", "respond resume"),))
    text = text_of(case_of(tmp_path, [owed]))
    assert "Yes: 1 thing (below)." in text
    assert "- whoever responds: another node waits Command: `respond resume`" in text


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ([], UNKNOWN),
        ([STOPPED], DOWN),
        ([STOPPED, STARTED], UP),
        ([STARTED, Failed(SmtpStarted(None), "busy", "It is not up", "a lock", "Look.")], UNKNOWN),
        ([STARTED, Undid(2, SmtpStopped(), "stopped again")], DOWN),
        ([STOPPED, Closed(Outcome.HOLDS, "SMTP is up")], UP),
        ([STOPPED, Closed(Outcome.FAILED, "SMTP is not up")], DOWN),
        ([STOPPED, Declined(SmtpStarted(None))], DOWN),
    ],
)
def test_whether_mail_works_is_what_was_seen_last(
    tmp_path: Path, said: list[Said], state: str
) -> None:
    case = case_of(tmp_path, said)
    found = mail_state(case)
    assert found.state == state
    assert (found.seen_at is None) is (not said)


def test_the_misuse_begins_when_it_did_and_not_when_the_run_did(tmp_path: Path) -> None:
    text = text_of(case_of(tmp_path, [SET_ASIDE]), manifest_of(Verdict.SPAM))
    assert "The first proven spam is of 2023-11-14 22:13 (server's clock)" in text
    assert "From 1 address: 192.0.2.7." in text
    assert "900 messages to 4,000 recipients were handed in" in text
    assert "accepted 37 deliveries" in text
    assert "which is not when the misuse began" in text


NO_LOG = Misuse(None, None, (), 0, None, None, None)
MANY = Misuse(1, 2, tuple(f"192.0.2.{n}" for n in range(100)), 1_400, 0, 0, 0)


@pytest.mark.parametrize(
    ("misuse", "words"),
    [
        (None, ["Not known: the queue was not sorted", "Not known: no SMTP log was read"]),
        (NO_LOG, ["The beginning is not known", "No address", "Not known: no SMTP log was read"]),
        (MANY, ["From 1,400 addresses: ", " and 1,380 more.", "0 messages to 0 recipients"]),
    ],
)
def test_what_is_not_known_is_said_so(
    tmp_path: Path, misuse: Misuse | None, words: list[str]
) -> None:
    text = text_of(case_of(tmp_path, [SET_ASIDE]), manifest_of(Verdict.SPAM, misuse=misuse))
    for each in words:
        assert each in text


def test_what_the_attacker_left_is_a_line_also_when_it_was_settled_since(tmp_path: Path) -> None:
    case = case_of(tmp_path)
    assert "Not known: nobody looked" in text_of(case)
    forwards = Obligation(f"{PERSISTENCE}info@b.example:u_forwardto", "it forwards to x@evil")
    case.journal.append(Owed((forwards,)), "check_persistence")
    assert "account?** it forwards to x@evil" in text_of(case)


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (Outcome.HOLDS, "By the settings that were read: nothing was found"),
        (Outcome.SKIPPED, "Not known: nobody looked"),
        (Outcome.FAILED, "Not known: nobody looked"),
    ],
)
def test_nothing_was_left_is_said_only_where_somebody_looked(
    tmp_path: Path, outcome: Outcome, words: str
) -> None:
    case = case_of(tmp_path)
    case.journal.append(Closed(outcome, "nothing was found"), "check_persistence")
    assert words in text_of(case)


def test_an_unlucky_end_does_not_take_the_figures_of_the_sorting_away(tmp_path: Path) -> None:
    said = [SET_ASIDE, Did(QueueSorted(()), "40 files: 33 spam, 7 good")]
    text = text_of(case_of(tmp_path, said), Manifest())
    assert "It was sorted: 40 files: 33 spam, 7 good" in text
    assert "It was not sorted" not in text


def test_forbidding_to_submit_closes_an_account_and_allowing_it_does_not(tmp_path: Path) -> None:
    case = case_of(tmp_path, [Did(SubmissionSet("info@b.example", allowed=True), "may")])
    assert gather(case).speed.account_closed is None
    case.journal.append(Did(SubmissionSet("info@b.example", allowed=False), "may not"))
    assert gather(case).speed.account_closed is not None


def test_nobody_is_said_to_have_said_no(tmp_path: Path) -> None:
    text = text_of(case_of(tmp_path, [Declined(SmtpStarted(None))]))
    assert "person said no" not in text
    assert "Not done, as it was not agreed to" in text


def test_tables_say_what_they_leave_out(tmp_path: Path) -> None:
    manifest = Manifest()
    pairs = [
        (
            Features(b"%d.tmp" % n, FileKind.MESSAGE, 1, sender=f"s{n}@b.example"),
            Judged(b"%d.tmp" % n, Verdict.SPAM, None, ()),
        )
        for n in range(25)
    ]
    manifest.fill("outgoing", ASIDE, pairs)
    manifest.seal()
    text = text_of(case_of(tmp_path, [SET_ASIDE]), manifest)
    assert "| and 5 more | | |" in text
    assert "| not told | spam | 25 |" in text


HOSTILE = (
    "[bold](http://x.example) <script>a</script> `code` *b* _i_ ~~s~~ |\n# head\n"
    "www.x.example \x1b[31m \u202e"
)


def test_what_an_attacker_wrote_is_plain_words(tmp_path: Path) -> None:
    case = case_of(tmp_path, [Did(SmtpStarted(None), HOSTILE)])
    case.journal.append(Owed((Obligation("k", HOSTILE, f"x `{HOSTILE}"),)))
    misuse = Misuse(1, 2, (HOSTILE,), 1, 1, 1, 1)
    text = text_of(case, manifest_of(Verdict.SPAM, misuse=misuse, sender=HOSTILE))
    outside = "".join(text.split("`")[::2])
    assert "<" not in outside
    assert "http://" not in outside
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "\n# head" not in text
    assert text.replace("\\`", "").count("`") % 2 == 0
    assert escaped("[a](b)|c~") == "\\[a\\](b)\\|c\\~"


def test_it_is_written_for_its_owner_alone_and_read_by_programs(tmp_path: Path) -> None:
    case = case_of(tmp_path, [SET_ASIDE, STARTED])
    manifest = given()
    path = write(case, manifest)
    assert path
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    whole = json.loads(path.with_suffix(".json").read_text())
    assert whole == json.loads(as_json(gather(case, manifest)))
    assert whole["queue"]["counts"]["given"] == whole["queue"]["counts"]["good"] == 1
    assert whole["misuse"]["accepted"] == 37
    assert whole["mail"]["state"] == UP
