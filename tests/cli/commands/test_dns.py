"""`respond dns` against a name server on loopback: the table, JSON, and what the shell is told."""

import json

import pytest
from typer.testing import CliRunner

from playbook.cli.app import app
from playbook.errors import BadInput, ExitCode
from tests.support.name_server import Reply, World, serving

ZONE = {
    ("corp.org.", "MX"): Reply(("10 mail.corp.org.",)),
    ("mail.corp.org.", "A"): Reply(("8.8.4.4",)),
    ("corp.org.", "TXT"): Reply(('"v=spf1 ip4:8.8.4.4 " "-all"',)),
    ("_dmarc.corp.org.", "TXT"): Reply(('"v=DMARC1; p=quarantine"',)),
    ("4.4.8.8.in-addr.arpa.", "PTR"): Reply(("mail.corp.org.",)),
}


def said(world: World, *words: str) -> tuple[int, str]:
    with serving(world) as server:
        result = CliRunner().invoke(app, ["dns", *words, "--resolver", str(server)])
    return result.exit_code, result.stdout


def test_a_domain_in_order_is_green() -> None:
    code, text = said(World(dict(ZONE)), "corp.org", "--address", "8.8.4.4")
    assert code == ExitCode.GREEN
    assert "mail.corp.org, and back" in text


def test_what_differs_is_red_and_says_what_to_do() -> None:
    zone = {**ZONE, ("corp.org.", "TXT"): Reply(('"v=spf1 +all"',))}
    code, text = said(World(zone), "corp.org", "--json")
    assert code == ExitCode.RED
    wrong = [each for each in json.loads(text) if each["state"] == "differs"]
    assert [each["next"] for each in wrong] == ["End it with -all."]


def test_a_resolver_that_refuses_makes_nothing_green() -> None:
    code, text = said(World(otherwise=Reply(rcode=5)), "corp.org")  # type: ignore[arg-type]
    assert code == ExitCode.UNKNOWN
    assert "refuses the question" in " ".join(text.split())


def test_a_record_of_an_attacker_reaches_no_terminal() -> None:
    zone = {**ZONE, ("corp.org.", "TXT"): Reply(('"v=spf1 \\027]0;x\\007 -all"',))}
    _, text = said(World(zone), "corp.org")
    assert "\x1b" not in text


@pytest.mark.parametrize("words", [["10.0.0.1"], ["x"], ["corp.org", "--selector", "a/b"]])
def test_what_is_no_domain_is_refused_in_words(words: list[str]) -> None:
    result = CliRunner().invoke(app, ["dns", *words])
    assert isinstance(result.exception, BadInput)
