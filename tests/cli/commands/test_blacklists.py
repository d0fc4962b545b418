"""`respond blacklists`, as it is typed, against a name server on loopback."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from playbook.cli.app import app
from playbook.dns.nameserver import NameServer
from playbook.errors import BadInput, ExitCode
from playbook.exposure import lists
from tests.support.attacked_server import attacked
from tests.support.name_server import LISTED, Reply, World, serving

ADDRESS = "41.202.24.147"


@pytest.fixture
def world() -> World:
    world = World()
    world.healthy(lists.known())
    return world


@pytest.fixture
def server(world: World) -> Iterator[NameServer]:
    with serving(world) as server:
        yield server


def call(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["blacklists", *words])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout


def test_clean_everywhere(server: NameServer) -> None:
    code, shown = call(ADDRESS, "domaine.fr", "10.0.0.1", "--resolver", str(server))
    assert code == ExitCode.GREEN
    assert shown.count("not listed") == 6
    assert "https://" not in shown
    assert "! 10.0.0.1 was not asked about: it is not a public address" in shown
    assert f"Asked through {server}." in shown


def test_a_listing_is_red_and_tells_where_to_ask(world: World, server: NameServer) -> None:
    world.says("147.24.202.41.bl.spamcop.net.", LISTED)
    world.says("147.24.202.41.bl.spamcop.net.", Reply(('"Blocked\\027[2J"',)), "TXT")
    code, shown = call(ADDRESS, "--resolver", str(server))
    assert code == ExitCode.RED
    assert "https://www.spamcop.net/bl.shtml" in shown
    assert "Blocked<1B>[2J" in shown
    assert "\x1b" not in shown


def test_one_list_that_does_not_answer_hides_no_clean_one(world: World, server: NameServer) -> None:
    world.says("147.24.202.41.zen.spamhaus.org.", Reply(("127.255.255.254",)))
    code, shown = call(ADDRESS, "--resolver", str(server))
    assert code == ExitCode.GREEN
    assert "your resolver is not" in shown


def test_a_subject_that_nobody_speaks_of_is_not_known(world: World, server: NameServer) -> None:
    for zone in ("dbl.spamhaus.org", "multi.surbl.org"):
        world.says(f"domaine.fr.{zone}.", Reply(("127.255.255.254",)))
    assert call(ADDRESS, "domaine.fr", "--resolver", str(server))[0] == ExitCode.UNKNOWN


@pytest.mark.parametrize("named", [ADDRESS, "domaine.fr", "10.0.0.1", "localhost"])
def test_without_any_answer_nothing_is_known(named: str) -> None:
    code, shown = call(named, "--resolver", "127.0.0.1:1")
    assert code == ExitCode.UNKNOWN
    assert "not listed" not in shown


def test_the_same_for_programs(world: World, server: NameServer) -> None:
    world.says("147.24.202.41.psbl.surriel.com.", LISTED)
    code, shown = call(ADDRESS, "10.0.0.1", "--json", "--resolver", str(server))
    whole = json.loads(shown)
    assert code == ExitCode.RED
    assert {each["blacklist"]: each["result"] for each in whole["standings"]} == {
        "Spamhaus ZEN": "not listed",
        "SpamCop": "not listed",
        "Barracuda": "not listed",
        "PSBL": "listed",
    }
    assert whole["standings"][3]["delisting"] == "https://psbl.org/remove"
    assert [each["text"] for each in whole["not_asked"]] == ["10.0.0.1"]
    assert whole["resolver"] == str(server)


def test_what_is_not_understood_is_named() -> None:
    with pytest.raises(BadInput, match="Nothing was named"):
        call()
    with pytest.raises(BadInput, match="resolver 'dns' is not understood"):
        call(ADDRESS, "--resolver", "dns")


def test_a_host_is_asked_for_its_addresses(
    tmp_path: Path, world: World, server: NameServer
) -> None:
    with attacked(tmp_path, ssh=False, still=True, size=10) as (drill, _):
        (drill.install / "path.dat").write_text("\r\n" * 9 + "41.202.24.148, 10.9.8.7\r\n")
        host = ("--host", "drill", "--inventory", str(drill.inventory))
        code, shown = call(*host)
        assert code == ExitCode.UNKNOWN
        assert "41.202.24.148  Spamhaus ZEN  unreachable" in shown
        assert "10.9.8.7 was not asked about" in shown
        assert "127.0.0.1 was" not in shown
        world.says("147.24.202.41.psbl.surriel.com.", LISTED)
        text = drill.inventory.read_text() + f'public_addresses = "{ADDRESS}"\n'
        drill.inventory.write_text(text)
        code, shown = call(*host, "--resolver", str(server))
        assert code == ExitCode.RED
        assert "https://psbl.org/remove" in shown
        (drill.install / "path.dat").unlink()
        drill.inventory.write_text(text.replace(ADDRESS, "10.0.0.1"))
        code, shown = call(*host, "domaine.fr", "--resolver", str(server))
        assert code == ExitCode.UNKNOWN
        assert "No public address of the host is known" in shown
