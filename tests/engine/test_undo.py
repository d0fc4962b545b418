"""What an undo would take back, and what it does, with a server and a person of a few lines."""

from dataclasses import dataclass, field
from typing import cast

import pytest

from playbook.engine.person import Agreed, Answer, Asked, AtTerminal
from playbook.engine.undo import Overview, overview, undo
from playbook.errors import BadInput, StoppedByPerson
from playbook.incident.incident import Incident
from playbook.incident.journal import Journal
from playbook.incident.manifest.store import Manifest
from playbook.incident.obligations import password_unchanged, smtp_stopped
from playbook.incident.records import (
    Closed,
    Did,
    Failed,
    Intended,
    Opened,
    Reopened,
    Said,
    Undid,
)
from playbook.mail.actions import (
    FolderRestored,
    FolderSetAside,
    MailAction,
    MailReinjected,
    SettledMailRemoved,
    SmtpStarted,
    SmtpStopped,
    SubmissionSet,
)
from playbook.mail.server import MailServer
from playbook.mail.survey import Role
from playbook.outcome import Ending, Outcome
from playbook.plan import Action, Irreversible
from playbook.progress import Tell, untold
from playbook.triage.clusters import ClusterKey
from playbook.triage.features import Features, FileKind
from playbook.triage.judgement import Judged
from playbook.triage.verdicts import Verdict

ASIDE = "/mail/_outgoing.20260101-030000-aaaa"
ACCOUNT = "info@b.example"
STOP = Intended(SmtpStopped(), "", SmtpStarted(watchdog=True), (smtp_stopped(),))
BLOCK = Intended(
    SubmissionSet(ACCOUNT, allowed=False),
    "",
    SubmissionSet(ACCOUNT, allowed=True),
    (password_unchanged(ACCOUNT),),
)
RENAME = Intended(
    FolderSetAside(Role.OUTGOING, "/mail/_outgoing", ASIDE),
    "",
    FolderRestored(Role.OUTGOING, "/mail/_outgoing", ASIDE),
)
START = Intended(SmtpStarted(watchdog=True), "", SmtpStopped())
GIVE = Intended(
    MailReinjected(Role.OUTGOING, ASIDE, "/mail/_outgoing", 3, "d"), "", Irreversible("it left")
)


@dataclass
class Server:
    """Does what it is told, and remembers it."""

    done: list[MailAction] = field(default_factory=list)

    def perform(self, action: MailAction, tell: Tell = untold) -> str:
        self.done.append(action)
        return "done"


def case_of(*deeds: tuple[str, Intended]) -> Incident:
    """An incident in which these were done, each in a step that was closed after it."""
    case = Incident("20260101-030000-aaaa", Journal("mail1"))
    case.journal.append(Opened("compromised-account", (ACCOUNT,), "ada"))
    for step, deed in deeds:
        pays = ("smtp",) if isinstance(deed.do, SmtpStarted) else ()
        case.journal.append(deed, step)
        case.journal.append(Did(deed.do, "done", pays), step)
        case.closes(step, Ending(Outcome.CHANGED, "done"), {"found": step})
    return case


def contained() -> Incident:
    case = case_of(
        ("stop_smtp", STOP),
        ("reset_password", BLOCK),
        ("rename_outgoing", RENAME),
        ("start_smtp", START),
    )
    case.closes("confirm_closed", Ending(Outcome.HOLDS, "nothing of the account"))
    case.closes("triage_queue", Ending(Outcome.HOLDS, "sorted"), {"counts": 1})
    return case


def sorted_queue() -> Manifest:
    manifest = Manifest()
    verdicts = [*5 * [Verdict.SPAM], *3 * [Verdict.GOOD], Verdict.DOUBTFUL]
    pairs = [
        (
            Features(b"%d.tmp" % n, FileKind.MESSAGE, 100),
            Judged(
                b"%d.tmp" % n,
                verdict,
                ClusterKey("c") if verdict is Verdict.DOUBTFUL else None,
                (),
            ),
        )
        for n, verdict in enumerate(verdicts)
    ]
    manifest.fill("outgoing", ASIDE, pairs)
    manifest.seal()
    return manifest


