"""Settings held against the recommendations: a table of values and what is said of them."""

import msgspec
import pytest

from playbook.errors import BadInput
from playbook.exposure.finding import Finding, State
from playbook.exposure.hardening import audit, fault
from playbook.exposure.hardening.rows import Row, asked, known, parse
from playbook.mail.settings import Count, Settings

ROW = '[[row]]\nvariable = "c_x_y"\nscope = "system"\nen = "E"\nfr = "F"\nwhy = "w"\n'


def row(test: str) -> Row:
    (found,) = parse(f'{ROW}prevents = "relay"\n{test}\n')
    return found


@pytest.mark.parametrize(
    ("test", "value", "holds"),
    [
        ('is = ["1"]', "1", True),
        ('is = ["1"]', "true", True),
        ('is = ["1"]', " True ", True),
        ('is = ["1"]', "0", False),
        ('is = ["0"]', "false", True),
        ('is = ["1"]', "", False),
        ("at_least = 8", "8", True),
        ("at_least = 8", "7", False),
        ("at_least = 8", "many", False),
        ("at_most = 5", "5", True),
        ("at_most = 5", "0", False),
        ("at_most = 5", "32768", False),
        ("not_zero = true", "0", False),
        ("not_zero = true", "200", True),
        ("not_empty = true", "", False),
        ("not_empty = true", "key", True),
        ("narrow = true", "127.0.0.1", True),
        ("narrow = true", "127.0.0.1;10.0.0.5;192.168.1.0/24", True),
        ("narrow = true", "192.168.1.*", True),
        ("narrow = true", "192.168.*.*", False),
        ("narrow = true", "10.0.0.0/8", False),
        ("narrow = true", "10.0.0.1-10.0.9.1", False),
        ("narrow = true", "", True),
    ],
)
def test_each_test_of_a_row(test: str, value: str, *, holds: bool) -> None:
    assert (fault(row(test), value) == "") is holds


@pytest.mark.parametrize(
    "text",
    [
        f'{ROW}prevents = "relay"\n',
        f'{ROW}prevents = "relay"\nis = ["1"]\nat_least = 1\n',
        f'{ROW}prevents = "boredom"\nis = ["1"]\n',
        f'{ROW}prevents = "relay"\nis = ["1"]\nwhat = 1\n',
        "[[row",
    ],
)
def test_a_file_that_is_not_understood_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        parse(text)


def of(found: tuple[Finding, ...], variable: str) -> Finding:
    return next(each for each in found if each.subject == variable)


def test_a_server_is_told_what_differs_first_and_a_choice_is_never_wrong() -> None:
    settings = Settings(
        {"c_mail_security_relay_relaymode": "0", "c_accounts_policies_pass_minlength": "4"},
        {"a.org": {"d_unknownuserstype": "0"}, "b.org": {"d_unknownuserstype": "1"}},
        {"u_admin": Count(7, 50_000, ("x@a.org", "y@a.org"))},
    )
    found = audit(settings, known())
    assert found[0].state is State.DIFFERS
    assert of(found, "c_mail_security_relay_relaymode").state is State.DIFFERS
    assert of(found, "c_accounts_policies_pass_minlength").state is State.ABSENT
    domains = of(found, "d_unknownuserstype")
    assert domains.state is State.DIFFERS
    assert domains.what.startswith("b.org of 2 domains")
    assert "7 of 50,000 accounts differ: x@a.org, y@a.org and 5 more" in of(found, "u_admin").what


def test_what_a_version_does_not_know_is_unknown_and_never_holds() -> None:
    found = audit(Settings({}, {}, {}), known())
    assert {each.state for each in found} == {State.UNKNOWN}
    assert len(found) == len(known())


def test_passwords_that_break_the_policy_are_counted_where_they_were_checked() -> None:
    none = audit(Settings({}, {}, {}, None), ())
    some = audit(Settings({}, {}, {}, Count(2, 9, ("t@a.org",))), ())
    assert none == ()
    assert some[0].state is State.DIFFERS
    assert audit(Settings({}, {}, {}, Count(0, 9)), ())[0].state is State.HOLDS


def test_the_rows_that_come_with_the_program_are_whole() -> None:
    rows = known()
    assert len({each.variable for each in rows}) == len(rows)
    assert all(each.en and each.fr and each.why for each in rows)
    wanted = asked(rows)
    assert wanted.accounts["u_numbersendlimit"] == "~0"
    assert wanted.accounts["u_admin"] == "=0"
    assert msgspec.to_builtins(wanted)["check_passwords"] is False
