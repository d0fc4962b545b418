import time

import pytest

from playbook.drill.faults import Fault
from playbook.drill.server import AttackedServer
from tests.support.attack import NEW_PASSWORD, Attack, service, tool


def test_get_prints_the_canonical_name_and_the_variables_as_typed(attack: Attack) -> None:
    server = attack()
    for name in ("info@domaine.example", "contact@domaine.example", "INFO", "contact"):
        answer = tool(server, "get", "account", name, "U_Smtp", "u_authmodevalue")
        assert answer.lines == ("info@domaine.example", "U_Smtp: 1", "u_authmodevalue:")
        assert answer.status == 0


def test_lines_end_with_cr_lf(attack: Attack) -> None:
    assert tool(attack(), "get", "system", "c_version").text == "c_version: 14.3.0.7\r\n"


def test_an_unknown_variable_is_left_out_and_makes_the_status_non_zero(attack: Attack) -> None:
    answer = tool(attack(), "get", "system", "c_os", "c_no_such_thing", "c_version")
    assert answer.lines == ("c_os: 1", "c_version: 14.3.0.7")
    assert answer.status != 0


@pytest.mark.parametrize("verb", [("get",), ("set",)])
def test_an_unknown_account_is_not_found(attack: Attack, verb: tuple[str]) -> None:
    answer = tool(attack(), *verb, "account", "nobody@domaine.example", "u_smtp", "0")
    assert "not found" in answer.text
    assert answer.status != 0


def test_wildcards_list_accounts_and_separate_their_variables(attack: Attack) -> None:
    server = attack()
    addresses = tool(server, "get", "account", "*@*").lines
    assert "info@domaine.example" in addresses
    assert all("@" in address for address in addresses)
    listed = tool(server, "display", "account", "*@domaine.example", "u_smtp").lines
    assert listed[:4] == (addresses[0], "u_smtp: 1", "", addresses[1])


def test_export_ends_its_lines_with_a_comma(attack: Attack) -> None:
    lines = tool(attack(), "export", "account", "*@*", "u_smtp", "u_alias").lines
    assert "info@domaine.example,1,info;contact," in lines


def test_list_domain_shows_the_internal_domain_too(attack: Attack) -> None:
    assert tool(attack(), "list", "domain").lines == (
        "domaine.example",
        "##internalservicedomain.icewarp.com##",
    )


def test_set_is_read_back_and_its_status_may_lie(attack: Attack) -> None:
    server = attack(set_exit_status=1)
    assert tool(server, "set", "system", "c_system_tools_watchdog_smtp", "0").status == 1
    told = tool(server, "get", "system", "c_system_tools_watchdog_smtp")
    assert told.lines == ("c_system_tools_watchdog_smtp: 0",)


def test_a_new_password_updates_its_time_and_is_never_shown(attack: Attack) -> None:
    server = attack()
    before = int(time.time())
    assert tool(server, "set", "account", "contact", "u_password", NEW_PASSWORD).status == 0
    told = tool(server, "get", "account", "info", "u_password", "u_passwordlastchanged")
    assert told.lines[1] == "u_password:"
    assert int(told.lines[2].removeprefix("u_passwordlastchanged: ")) >= before


@pytest.mark.parametrize("weak", ["short-1A2", "NoDigitsAtAll-", "no-upper-12345", "Alnum1234567x"])
def test_the_policy_refuses_a_weak_password(attack: Attack, weak: str) -> None:
    server = attack()
    answer = tool(server, "set", "account", "info", "u_password", weak)
    assert answer.text == "Password policy violation.\r\n"
    assert answer.status != 0


def test_a_forbidden_character_is_refused(attack: Attack) -> None:
    answer = tool(attack(), "set", "account", "info", "u_password", "Neu-4711;geheim")
    assert "Invalid characters" in answer.text
    assert answer.status != 0


def test_a_read_only_variable_is_not_set(attack: Attack) -> None:
    server = attack()
    before = tool(server, "get", "account", "info", "u_passwordlastchanged")
    assert tool(server, "set", "account", "info", "u_passwordlastchanged", "1").status != 0
    assert tool(server, "get", "account", "info", "u_passwordlastchanged") == before


def test_check_lists_the_accounts_that_break_the_policy(attack: Attack) -> None:
    server = attack()
    weak = set(tool(server, "check", "account", "*@*", "passpolicy").lines)
    assert "info@domaine.example" in weak
    tool(server, "set", "account", "info", "u_password", NEW_PASSWORD)
    left = set(tool(server, "check", "account", "*@*", "passpolicy").lines)
    assert left == weak - {"info@domaine.example"}


def test_a_batch_file_holds_one_command_a_line(attack: Attack) -> None:
    server = attack()
    batch = server.root / "batch"
    batch.write_text("set account info u_smtp 0\nget account info u_smtp\n")
    assert tool(server, "file", str(batch)).lines == ("info@domaine.example", "u_smtp: 0")


@pytest.mark.parametrize("words", [("modify", "account", "info", "u_smtp", "0"), ("nonsense",), ()])
def test_what_a_new_tool_does_not_know_prints_the_help(attack: Attack, words: tuple[str]) -> None:
    server = attack()
    answer = tool(server, *words)
    assert answer.text.startswith("Usage: tool ")
    assert answer.status == 0
    assert tool(server, "get", "account", "info", "u_smtp").lines[1] == "u_smtp: 1"


def test_an_old_tool_has_only_the_old_words(attack: Attack) -> None:
    server = attack(Fault.TOOL_PRINTS_HELP)
    for verb in ("get", "set"):
        answer = tool(server, verb, "account", "info", "u_smtp", "0")
        assert answer.text.startswith("Usage: tool ")
        assert answer.status == 0
    assert tool(server, "modify", "account", "info", "u_smtp", "0").status == 0
    assert tool(server, "display", "account", "info", "u_smtp").lines[1] == "u_smtp: 0"


def test_icewarpd_has_no_status(attack: Attack) -> None:
    server = attack()
    assert service(server, "--status").text.startswith("Usage: icewarpd.sh")
    assert service(server, "--stop", "nonsense").text.startswith("Usage: icewarpd.sh")


def test_the_tool_answers_quickly(attack: Attack) -> None:
    server: AttackedServer = attack()
    tool(server, "get", "system", "c_version")
    took_s = []
    for _ in range(5):
        began = time.monotonic()
        tool(server, "get", "system", "c_version")
        took_s.append(time.monotonic() - began)
    assert min(took_s) < 2
