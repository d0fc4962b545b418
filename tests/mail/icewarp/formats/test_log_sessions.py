"""Sessions and deliveries out of logs that may begin and end anywhere."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playbook.mail.icewarp.formats.log_deliveries import MAX_OPEN_SESSIONS
from playbook.mail.icewarp.formats.log_lines import parse_line
from playbook.mail.icewarp.formats.log_sessions import (
    MAX_CLIENT_NAME,
    MAX_RECIPIENTS_HELD,
    MAX_SUBMISSIONS_HELD,
    read_sessions,
)
from playbook.smtplog.deliveries import Delivery, DeliveryOutcome
from playbook.smtplog.sessions import Login, Session

THIEF = """\
41.202.24.147 [0DF4] 15:48:46 Connected
41.202.24.147 [0DF4] 15:48:46 >>> 220 smtp.domaine.fr ESMTP IceWarp 9.3.2
41.202.24.147 [0DF4] 15:48:46 <<< EHLO User
41.202.24.147 [0DF4] 15:48:47 <<< AUTH LOGIN
41.202.24.147 [0DF4] 15:48:47 >>> 334 VXNlcm5hbWU6
41.202.24.147 [0DF4] 15:48:47 <<< aW5mb0Bkb21haW5lLmV4YW1wbGU=
41.202.24.147 [0DF4] 15:48:47 >>> 334 UGFzc3dvcmQ6
41.202.24.147 [0DF4] 15:48:47 <<< c2VjcmV0IQ==
41.202.24.147 [0DF4] 15:48:47 >>> 235 2.0.0 Authentication successful
41.202.24.147 [0DF4] 15:48:47 <<< MAIL FROM:<lucky@gmail.example>
41.202.24.147 [0DF4] 15:48:47 <<< RCPT TO:<alwis@a.example>
41.202.24.147 [0DF4] 15:48:47 >>> 250 2.1.5 <alwis@a.example>... Recipient ok; will forward
41.202.24.147 [0DF4] 15:48:48 <<< RCPT TO:<aly@b.example>
41.202.24.147 [0DF4] 15:48:48 >>> 250 2.1.5 <aly@b.example>... Recipient ok; will forward
41.202.24.147 [0DF4] 15:48:49 *** <lucky@gmail.example> <alwis@a.example> 1 632 00:00:01 OK IDU27656
41.202.24.147 [0DF4] 15:48:49 >>> 250 2.6.0 632 bytes; Message id IDU27656 accepted for delivery
41.202.24.147 [0DF4] 15:48:49 Disconnected
"""
DELIVERY = """\
SYSTEM [2028] 21:19:58 Client session Message id IDU60958 item 200910012119584388.tm$
SYSTEM [2028] 21:19:58 Client session Connecting to 'secosys.example'
78.114.121.81 [2028] 21:19:58 Client session Connected
78.114.121.81 [2028] 21:20:00 Client session >>> MAIL From:<bertrand@darnis.example> SIZE=632
78.114.121.81 [2028] 21:20:00 Client session >>> 632 bytes (overall data transfer speed=7 b/s)
78.114.121.81 [2028] 21:20:14 Client session <<< {answer}
SYSTEM [2028] 21:20:14 Client session Disconnected
"""


def read(text: str | Iterable[str]) -> list[Session | Delivery]:
    lines = text.splitlines() if isinstance(text, str) else text
    return list(read_sessions(filter(None, (parse_line(line.encode()) for line in lines))))


def only_session(text: str) -> Session:
    (session,) = read(text)
    assert isinstance(session, Session)
    return session


def test_a_whole_session() -> None:
    session = only_session(THIEF)
    assert (session.account, session.login) == ("info@domaine.example", Login.ACCEPTED)
    assert (session.has_start, session.client_name) == (True, "user")
    assert session.written_to == ("alwis@a.example", "aly@b.example")
    (submission,) = session.submissions
    assert submission.sender == "lucky@gmail.example"
    assert (submission.recipients, submission.message_id) == (2, "IDU27656")


def test_the_password_is_in_nothing_that_is_kept() -> None:
    assert "secret" not in repr(only_session(THIEF))
    assert "c2VjcmV0" not in repr(only_session(THIEF))


@pytest.mark.parametrize("masked", ["aW5mb0Bkb21haW5lLmV4YW1wbGU=", "c2VjcmV0IQ=="])
def test_masked_answers(masked: str) -> None:
    session = only_session(THIEF.replace(masked, "*****"))
    assert session.login is Login.ACCEPTED
    is_name = masked.startswith("aW5")
    assert session.account == ("" if is_name else "info@domaine.example")


@pytest.mark.parametrize(
    "login",
    [
        ["<<< AUTH PLAIN AGluZm9AZC5leGFtcGxlAHNlY3JldA=="],
        ["<<< AUTH PLAIN", ">>> 334", "<<< AGluZm9AZC5leGFtcGxlAHNlY3JldA=="],
        ["<<< AUTH LOGIN aW5mb0BkLmV4YW1wbGU=", ">>> 334 UGFzc3dvcmQ6", "<<< *****"],
        ["<<< AUTH CRAM-MD5", ">>> 334 PDE+", "<<< aW5mb0BkLmV4YW1wbGUgMDEyMw=="],
        ["<<< AUTH XOAUTH2 dXNlcj1pbmZvQGQuZXhhbXBsZQFhdXRoPUJlYXJlciB4AQE="],
    ],
)
def test_every_mechanism(login: list[str]) -> None:
    lines = ["Connected", *login, ">>> 235 2.0.0 Authentication successful", "Disconnected"]
    session = only_session("\n".join(f"1.2.3.4 [0A] 10:00:00 {line}" for line in lines))
    assert (session.account, session.login) == ("info@d.example", Login.ACCEPTED)


@pytest.mark.parametrize("code", ["535 5.7.8 invalid", "501 5.7.0 failed", "454 later"])
def test_a_refused_login(code: str) -> None:
    session = only_session(THIEF.replace("235 2.0.0 Authentication successful", code))
    assert session.login is Login.REFUSED


def test_a_log_that_begins_in_the_middle_says_so() -> None:
    session = only_session("\n".join(THIEF.splitlines()[7:]))
    assert not session.has_start
    assert session.account == ""
    assert len(session.submissions) == 1


def test_a_log_that_ends_in_the_middle() -> None:
    session = only_session("\n".join(THIEF.splitlines()[:9]))
    assert session.account == "info@domaine.example"
    assert session.submissions == ()


def test_a_thread_is_used_again() -> None:
    assert len(read(THIEF + THIEF)) == 2
    assert len(read(THIEF.replace("Disconnected", "<<< QUIT") + THIEF)) == 2


def test_a_session_of_very_many_messages_comes_in_parts() -> None:
    start, message = THIEF.splitlines()[:9], THIEF.splitlines()[9:16]
    lines = start + [
        line.replace("IDU27656", f"IDU{number:05}") for number in range(600) for line in message
    ]
    sessions = [entry for entry in read(lines) if isinstance(entry, Session)]
    assert sum(len(session.submissions) for session in sessions) == 600
    assert max(len(session.submissions) for session in sessions) == MAX_SUBMISSIONS_HELD
    assert {session.account for session in sessions} == {"info@domaine.example"}


def test_recipients_and_client_names_are_bounded() -> None:
    lines = [
        "203.0.113.9 [0A01] 10:00:00 Connected",
        f"203.0.113.9 [0A01] 10:00:00 <<< EHLO {'n' * 999}",
    ]
    lines += [
        f"203.0.113.9 [0A01] 10:00:01 <<< RCPT TO:<r{n}@a.example>"
        for n in range(2 * MAX_RECIPIENTS_HELD)
    ]
    session = only_session("\n".join(lines))
    assert session.written_to[-1] == f"r{MAX_RECIPIENTS_HELD - 1}@a.example"
    assert (len(session.written_to), len(session.client_name)) == (
        MAX_RECIPIENTS_HELD,
        MAX_CLIENT_NAME,
    )


def test_open_sessions_are_bounded() -> None:
    count = MAX_OPEN_SESSIONS + 10
    lines = (f"1.2.3.4 [{number:06X}] 10:00:00 Connected" for number in range(count))
    assert len(read(lines)) == count


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ("250 2.6.0 ok; Message id IDU2 accepted for delivery", DeliveryOutcome.ACCEPTED),
        ("452 4.2.2 Mailbox full", DeliveryOutcome.NOT_ACCEPTED),
        ("550 5.7.1 refused", DeliveryOutcome.NOT_ACCEPTED),
    ],
)
def test_a_delivery(answer: str, outcome: DeliveryOutcome) -> None:
    (delivery,) = read(DELIVERY.format(answer=answer))
    assert isinstance(delivery, Delivery)
    assert (delivery.stem, delivery.message_id) == ("200910012119584388", "IDU60958")
    assert (delivery.outcome, delivery.address) == (outcome, "78.114.121.81")


@pytest.mark.parametrize(("status", "is_ok"), [("OK", True), ("DELAYED", False)])
def test_the_summary_of_a_delivery(status: str, is_ok: bool) -> None:
    summary = f"*** <a@b.example> <c@d.example> 1 632 00:00:02 {status} IDU60958"
    text = DELIVERY.format(answer="220 hello").replace("<<< 220 hello", summary)
    (delivery,) = read(text)
    assert isinstance(delivery, Delivery)
    assert (delivery.outcome is DeliveryOutcome.ACCEPTED) is is_ok


WORDS = st.sampled_from(
    [line.split(" ", 3)[3] for line in (THIEF + DELIVERY.format(answer="250 ok")).splitlines()]
)
LINES = st.tuples(
    st.sampled_from(["SYSTEM", "1.2.3.4", "::1"]),
    st.sampled_from(["0A", "0B"]),
    WORDS | st.text(max_size=60),
)


@given(st.lists(LINES, max_size=60))
def test_nothing_raises(lines: list[tuple[str, str, str]]) -> None:
    read(f"{address} [{thread}] 10:00:00 {text}" for address, thread, text in lines)


NAME, OTHER_NAME = "aW5mb0BkLmV4YW1wbGU=", "cGF1bEBkLmV4YW1wbGU="
PASSWORD = "c2VjcmV0QHdvcmQuZXhhbXBsZQ=="  # it looks like an account's name once decoded
ASK_NAME, ASK_PASSWORD = ">>> 334 VXNlcm5hbWU6", ">>> 334 UGFzc3dvcmQ6"
ACCEPTED, REFUSED = ">>> 235 2.0.0 Authentication successful", ">>> 535 5.7.0 failed"


def login(name: str, answer: str = ACCEPTED) -> list[str]:
    return ["<<< AUTH LOGIN", ASK_NAME, f"<<< {name}", ASK_PASSWORD, f"<<< {PASSWORD}", answer]


def message(number: int) -> list[str]:
    return [
        f"<<< MAIL FROM:<s{number}@d.example>",
        f"<<< RCPT TO:<r{number}@e.example>",
        f"*** <s{number}@d.example> <r{number}@e.example> 1 632 00:00:01 OK IDA{number:05}",
        f">>> 250 2.6.0 632 bytes; Message id IDA{number:05} accepted for delivery",
    ]


def parts(*lines: str) -> list[tuple[str, Login, list[str]]]:
    whole = ["Connected", *lines, "Disconnected"]
    found = read(f"192.0.2.9      [0A] 10:00:00 {line}" for line in whole)
    assert all(isinstance(each, Session) for each in found)
    return [
        (each.account, each.login, [one.message_id for one in each.submissions])
        for each in found
        if isinstance(each, Session)
    ]


INFO, PAUL = "info@d.example", "paul@d.example"


@pytest.mark.parametrize(
    "second",
    [
        login(OTHER_NAME, REFUSED),
        login(NAME, REFUSED),
        ["<<< AUTH LOGIN", ">>> 503 5.5.1 already authenticated"],
        ["<<< AUTH PLAIN", ">>> 503 5.5.1 already authenticated"],
        ["<<< RSET", ">>> 250 2.0.0 Reset state"],
        ["<<< AUTH LOGIN", ASK_NAME, "<<< *", ">>> 501 5.0.0 cancelled"],
    ],
)
def test_what_comes_after_a_login_and_is_not_accepted_changes_nothing(second: list[str]) -> None:
    found = parts(*login(NAME), *message(1), *second, *message(2))
    assert found == [(INFO, Login.ACCEPTED, ["IDA00001", "IDA00002"])]


def test_a_message_belongs_to_the_login_at_its_mail_from() -> None:
    found = parts(*message(1), *login(NAME), *message(2), *login(OTHER_NAME), *message(3))
    assert found == [
        ("", Login.NONE, ["IDA00001"]),
        (INFO, Login.ACCEPTED, ["IDA00002"]),
        (PAUL, Login.ACCEPTED, ["IDA00003"]),
    ]
    begun, *rest = message(2)
    found = parts(*login(NAME), begun, *login(OTHER_NAME), *rest, *message(3))
    assert found == [
        (INFO, Login.ACCEPTED, ["IDA00002"]),
        (PAUL, Login.ACCEPTED, ["IDA00003"]),
    ]


@pytest.mark.parametrize(
    "ends",
    [
        ["<<< RSET", ">>> 250 2.0.0 Reset state, authentication ended"],
        ["<<< MAIL FROM:<a@d.example>", ">>> 530 5.7.0 Authentication required"],
    ],
)
def test_a_login_ends_where_the_server_says_so(ends: list[str]) -> None:
    found = parts(*login(NAME), *message(1), *ends, *message(2))
    assert found == [(INFO, Login.ACCEPTED, ["IDA00001"]), ("", Login.NONE, ["IDA00002"])]


def test_a_refused_login_before_a_message_leaves_it_without_one() -> None:
    assert parts(*login(NAME, REFUSED))[0][:2] == (INFO, Login.REFUSED)
    assert parts(*message(1), *login(NAME, REFUSED)) == [("", Login.NONE, ["IDA00001"])]


LINES_OF_A_LOGIN = login(NAME)


@pytest.mark.parametrize("missing", range(1, 1 << len(LINES_OF_A_LOGIN)))
def test_whatever_lines_are_missing_no_password_is_shown(missing: int) -> None:
    kept = [line for at, line in enumerate(LINES_OF_A_LOGIN) if not missing >> at & 1]
    whole = ["Connected", *kept, *message(1), "Disconnected"]
    found = read(f"192.0.2.9 [0A] 10:00:00 {line}" for line in whole)
    assert "word.example" not in repr(found)
    assert PASSWORD.lower() not in repr(found).lower()


def test_very_many_logins_in_one_session_are_bounded() -> None:
    whole = ["Connected"]
    for number in range(200):
        whole += [*login(NAME), *message(number)]
    found = read(f"192.0.2.9 [0A] 10:00:00 {line}" for line in whole)
    assert sum(len(each.submissions) for each in found if isinstance(each, Session)) == 200


def test_the_server_s_own_name_and_address_are_read() -> None:
    session = only_session(
        "198.51.100.9    [0A] 10:00:00 Connected, local IP=198.51.100.2\n"
        "198.51.100.9    [0A] 10:00:00 >>> 220 Mail.d.example ESMTP IceWarp 12; x\n"
    )
    assert (session.local_address, session.server_name) == ("198.51.100.2", "mail.d.example")
    assert session.has_start
