"""What in an account's settings may keep an attacker in, in words, with the command against it."""

from dataclasses import replace

import pytest

from playbook.mail.icewarp.persistence import with_persistence
from playbook.mail.icewarp.variables import ACCOUNT as VARIABLES
from playbook.mail.survey import Account
from tests.support.surveys import ACCOUNT, SURVEY

PRODUCT = SURVEY.product
TOOL = f"{PRODUCT.tool} set account {ACCOUNT}"


def found(product: object = PRODUCT, **settings: str) -> list[tuple[str, str, str]]:
    account = Account(ACCOUNT, ACCOUNT, settings=tuple(settings.items()))
    made = with_persistence(account, product)  # type: ignore[arg-type]
    return [(each.setting, each.what, each.remedy) for each in made.persistence]


@pytest.mark.parametrize(
    ("setting", "value", "words", "remedy"),
    [
        (
            "u_forwardto",
            "x@else.example",
            "a copy of its mail is forwarded to x@else.example",
            "''",
        ),
        ("u_mailin", "x@else.example", "a silent copy of what it receives goes to", "''"),
        ("u_mailout", "/tmp/copies", "a silent copy of what it sends goes to /tmp/copies", "''"),
        ("u_alternateemail", "x@else.example", "is reset through x@else.example", "''"),
        ("u_rulessieve", "redirect", "rules in Sieve", "''"),
        ("u_rulescontentxml", "<RULES/>", "it has rules", "''"),
        ("u_2f_phone", "+44", "telephone +44", "''"),
        ("u_clientid_allowedlist", "abc", "these clients may log in: abc", "''"),
        ("u_respond", "1", "it answers mail by itself", "0"),
        ("u_admin", "1", "administrator of the server", "0"),
        ("u_domainadmin", "True", "administrator of its domain", "0"),
        ("u_webadmin", "1", "on the web", "0"),
        ("u_gatewayadmin", "1", "of the gateway", "0"),
        ("u_alias", "info;contact;admin", "it has further names: contact, admin", "info"),
    ],
)
def test_what_is_set_is_said_with_the_command_that_takes_it_out(
    setting: str, value: str, words: str, remedy: str
) -> None:
    ((name, what, command),) = found(**{setting: value})
    assert name == setting
    assert words in what
    assert command == f"{TOOL} {setting} {remedy}"


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"u_forwardto": " "},
        {"u_admin": "0", "u_respond": "0", "u_webadmin": "False"},
        {"u_alias": "INFO; info@domaine.example;"},
        # An address that is kept while its switch is off sends nothing anywhere.
        {"u_forwardolder": "0", "u_forwardolderto": "x@else.example"},
        {"u_useremoteaddress": "0", "u_remoteaddress": "x@else.example"},
    ],
)
def test_what_is_not_in_use_accuses_nobody(settings: dict[str, str]) -> None:
    assert found(**settings) == []


def test_an_address_counts_while_its_switch_is_on() -> None:
    on = {"u_forwardolder": "1", "u_forwardolderto": "x@else.example"}
    ((name, what, _),) = found(**on)
    assert (name, what) == ("u_forwardolderto", "its older mail is forwarded to x@else.example")


def test_an_old_tool_is_spoken_to_in_its_own_words() -> None:
    ((_, _, command),) = found(replace(PRODUCT, dialect="display"), u_admin="1")
    assert command.split()[1] == "modify"


def test_what_an_attacker_wrote_is_bounded_and_never_a_command() -> None:
    ((_, what, command),) = found(u_forwardto="a@b.example;\x1b[2J$(reboot)\n" + "x" * 5000)
    assert len(what) < 300
    assert "\x1b" not in what
    assert "\n" not in what
    assert "reboot" not in command


def test_every_setting_that_is_judged_is_asked_for() -> None:
    judged = {name for name, *_ in found(**dict.fromkeys(VARIABLES, "1"))}
    assert {"u_forwardto", "u_respond", "u_gatewayadmin", "u_remoteaddress", "u_alias"} <= judged
