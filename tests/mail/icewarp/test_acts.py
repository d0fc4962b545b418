"""What is said of an action is what its script answered, and nothing else."""

import pytest

from playbook.hosts.host import IceWarpOverrides
from playbook.mail.actions import (
    FolderRestored,
    FolderSetAside,
    MailAction,
    PasswordReset,
    SessionsEnded,
    SmtpStarted,
    SmtpStopped,
    SubmissionSet,
)
from playbook.mail.icewarp.acts import act_of
from playbook.mail.scripts.answers import gathered
from playbook.mail.survey import Role
from playbook.secret import PasswordShape
from playbook.transports.frame import ScriptRecord
from tests.support.surveys import SURVEY

ASIDE = FolderSetAside(Role.OUTGOING, "/mail/_outgoing", "/mail/_outgoing.x")
CARRIED = FolderSetAside(Role.OUTGOING, "/mail/_outgoing", "/mail/_outgoing.x", emptied=True)
BACK = FolderRestored(Role.OUTGOING, "/mail/_outgoing", "/mail/_outgoing.x")
ENDED = SessionsEnded(("pop3", "im"))
RESET = PasswordReset("a@d.example", PasswordShape())

SAID: list[tuple[MailAction, list[ScriptRecord], str]] = [
    (
        SmtpStopped(),
        [ScriptRecord("module", ("smtp", "", "no", ""))],
        "seen stopped: no process, and the port is closed",
    ),
    (
        SmtpStopped(),
        [ScriptRecord("module", ("smtp", "12,13", "no", ""))],
        "seen half up: processes 12,13",
    ),
    (
        SmtpStopped(),
        [ScriptRecord("module", ("smtp", "", "yes", ""))],
        "seen half up: processes none",
    ),
    (
        SmtpStarted(None),
        [ScriptRecord("module", ("smtp", "12", "yes", "220 \x1b[2J"))],
        "seen up: 220 <1B>[2J",
    ),
    (
        SmtpStarted(None),
        [ScriptRecord("module", ("smtp", "12", "yes", ""))],
        "seen up: its port answers",
    ),
    (
        RESET,
        [ScriptRecord("reset", ("a@d.example", "verified"))],
        "done, and read again: it was changed",
    ),
    (
        RESET,
        [ScriptRecord("reset", ("a@d.example", "unverified"))],
        "done, and this version cannot confirm it",
    ),
    (ASIDE, [ScriptRecord("how", ("renamed",)), ScriptRecord("open", ("",))], "renamed"),
    (
        CARRIED,
        [ScriptRecord("how", ("carried",)), ScriptRecord("open", ("",))],
        "carried, compared and emptied",
    ),
    (ASIDE, [ScriptRecord("open", ("",))], "it lay aside already"),
    (
        ASIDE,
        [ScriptRecord("how", ("renamed",)), ScriptRecord("open", ("77 ",))],
        "renamed; files were still held open by process 77",
    ),
    (BACK, [ScriptRecord("left", ("0",))], "merged"),
    (BACK, [ScriptRecord("left", ("3",))], "merged; 3 files of equal name stay aside"),
    (
        ENDED,
        [ScriptRecord("restarted", ("pop3", "0")), ScriptRecord("restarted", ("im", "0"))],
        "restarted: pop3, im",
    ),
    (
        ENDED,
        [ScriptRecord("restarted", ("pop3", "137"))],
        "restarted: none; not seen restarted: pop3, im",
    ),
    (
        SubmissionSet("a@d.example", allowed=False),
        [ScriptRecord("submission", ("a@d.example", "0"))],
        "read again: u_smtp is 0",
    ),
]


@pytest.mark.parametrize(("action", "records", "sentence"), SAID, ids=lambda each: str(each)[:40])
def test_a_sentence_says_what_was_seen(
    action: MailAction, records: list[ScriptRecord], sentence: str
) -> None:
    said = act_of(action).said
    assert said
    assert said(action, gathered(records)) == sentence


def test_no_secret_stands_among_the_values_that_are_shown() -> None:
    assert act_of(RESET).values(RESET, SURVEY, IceWarpOverrides())["password"] == ""