def taken_back(case: Incident, found: Overview) -> list[MailAction]:
    server = Server()
    undo(case, found, cast("MailServer", server), Agreed(), untold)
    return server.done


def test_mail_stays_aside_and_smtp_is_not_stopped_for_it() -> None:
    case = contained()
    found = overview(case, sorted_queue())
    assert [each.step for each in found.deeds] == ["reset_password"]
    assert "5 spam, 3 good and 1 doubtful" in found.kept[0]
    assert taken_back(case, found) == [SubmissionSet(ACCOUNT, allowed=True)]
    assert case.closed("confirm_closed") is None
    assert case.closed("reset_password") is None
    assert case.closed("rename_outgoing") is not None
    assert case.closed("triage_queue") is not None


def test_named_it_is_merged_back_between_a_stop_and_a_start() -> None:
    case = contained()
    found = overview(case, sorted_queue(), with_spam=True)
    assert any("5 spam, 3 good and 1 doubtful" in each for each in found.lines())
    assert taken_back(case, found) == [
        SmtpStopped(),
        FolderRestored(Role.OUTGOING, "/mail/_outgoing", ASIDE),
        SubmissionSet(ACCOUNT, allowed=True),
        SmtpStarted(watchdog=True),
    ]
    for step in ("rename_outgoing", "start_smtp", "confirm_closed", "triage_queue"):
        assert case.closed(step) is None
    assert "smtp" not in {each.key for each in case.obligations()}


def test_smtp_that_another_incident_had_stopped_is_up_again_after_a_merge() -> None:
    case = case_of(("rename_outgoing", RENAME), ("start_smtp", START))
    found = overview(case, sorted_queue(), with_spam=True)
    merge = FolderRestored(Role.OUTGOING, "/mail/_outgoing", ASIDE)
    assert taken_back(case, found) == [SmtpStopped(), merge, SmtpStarted(watchdog=True)]
    assert not case.obligations()


def test_an_undo_that_was_cut_after_its_stop_starts_smtp_when_it_is_called_again() -> None:
    case = case_of(("rename_outgoing", RENAME), ("start_smtp", START))
    found = overview(case, sorted_queue(), with_spam=True)
    with pytest.raises(StoppedByPerson):
        undo(case, found, cast("MailServer", Server()), StopsAt("rename_outgoing"), untold)
    assert [each.key for each in case.obligations()] == ["smtp"]
    again = overview(case, sorted_queue())
    assert taken_back(case, again) == [SmtpStarted(watchdog=True)]
    assert not case.obligations()


def test_a_start_that_was_named_is_taken_back_and_no_more() -> None:
    case = case_of(("stop_smtp", STOP), ("start_smtp", START))
    assert taken_back(case, overview(case, Manifest(), "start_smtp")) == [SmtpStopped()]


def test_what_is_not_sorted_is_said_to_be_so() -> None:
    found = overview(contained(), Manifest())
    assert "not sorted" in found.kept[0]


@pytest.mark.parametrize(
    "end",
    [
        Did(GIVE.do, "3 given back"),
        Failed(GIVE.do, "full", "No space", "", ""),
        Failed(GIVE.do, "blocked", "They name our address", "", ""),
        None,
    ],
)
def test_a_queue_whose_mail_may_have_left_is_never_merged_back(end: Said | None) -> None:
    case = contained()
    case.journal.append(GIVE, "reinject_good_mail")
    if end:
        case.journal.append(end, "reinject_good_mail")
    found = overview(case, sorted_queue(), with_spam=True)
    assert not any(isinstance(each.undo, FolderRestored) for each in found.deeds)
    assert any("sent twice" in each for each in found.kept)


