"""What is said of a leak, by what was done and seen: never more than that."""

import pytest

from playbook.incident.incident import Incident
from playbook.incident.journal import Journal
from playbook.incident.phase import standing
from playbook.incident.records import Closed, Did, Failed, Leased, Opened, Owed, Reopened, Said
from playbook.mail.actions import (
    FolderSetAside,
    PasswordReset,
    SmtpStarted,
    SmtpStopped,
    SubmissionSet,
)
from playbook.mail.survey import Role
from playbook.outcome import Outcome
from playbook.plan import Obligation
from playbook.secret import PasswordShape

STOP = ("stop_smtp", Did(SmtpStopped(), ""))
REFUSED = ("stop_smtp", Failed(SmtpStopped(), "running", "it runs", "", ""))
RESET = ("reset_password", Did(PasswordReset("a@x.example", PasswordShape()), ""))
SECOND = ("reset_password", Did(SubmissionSet("b@x.example", allowed=False), ""))
ASIDE = ("rename_outgoing", Did(FolderSetAside(Role.OUTGOING, "/q", "/q.i"), ""))
START = ("start_smtp", Did(SmtpStarted(None), ""))
QUIET = ("confirm_closed", Closed(Outcome.HOLDS, "quiet"))
LOUD = ("confirm_closed", Closed(Outcome.FAILED, "logins"))
BLIND = ("confirm_closed", Closed(Outcome.UNPROVEN, "no log"))
WAS_DOWN = ("stop_smtp", Closed(Outcome.HOLDS, "seen stopped"))
SUSPECT = ("", Owed((Obligation("suspect:c@x.example", "it looks compromised"),)))
AGAIN = ("", Reopened(("confirm_closed",)))

Step = tuple[str, Said]


def case_of(*said: Step, accounts: tuple[str, ...] = ("a@x.example",), runbook: str) -> Incident:
    case = Incident("case", Journal("mail1"))
    case.journal.append(Opened(runbook, accounts, "ada"))
    for step, each in said:
        case.journal.append(each, step)
    return case


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ((), "leak open"),
        ((REFUSED,), "leak open"),
        ((STOP,), "SMTP down, 1 named open"),
        ((WAS_DOWN,), "SMTP down, 1 named open"),
        ((STOP, RESET, ASIDE), "SMTP down"),
        ((STOP, RESET, START), "leak open"),
        ((STOP, ASIDE, START), "leak open"),
        ((STOP, RESET, ASIDE, START), "contained"),
        ((STOP, RESET, ASIDE, START, QUIET), "closed"),
        ((STOP, RESET, ASIDE, START, LOUD), "leak open"),
        ((STOP, RESET, ASIDE, START, LOUD, STOP), "SMTP down"),
        ((STOP, RESET, ASIDE, START, BLIND), "contained"),
        ((STOP, RESET, ASIDE, START, QUIET, AGAIN), "contained"),
        ((STOP, RESET, ASIDE, START, QUIET, SUSPECT), "closed, 1 suspected open"),
    ],
)
def test_the_phase_is_what_was_seen(said: tuple[Step, ...], words: str) -> None:
    assert str(standing(case_of(*said, runbook="compromised-account"))) == words


def test_a_leak_of_two_accounts_is_closed_when_both_are() -> None:
    two = ("a@x.example", "b@x.example")
    said = (STOP, RESET, ASIDE, START)
    book = "compromised-account"
    assert str(standing(case_of(*said, accounts=two, runbook=book))) == "leak open"
    assert str(standing(case_of(*said, SECOND, accounts=two, runbook=book))) == "contained"


def test_what_is_not_about_a_leak_has_no_phase() -> None:
    assert standing(case_of(runbook="adopted-queue")) is None
    closing = ("", Leased("close-incident", "ada"))
    assert standing(case_of(STOP, closing, runbook="compromised-account")) is None
    assert standing(Incident("case", Journal("mail1"))) is None
