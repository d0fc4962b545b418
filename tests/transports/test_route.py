"""The way to a host: the inventory, then the user's ssh configuration, jump hosts included."""

import sys
from pathlib import Path

import pytest

from playbook.errors import BadInput, HostKeyRefused, HostUnreachable
from playbook.hosts.host import Host
from playbook.transports.ssh import Ssh, route
from tests.support.ssh_servers import Doorman, Server, asyncssh_server, free_port
from tests.support.wires import said


def way(tmp_path: Path, config: str, host: Host | None = None) -> route.Hop:
    file = tmp_path / "config"
    file.write_text(config)
    given = host or Host(name="mail1", address="mail1")
    return route.find(type(given)(**{**vars(given), "ssh_config": file}))


def test_the_configuration_answers_what_the_inventory_leaves_open(tmp_path: Path) -> None:
    hop = way(
        tmp_path,
        "Host mail1\n HostName 10.0.0.5\n Port 2222\n User admin\n IdentityFile /k/one\n"
        " IdentityFile /k/two\n IdentitiesOnly yes\n IdentityAgent none\n"
        " HostKeyAlias cluster\n UserKnownHostsFile /k/hosts /k/more\n ConnectTimeout 3\n",
    )
    assert (hop.address, hop.port, hop.user, hop.connect_s) == ("10.0.0.5", 2222, "admin", 3.0)
    assert hop.key_files == (Path("/k/one"), Path("/k/two"))
    assert hop.known_hosts[:2] == (Path("/k/hosts"), Path("/k/more"))
    assert hop.names.known_as == ("cluster",)
    assert hop.only_these_keys
    assert hop.agent is None


def test_the_inventory_outweighs_the_configuration(tmp_path: Path) -> None:
    host = Host(
        name="mail1",
        address="mail1",
        port=22,
        user="root",
        key_file=Path("/i/key"),
        known_hosts=Path("/i/hosts"),
    )
    config = "Host *\n Port 2222\n User admin\n IdentityFile /k/one\n UserKnownHostsFile /k/hosts\n"
    hop = way(tmp_path, config, host)
    assert (hop.port, hop.user) == (22, "root")
    assert (hop.key_files, hop.known_hosts) == ((Path("/i/key"),), (Path("/i/hosts"),))


def test_included_files_are_read_and_end_where_they_end(tmp_path: Path) -> None:
    (tmp_path / "conf.d").mkdir()
    (tmp_path / "conf.d" / "mail").write_text("Host mail1\n User included\nHost other\n Port 1\n")
    hop = way(tmp_path, "Include conf.d/*\nPort 2200\n")
    assert (hop.user, hop.port) == ("included", 2200)


def test_a_file_that_includes_itself_ends(tmp_path: Path) -> None:
    assert way(tmp_path, "Include config\nUser found\n").user == "found"


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ("NoValueHere\n", "Unparsable"),
        ("Port many\n", "no number"),
        ("ProxyJump mail1\n", "circle"),
        ("ProxyJump a b@c:d\n", "ProxyJump"),
    ],
)
def test_a_configuration_that_is_not_understood_is_named(
    tmp_path: Path, config: str, words: str
) -> None:
    with pytest.raises(BadInput, match=words):
        way(tmp_path, config)


def test_a_chain_of_jumps_is_gone_through_in_order(tmp_path: Path) -> None:
    hop = way(tmp_path, "Host mail1\n ProxyJump me@one:2201,[2001:db8::2]:2202\n")
    assert hop.via
    assert (hop.via.address, hop.via.port) == ("2001:db8::2", 2202)
    assert hop.via.via
    assert (hop.via.via.address, hop.via.via.port, hop.via.via.user) == ("one", 2201, "me")
    assert hop.via.via.via is None


def jump_config(tmp_path: Path, inner: Server, outer: Server, outer_hosts: Path) -> Host:
    config = tmp_path / "config"
    config.write_text(
        f"Host inner\n HostName 127.0.0.1\n Port {inner.port}\n ProxyJump outer\n"
        f"Host outer\n HostName 127.0.0.1\n Port {outer.port}\n User admin\n"
        f" IdentityFile {outer.key_file}\n IdentityAgent none\n UserKnownHostsFile {outer_hosts}\n"
    )
    return Host(
        name="inner",
        address="inner",
        user="admin",
        key_file=inner.key_file,
        known_hosts=inner.known_hosts,
        ssh_config=config,
        elevate=False,
    )


def test_a_script_runs_through_a_jump_host_and_both_keys_are_checked(tmp_path: Path) -> None:
    folders = tmp_path / "inner", tmp_path / "outer"
    for folder in folders:
        folder.mkdir()
    jump = Doorman()
    with (
        asyncssh_server(folders[0], Doorman()) as inner,
        asyncssh_server(folders[1], jump) as outer,
    ):
        host = jump_config(tmp_path, inner, outer, outer.known_hosts)
        ssh = Ssh(host)
        assert [said(ssh, text) for text in ("one", "two")] == ["one", "two"]
        ssh.close()
        assert jump.jumps == [inner.port]
        assert jump.commands == []
        empty = tmp_path / "empty"
        empty.touch()
        with pytest.raises(HostKeyRefused, match="is not known"):
            said(Ssh(jump_config(tmp_path, inner, outer, empty)), "hello")


def test_a_jump_host_that_does_not_reach_it_is_named(tmp_path: Path) -> None:
    with asyncssh_server(tmp_path, Doorman()) as outer:
        gone = Server(free_port(), "admin", outer.key_file, outer.known_hosts, outer.host_key)
        with pytest.raises(HostUnreachable, match=str(gone.port)):
            said(Ssh(jump_config(tmp_path, gone, outer, outer.known_hosts)), "hello")


CARRY = """
import os, socket, sys, threading
line = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
def up():
    while piece := os.read(0, 65536):
        line.sendall(piece)
    line.shutdown(socket.SHUT_WR)
threading.Thread(target=up, daemon=True).start()
while piece := line.recv(65536):
    os.write(1, piece)
"""


def test_a_proxy_command_carries_the_connection(tmp_path: Path) -> None:
    carry, config = tmp_path / "carry.py", tmp_path / "config"
    carry.write_text(CARRY)
    with asyncssh_server(tmp_path, Doorman()) as server:
        config.write_text(f"ProxyCommand {sys.executable} {carry} %p\n")
        ssh = Ssh(server.host(ssh_config=config))
        assert said(ssh, "hello") == "hello"
        ssh.close()


def test_a_proxy_command_that_fails_is_a_host_not_reached(tmp_path: Path) -> None:
    with asyncssh_server(tmp_path, Doorman()) as server:
        config = tmp_path / "config"
        config.write_text("ProxyCommand false\n")
        with pytest.raises(HostUnreachable):
            said(Ssh(server.host(ssh_config=config)), "hello")
