"""What is made of a watch: whose logins and mail count, and why quiet may prove nothing."""

from dataclasses import replace
from typing import Any

import msgspec
import pytest

from playbook.mail.survey import Account, Activity, Module
from playbook.smtplog.sessions import Login, Session, Submission
from steps.shared.watching import Quiet, joined, watched
from tests.support.surveys import ACCOUNT, SURVEY

UP = Module("smtp", (7,), listening=True)
QUIET = Activity(90, UP)


def session(account: str, login: Login = Login.ACCEPTED, *senders: str) -> Session:
    sent = tuple(Submission(None, each, 1, "", "250") for each in senders)
    return Session("203.0.113.9", "0A", None, None, account, login, True, sent)


def seen(activity: Activity, account: Account = SURVEY.accounts[0]) -> Quiet:
    class Server:
        def watch(self, seconds: int) -> Activity:
            return activity

        def survey(self) -> Any:
            return replace(SURVEY, accounts=(account,))

    server: Any = Server()
    return watched(server, 90, (ACCOUNT,))


@pytest.mark.parametrize(
    "name", [ACCOUNT, "info", "INFO@Domaine.example", "contact", "contact@domaine.example"]
)
def test_a_login_counts_under_every_name_of_the_account(name: str) -> None:
    account = replace(SURVEY.accounts[0], settings=(("u_alias", "info;contact"),))
    quiet = seen(replace(QUIET, sessions=(session(name),)), account)
    assert len(quiet.logins) == 1
    assert seen(replace(QUIET, queued=((name, 3),)), account).submissions


@pytest.mark.parametrize("login", [Login.REFUSED, Login.TRIED, Login.NONE])
def test_whoever_is_not_let_in_is_no_leak(login: Login) -> None:
    assert seen(replace(QUIET, sessions=(session(ACCOUNT, login),))) == seen(QUIET)


def test_another_account_that_floods_is_named_and_one_that_works_is_not() -> None:
    flood = session("shop@domaine.example", Login.ACCEPTED, *(f"a@x{n}.example" for n in range(40)))
    usual = session("anna@domaine.example", Login.ACCEPTED, "anna@domaine.example")
    quiet = seen(replace(QUIET, sessions=(flood, usual)))
    assert [each.account for each in quiet.others] == ["shop@domaine.example"]
    assert quiet.logins == ()


@pytest.mark.parametrize(
    ("activity", "words"),
    [
        (replace(QUIET, foreseen=True), "cannot be foreseen"),
        (replace(QUIET, skipped=True, watched_s=12), "ended the watch after 12 of 90 s"),
        (replace(QUIET, sessions=(session(""),)), "1 login is without a name in the log"),
        (replace(QUIET, sessions=(session(""), session(""))), "2 logins are without a name"),
        (replace(QUIET, blind=("the SMTP log is off",)), "the SMTP log is off"),
    ],
)
def test_why_quiet_proves_nothing_is_said(activity: Activity, words: str) -> None:
    (reason,) = seen(activity).blind
    assert words in reason


def test_a_log_that_lives_and_names_everybody_hides_nothing() -> None:
    assert seen(replace(QUIET, sessions=(session("anna@domaine.example"),))).blind == ()


def test_what_was_seen_once_is_kept_through_the_journal_and_called_earlier() -> None:
    first = seen(replace(QUIET, sessions=(session(ACCOUNT),), queued=((ACCOUNT, 1),)))
    kept = msgspec.convert(msgspec.to_builtins(first), Quiet)
    both = joined(kept, seen(QUIET))
    assert (both.logins, both.submissions, both.before) == (first.logins, first.submissions, True)
    again = joined(kept, first)
    assert (again.logins, again.before) == (first.logins, False)
    assert not joined(seen(QUIET), seen(QUIET)).before
    down = seen(replace(QUIET, smtp=Module("smtp", (), listening=False)))
    assert not joined(kept, down).before