def test_nor_one_of_which_only_the_manifest_knows_it() -> None:
    manifest = sorted_queue()
    manifest.mark("outgoing", [b"5.tmp"], "published")
    found = overview(contained(), manifest, with_spam=True)
    assert any("sent twice" in each for each in found.kept)


@pytest.mark.parametrize(
    ("action", "counts"),
    [
        (GIVE.do, True),
        (SettledMailRemoved(Role.OUTGOING, ASIDE, 1, "d"), True),
        (FolderSetAside(Role.OUTGOING, "/q", "/q.1", emptied=True), True),
        (FolderSetAside(Role.OUTGOING, "/q", "/q.1"), False),
        (SmtpStopped(), False),
    ],
)
def test_what_is_done_file_by_file_counts_though_it_was_refused(
    action: Action, counts: bool
) -> None:
    case = Incident("case", Journal("mail1"))
    case.journal.append(Opened("compromised-account", (), "ada"))
    case.journal.append(Intended(action, "", Irreversible("x")), "a_step")
    case.journal.append(Failed(action, "full", "No space", "", ""), "a_step")
    assert bool(list(case.actions_to_undo())) is counts


def test_after_a_stop_alone_smtp_is_started_and_that_mail_leaves_is_said() -> None:
    case = case_of(("stop_smtp", STOP))
    found = overview(case, Manifest())
    assert any("SMTP sends" in each for each in found.lines())
    assert taken_back(case, found) == [SmtpStarted(watchdog=True)]


@pytest.mark.parametrize(("step", "owed"), [("reset_password", False), ("", True)])
def test_a_password_is_owed_until_just_that_account_is_let_in(step: str, owed: bool) -> None:
    case = contained()
    taken_back(case, overview(case, sorted_queue(), step))
    assert (f"password:{ACCOUNT}" in {each.key for each in case.obligations()}) is owed


def test_where_spam_would_leave_it_is_asked_twice() -> None:
    case, asked = contained(), []

    def ask(question: str) -> str:
        asked.append(question)
        return "n" if question.startswith("Really") else "y"

    said: list[str] = []
    person = AtTerminal(ask, said.append, lambda c: "", lambda s: "", lambda s: "")
    found = overview(case, sorted_queue(), with_spam=True)
    server = Server()
    with pytest.raises(StoppedByPerson, match="respond undo"):
        undo(case, found, cast("MailServer", server), person, untold)
    assert server.done == [SmtpStopped()]
    assert any("5 spam" in each for each in said)


class StopsAt(Agreed):
    """Agrees to everything before a step."""

    def __init__(self, step: str) -> None:
        super().__init__()
        self.step = step

    def agrees(self, asked: Asked) -> Answer:
        return Answer.QUIT if asked.step == self.step else Answer.YES


def test_what_was_taken_back_before_a_person_stopped_is_open_again() -> None:
    case = contained()
    found = overview(case, sorted_queue(), with_spam=True)
    with pytest.raises(StoppedByPerson):
        undo(case, found, cast("MailServer", Server()), StopsAt("reset_password"), untold)
    assert case.closed("rename_outgoing") is None
    assert case.closed("start_smtp") is None
    assert case.closed("stop_smtp") is not None
    assert [each.key for each in case.obligations()] == [f"password:{ACCOUNT}", "smtp"]
    again = overview(case, sorted_queue(), with_spam=True)
    assert [each.step for each in again.deeds] == ["reset_password", "stop_smtp"]


def test_a_step_that_others_were_built_upon_is_not_taken_back_alone() -> None:
    with pytest.raises(BadInput, match="built upon it: start_smtp"):
        overview(contained(), sorted_queue(), "rename_outgoing", with_spam=True)
    with pytest.raises(BadInput, match="nothing of"):
        overview(contained(), sorted_queue(), "end_sessions")


def test_a_dry_look_writes_nothing() -> None:
    case = contained()
    before = case.journal.records
    overview(case, sorted_queue(), with_spam=True)
    assert case.journal.records == before
    assert not case.all(Undid)
    assert not case.all(Reopened)
    assert case.all(Closed)
