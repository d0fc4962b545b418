"""Logins and suspicions, from sessions as values."""

from collections.abc import Iterator

import pytest

from playbook.detection.signs import aliases_of, logins, logins_from_here, suspicions_in
from playbook.mail.icewarp.smtp_logs import LogExcerpt
from playbook.mail.survey import Account, Signs
from playbook.smtplog.accounts import fold_account
from playbook.smtplog.sessions import Login, Session

ACCOUNT = "info@d.example"


def session(
    account: str = ACCOUNT, address: str = "203.0.113.9", login: Login = Login.ACCEPTED
) -> Session:
    return Session(address, "0A", None, None, account, login, has_start=True, submissions=())


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        ([], ()),
        ([session()], (f"{ACCOUNT} logged in from 203.0.113.9",)),
        ([session(login=Login.REFUSED)], ()),
        ([session(account="other@d.example")], ()),
        ([session(account="info")], ("info logged in from 203.0.113.9",)),
        ([session(), session(address="::1")], None),
    ],
)
def test_a_login_that_was_accepted_is_told(
    seen: list[Session], expected: tuple[str, ...] | None
) -> None:
    found = logins(seen, (ACCOUNT,))
    if expected is not None:
        assert found == expected
    assert len(logins_from_here(seen, (ACCOUNT,))) == sum(each.address == "::1" for each in seen)


KNOWN = Account(
    "contact@d.example", ACCOUNT, settings=(("u_alias", "info;sales;Old@other.example"),)
)


@pytest.mark.parametrize(
    "typed",
    ["info", "contact@d.example", "sales@d.example", "old@other.example"],
)
def test_names_of_an_account_are_one_account(typed: str) -> None:
    aliases = aliases_of((KNOWN,))
    (said,) = logins([session(account=fold_account(typed))], (ACCOUNT,), aliases)
    assert said.endswith("logged in from 203.0.113.9")
    queued = ((fold_account(typed), 60), (ACCOUNT, 30))
    (found,) = suspicions_in(Signs(queued=queued, sampled=100), (KNOWN,))
    assert found.account == ACCOUNT
    assert "90 queue files" in found.reasons[0]


def test_webmail_comes_from_the_servers_own_address_too() -> None:
    seen = [session(address="198.51.100.2")]
    assert logins_from_here(seen, (ACCOUNT,)) == ()
    assert len(logins_from_here(seen, (ACCOUNT,), own=("198.51.100.2",))) == 1


def test_what_is_in_the_queue_alone_is_no_strong_sign() -> None:
    (found,) = suspicions_in(Signs(queued=((ACCOUNT, 90),), sampled=100))
    assert (found.account, found.is_strong) == (ACCOUNT, False)


def test_an_excerpt_gives_its_sessions_as_often_as_it_is_asked() -> None:
    lines = b"203.0.113.9 [0A] 10:00:00 Connected\r\n203.0.113.9 [0A] 10:00:01 Disconnected\r\n"
    excerpt = LogExcerpt("s20260101-00.log", lines)

    def addresses() -> Iterator[str]:
        return (each.address for each in excerpt if isinstance(each, Session))

    assert list(addresses()) == list(addresses()) == ["203.0.113.9"]
