"""Trying a server for relaying: open, closed, deferring, leaving, and things that are no server."""

import smtplib
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest

from playbook.exposure.conversation import Conversation
from playbook.exposure.finding import State
from playbook.exposure.relay import Place, Tried, as_another, tried
from playbook.exposure.relay.cases import CASES, Names, envelopes
from playbook.secret import Secret
from tests.support.certificates import server_context
from tests.support.smtp_server import Manners, serving

NAMES = Names("t@outside.org", "mail.corp.org", "", "corp.org", "info")


def answers(rcpt: Callable[[str], str], extensions: str = "STARTTLS") -> Callable[[str], str]:
    def said(command: str) -> str:
        match command.split(" ", 1)[0].upper():
            case "EHLO":
                return f"250-mail.corp.org\r\n250 {extensions}\r\n"
            case "RCPT":
                return rcpt(command)
            case "VRFY" | "EXPN":
                return "252 perhaps\r\n"
            case "QUIT":
                return "221 bye\r\n"
            case _:
                return "250 ok\r\n"

    return said


def trial(manners: Manners, names: Names = NAMES) -> Tried:
    def known(there: str) -> Names:
        return Names(names.outside, names.host, there, names.hosted, names.user)

    with serving(manners) as port:
        place = Place("127.0.0.1", port, "tester.example", deadline_s=2, pace_s=0)
        return tried(place, known, wait=lambda seconds: None)


def states(found: Tried) -> dict[str, State]:
    return {each.topic: each.state for each in found.findings}


def test_a_closed_server_refuses_every_case_and_hears_no_mail() -> None:
    manners = Manners(answers(lambda command: "550 5.7.1 relaying denied\r\n"))
    found = states(trial(manners))
    assert {found[case.why] for case in CASES} == {State.HOLDS}
    assert "DATA" not in {command[:4] for command in manners.heard}
    assert manners.connections == 1


def test_an_open_server_accepts_and_only_what_may_be_its_own_name_is_doubtful() -> None:
    found = states(trial(Manners(answers(lambda command: "250 ok\r\n"))))
    for case in CASES:
        expected = State.UNKNOWN if case.local_by_right else State.DIFFERS
        assert found[case.why] is expected, case


@pytest.mark.parametrize("code", ["450", "451", "452"])
def test_put_off_is_neither_yes_nor_no(code: str) -> None:
    found = states(trial(Manners(answers(lambda command: f"{code} later\r\n"))))
    assert {found[case.why] for case in CASES} == {State.UNKNOWN}


def test_it_leaves_at_the_first_421() -> None:
    manners = Manners(answers(lambda command: "421 too many\r\n"))
    found = states(trial(manners))
    assert found["the cases behind it"] is State.UNKNOWN
    assert sum(command.startswith("RCPT") for command in manners.heard) == 1


def test_a_connection_that_breaks_at_every_case_is_opened_a_few_times_only() -> None:
    manners = Manners(answers(lambda command: ""))
    found = states(trial(manners))
    assert manners.connections <= 8
    assert State.HOLDS not in {found[case.why] for case in CASES}


def test_a_login_before_tls_and_no_tls_are_told() -> None:
    manners = Manners(answers(lambda command: "550 no\r\n", "AUTH PLAIN LOGIN"))
    found = states(trial(manners))
    assert found["AUTH before TLS"] is State.DIFFERS
    assert found["STARTTLS"] is State.DIFFERS
    assert found["VRFY"] is State.HOLDS


@pytest.mark.parametrize(
    "banner",
    [
        "220-" + "x" * 200_000,
        "220-a\r\n" * 1000,
        "HTTP/1.1 400 Bad Request\r\n\r\n",
        "554 go away\r\n",
        "",
        "\x00\xff\x1b[2J\r\n",
    ],
)
def test_what_is_no_server_ends_in_words_and_in_time(banner: str) -> None:
    manners = Manners(answers(lambda command: ""), banner=banner)
    with serving(manners) as port, pytest.raises(smtplib.SMTPException):
        Conversation("127.0.0.1", port, "tester.example", 0.3)


def test_from_loopback_nothing_is_proved() -> None:
    assert not trial(Manners(answers(lambda command: "550 no\r\n"))).is_conclusive


def test_envelopes_need_the_names_that_stand_in_them() -> None:
    all_known = envelopes(Names("t@o.org", "h.org", "192.0.2.1", "d.org", "u"))
    assert len(all_known) == len(CASES)
    without = envelopes(Names("t@o.org", "h.org", "192.0.2.1"))
    assert len(without) == len([c for c in CASES if "{hosted}" not in c.sender + c.recipient])
    assert all("{" not in each.sender + each.recipient for each in all_known)
    six = envelopes(Names("t@o.org", "h.org", "2001:db8::1"))
    assert any("@[IPv6:2001:db8::1]" in each.sender for each in six)


def as_b(folder: Path, rcpt: str, roots: Path | None = None) -> State:
    context, vouching = server_context(folder)
    polite = answers(lambda command: rcpt, "AUTH PLAIN")
    manners = Manners(
        lambda command: "235 ok\r\n" if command.startswith("AUTH") else polite(command)
    )
    with serving(manners, context) as port:
        place = Place("127.0.0.1", port, "tester.example", tls=True, deadline_s=2)
        login = ("a@corp.org", Secret("right"))
        found = as_another(place, login, "b@corp.org", "t@outside.org", roots or vouching)
    assert "MAIL FROM:<b@corp.org>" in manners.heard
    return found[0].state


@pytest.mark.parametrize(
    ("rcpt", "expected"),
    [
        ("250 ok\r\n", State.DIFFERS),
        ("550 not your sender\r\n", State.HOLDS),
        ("451 later\r\n", State.UNKNOWN),
    ],
)
def test_whether_one_account_may_send_as_another(
    tmp_path: Path, rcpt: str, expected: State
) -> None:
    assert as_b(tmp_path, rcpt) is expected


def test_a_password_goes_to_no_server_that_nobody_vouches_for(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    _, strangers = server_context(elsewhere)
    with pytest.raises(ssl.SSLCertVerificationError):
        as_b(tmp_path, "250 ok\r\n", strangers)
