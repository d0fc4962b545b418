import os
import re
import stat
import tomllib
from pathlib import Path

import pytest

from playbook.drill.faults import Fault
from playbook.drill.mails import queued
from playbook.drill.scenario import Scenario
from playbook.drill.server import AttackedServer
from tests.support.attack import Attack, tool

STEM = re.compile(r"\d{18}\.tmp")


def test_the_installation_is_found_by_its_conf(attack: Attack) -> None:
    server = attack()
    lines = (server.root / "etc" / "icewarp.conf").read_text().splitlines()
    assert f'IWS_INSTALL_DIR="{server.install}"' in lines
    assert 'IWS_VERSION="14.3.0.7"' in lines


def test_queue_files_begin_with_the_envelope_and_link_to_the_log(attack: Attack) -> None:
    server = attack(size=200)
    files = list((server.install / "mail" / "_outgoing").rglob("*.tmp"))
    assert len(files) == 200
    assert all(STEM.fullmatch(file.name) for file in files)
    log = "".join(file.read_text() for file in (server.install / "logs" / "smtp").iterdir())
    for file in files:
        lines = file.read_bytes().split(b"\r\n")
        assert lines[0].startswith(b"original sender: ")
        received = next(line for line in lines if line.startswith(b"Received: "))
        assert b"(IceWarp 14.3.0.7) with ASMTP id " + file.stem.encode() in received
        assert f"OK {file.stem}\n" in log
    retry = [file for file in files if file.parent.name == "retry"]
    assert len(retry) > 120


def test_the_log_has_the_stolen_account_and_the_thiefs_address(attack: Attack) -> None:
    log = "".join(
        file.read_text() for file in (attack().install / "logs" / "smtp").iterdir()
    ).splitlines()
    assert all(re.match(r"(SYSTEM|[\d.]+) \[[0-9A-F]{4}\] \d\d:\d\d:\d\d ", line) for line in log)
    assert any("41.202.24.147" in line and "<<< aW5mb0Bkb21ha" in line for line in log)


def test_path_dat_sends_the_retry_queue_elsewhere(attack: Attack) -> None:
    server = attack(Fault.RETRY_ELSEWHERE)
    lines = (server.install / "path.dat").read_bytes().split(b"\r\n")
    retry = Path(os.fsdecode(lines[8]))
    assert lines[7] == lines[12] == b""
    assert len(list(retry.glob("*.tmp"))) > 20
    assert not (server.install / "mail" / "_outgoing" / "retry").exists()


def test_the_mail_path_is_absolute_and_the_log_path_relative(attack: Attack) -> None:
    server = attack()
    names = ("c_system_storage_dir_mailpath", "c_system_storage_dir_logpath")
    told = tool(server, "get", "system", *names)
    assert told.lines == (f"{names[0]}: {server.install}/mail/", f"{names[1]}: logs/")


def test_the_inventory_is_ready(attack: Attack) -> None:
    server = attack(ssh=True)
    host = tomllib.loads(server.inventory.read_text())["hosts"]["drill"]
    assert (host["transport"], host["port"], host["product"]) == ("ssh", server.ssh_port, "icewarp")
    assert host["icewarp"]["conf"] == str(server.root / "etc" / "icewarp.conf")
    assert host["icewarp"]["smtp_port"] == server.smtp_port
    assert stat.S_IMODE(Path(host["key_file"]).stat().st_mode) == 0o600
    assert f"[127.0.0.1]:{server.ssh_port} ssh-ed25519 " in Path(host["known_hosts"]).read_text()


def test_the_inventory_of_a_local_server_names_no_ssh(attack: Attack) -> None:
    host = tomllib.loads(attack().inventory.read_text())["hosts"]["drill"]
    assert host["transport"] == "local"
    assert not {"port", "key_file", "known_hosts"} & set(host)


def test_the_same_seed_makes_the_same_messages() -> None:
    def messages(seed: int) -> list[bytes]:
        scenario = Scenario(50, seed, 1, frozenset({Fault.SECOND_ACCOUNT}), 0, 0, 0)
        return [item.mail.queue_file("14") for item in queued(scenario, now=1_700_000_000.0)]

    assert messages(7) == messages(7)
    assert messages(7) != messages(8)


def test_faults_of_ssh_sessions_need_ssh() -> None:
    with pytest.raises(ValueError, match="ssh must be on"):
        AttackedServer(ssh=False, faults=frozenset({Fault.LINE_CUT}))
