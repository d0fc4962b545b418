"""Logging in: keys, agent, passwords, and what is said when nothing opens the door."""

import os
import shutil
import subprocess
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import pytest

from playbook.errors import AuthenticationRefused, HostUnreachable
from playbook.transports.ssh import Ssh
from tests.support.ssh_servers import Doorman, Server, asyncssh_server, key_pair, openssh, public
from tests.support.wires import ECHO, Answers, request, said

Start = Callable[[Path], AbstractContextManager[Server]]


@pytest.fixture(autouse=True)
def _no_agent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)


@pytest.mark.parametrize("start", [openssh, lambda folder: asyncssh_server(folder, Doorman())])
def test_a_wrong_key_is_refused_and_named(tmp_path: Path, start: Start) -> None:
    stranger, person = key_pair(tmp_path / "stranger"), Answers("x")
    with start(tmp_path) as server, pytest.raises(AuthenticationRefused, match="stranger"):
        said(Ssh(server.host(key_file=stranger), person), "hello")
    assert person.asked == []


def test_a_key_that_is_not_there_is_named(tmp_path: Path) -> None:
    with openssh(tmp_path) as server, pytest.raises(AuthenticationRefused, match="not there"):
        said(Ssh(server.host(key_file=tmp_path / "absent")), "hello")


def test_an_agent_that_is_gone_hinders_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSH_AUTH_SOCK", str(tmp_path / "no-agent"))
    with asyncssh_server(tmp_path, Doorman()) as server:
        ssh = Ssh(server.host())
        assert said(ssh, "hello") == "hello"
        ssh.close()


@pytest.mark.parametrize("named_in", ["environment", "configuration"])
def test_the_agent_holds_the_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named_in: str
) -> None:
    if shutil.which("ssh-agent") is None:
        pytest.skip("no ssh-agent: install openssh-client")
    agent_socket, config = tmp_path / "agent", tmp_path / "config"
    environment = {**os.environ, "SSH_AUTH_SOCK": str(agent_socket)}
    config.write_text(f"IdentityAgent {agent_socket}\n" if named_in == "configuration" else "")
    if named_in == "environment":
        monkeypatch.setenv("SSH_AUTH_SOCK", str(agent_socket))
    with asyncssh_server(tmp_path, Doorman()) as server:
        agent = subprocess.Popen(("ssh-agent", "-D", "-a", agent_socket), stdout=subprocess.PIPE)
        assert agent.stdout
        # Its first line says that it listens.
        agent.stdout.readline()
        try:
            subprocess.run(("ssh-add", "-q", server.key_file), env=environment, check=True)
            # Only the agent has it now; the public half says which of its keys is meant.
            server.key_file.unlink()
            ssh = Ssh(server.host(ssh_config=config))
            assert said(ssh, "hello") == "hello"
            ssh.close()
        finally:
            agent.terminate()
            agent.wait()
            agent.stdout.close()


@pytest.mark.parametrize("kind", ["ed25519", "rsa"])
def test_a_passphrase_is_asked_for(tmp_path: Path, kind: str) -> None:
    key = key_pair(tmp_path / "locked", kind, passphrase="open sesame")
    with asyncssh_server(tmp_path, Doorman(keys=(public(key),))) as server:
        person = Answers("open sesame")
        ssh = Ssh(server.host(key_file=key), person)
        assert said(ssh, "hello") == "hello"
        ssh.close()
        assert person.asked == ["passphrase of locked"]
        with pytest.raises(AuthenticationRefused, match="wrong passphrase"):
            said(Ssh(server.host(key_file=key), Answers("wrong")), "hello")
        with pytest.raises(AuthenticationRefused, match="nobody is there"):
            said(Ssh(server.host(key_file=key)), "hello")


def test_too_many_keys_are_explained(tmp_path: Path) -> None:
    keys = [key_pair(tmp_path / f"key{number}") for number in range(4)]
    config = tmp_path / "config"
    config.write_text("".join(f"IdentityFile {key}\n" for key in keys) + "IdentityAgent none\n")
    with openssh(tmp_path, ["MaxAuthTries 2"]) as server:
        host = server.host(ssh_config=config, key_file=None)
        from_config = type(host)(**{**vars(host), "key_file": None})
        with pytest.raises(AuthenticationRefused, match="MaxAuthTries"):
            said(Ssh(from_config), "hello")


def test_a_server_of_sha1_alone_is_explained(tmp_path: Path) -> None:
    doorman = Doorman(key_exchanges=("diffie-hellman-group14-sha1",))
    with asyncssh_server(tmp_path, doorman) as server, pytest.raises(HostUnreachable) as caught:
        said(Ssh(server.host()), "hello")
    assert "SHA-1" in caught.value.next
    assert "--host local" in caught.value.next


@pytest.mark.parametrize("kind", ["asyncssh", "openssh"])
def test_a_server_that_allows_one_session_gets_one(tmp_path: Path, kind: str) -> None:
    single = (
        openssh(tmp_path, ["MaxSessions 1"])
        if kind == "openssh"
        else asyncssh_server(tmp_path, Doorman(sessions_at_most=1))
    )
    with single as server:
        ssh = Ssh(server.host())
        assert [said(ssh, str(number)) for number in range(4)] == ["0", "1", "2", "3"]
        ssh.close()


def test_each_script_costs_one_command_and_one_is_ready_ahead(tmp_path: Path) -> None:
    doorman = Doorman()
    with asyncssh_server(tmp_path, doorman) as server:
        ssh = Ssh(server.host())
        for number in range(9):
            said(ssh, str(number))
        ssh.close()
    assert doorman.logins == ["login"]
    assert 9 <= len(doorman.commands) <= 10
    assert len(set(doorman.commands)) == 1


def test_no_shell_is_made_ready_behind_the_last_script(tmp_path: Path) -> None:
    doorman = Doorman()
    with asyncssh_server(tmp_path, doorman) as server:
        ssh = Ssh(server.host())
        ssh.run(replace(request(ECHO, {"text": "only"}), last=True))
        ssh.close()
    assert len(doorman.commands) == 1
