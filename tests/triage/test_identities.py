"""Which names are one account, which addresses are the server's own, and which names are lists."""

from dataclasses import replace
from typing import Any

import pytest

from playbook.smtplog.sessions import Session
from playbook.triage.attribution import network_of
from playbook.triage.history import learn
from playbook.triage.identities import Identities
from playbook.triage.judgement import judge
from playbook.triage.verdicts import Verdict
from tests.support.queue_builders import (
    BEGAN_S,
    COLLEAGUE,
    DAY_S,
    HOME,
    OFFICE,
    THIEF,
    VICTIM,
    mail,
    session,
    spam,
    week,
)

ALIAS, OTHER_DOMAIN = "contact@d.example", "info@d-old.example"


def logged(login: str, number: int) -> Session:
    """The session in which the run's mail of this number was handed in under a name."""
    return session(
        login, THIEF, BEGAN_S + 60 + number, f"x{number}@gmail.example", f"IDA{number:05}"
    )


def wrote(login: str, sender: str) -> list[Session]:
    """A name's ordinary mail of three days."""
    return [session(login, OFFICE, BEGAN_S - day * DAY_S, sender, f"A{day}") for day in range(1, 4)]


@pytest.mark.parametrize("has_block", [True, False])
@pytest.mark.parametrize("login", [ALIAS, OTHER_DOMAIN])
def test_an_alias_of_the_named_account_is_no_second_stolen_account(
    login: str, has_block: bool
) -> None:
    block: dict[str, Any] = {"account": VICTIM if has_block else None, "is_authenticated": True}
    run = [spam(number, **block) for number in range(40)]
    log = [*week(), *wrote(login, VICTIM), *(logged(login, number) for number in range(40))]
    found = judge([*run, mail(90, COLLEAGUE, HOME)], learn(log), (VICTIM,))
    assert [each.account for each in found.stolen] == [VICTIM]
    verdicts = [each.verdict for each in found]
    assert Verdict.GOOD not in verdicts[:-1]
    assert verdicts[-1] is Verdict.GOOD
    if not has_block:
        assert any(login in each and "another name" in each for each in found.caveats)


def test_a_second_account_that_writes_as_itself_is_no_alias() -> None:
    run = [spam(number, account=COLLEAGUE) for number in range(40)]
    log = [*week(), *(logged(COLLEAGUE, number) for number in range(40))]
    found = judge(run, learn(log), (VICTIM,))
    assert COLLEAGUE in [each.account for each in found.stolen]


def test_what_the_server_tells_needs_no_guess() -> None:
    log = [*week(), *(logged(ALIAS, number) for number in range(40))]
    run = [spam(number, account=None, is_authenticated=True) for number in range(40)]
    told = Identities({ALIAS: VICTIM})
    found = judge(run, learn(log), (VICTIM,), told=told)
    assert [each.account for each in found.stolen] == [VICTIM]
    assert {each.verdict for each in found} == {Verdict.SPAM}
    assert not any(ALIAS in each for each in found.caveats)


LIST = "clients@d.example"


@pytest.mark.parametrize(
    "sender",
    [
        "clients-owner@d.example",
        "owner-clients@d.example",
        "clients-bounces+r=e@d.example",
        COLLEAGUE,
    ],
)
def test_a_list_is_no_login_and_never_looks_stolen(sender: str) -> None:
    post: dict[str, Any] = {"sender": sender, "from_address": COLLEAGUE, "is_authenticated": True}
    good = [replace(mail(n, LIST, HOME, **post), message_id="IDL1") for n in range(30)]
    bad = [replace(spam(n, account=LIST, **post), message_id="IDL2") for n in range(40, 70)]
    posts = [
        session(COLLEAGUE, HOME, BEGAN_S + 60, COLLEAGUE, "IDL1"),
        session(VICTIM, THIEF, BEGAN_S + 60, VICTIM, "IDL2"),
    ]
    run = [spam(number) for number in range(1000, 1040)]
    found = judge([*good, *bad, *run], learn([*week(), *posts]), (VICTIM,))
    verdicts = [each.verdict for each in found]
    assert set(verdicts[:30]) == {Verdict.GOOD}
    assert set(verdicts[30:]) == {Verdict.SPAM}
    assert [each.account for each in found.stolen] == [VICTIM]
    without_log = judge([*good, *bad, *run], learn([]), (VICTIM,))
    assert Verdict.GOOD not in [each.verdict for each in without_log][30:]
    if sender != COLLEAGUE:
        assert LIST not in [each.account for each in without_log.stolen]


OWN = "198.51.100.2"


def by_webmail(number: int, at_s: int, **more: str) -> Session:
    seen = session(VICTIM, OWN, at_s, VICTIM, f"IDA{number:05}")
    return replace(seen, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("witness", ["the server", "local IP", "its own name"])
def test_webmail_from_the_servers_own_address_is_webmail(witness: str) -> None:
    more = {"client_name": "mail.d.example", "server_name": "mail.d.example"}
    more = {"local_address": OWN} if witness == "local IP" else more
    more = {} if witness == "the server" else more
    before = [by_webmail(900 + day, BEGAN_S - day * DAY_S, **more) for day in range(1, 5)]
    log = learn([*week(), *before])
    told = Identities(own_addresses=frozenset({OWN} if witness == "the server" else ()))
    judge([], log, (VICTIM,), told=told)
    assert log.identities.address(OWN) == "127.0.0.1"
    assert log.identities.address(OFFICE) == OFFICE


def test_who_calls_himself_by_the_servers_name_once_is_not_believed() -> None:
    more = {"client_name": "mail.d.example", "server_name": "mail.d.example"}
    log = learn([*week(), *(by_webmail(n, BEGAN_S + n, **more) for n in range(50))])
    judge([], log, (VICTIM,))
    assert log.identities.address(OWN) == OWN


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.9", "203.0"),
        ("2001:db8:1:2::9", "2001:0db8:0001"),
        ("2001:db8:2::9", "2001:0db8:0002"),
        ("2001:db8::9", "2001:0db8:0000"),
        ("::ffff:203.0.113.9", "203.0"),
        ("not an address", "not an address"),
        ("", ""),
    ],
)
def test_networks(address: str, network: str) -> None:
    assert network_of(address) == network
