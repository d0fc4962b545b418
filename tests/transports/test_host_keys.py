"""Host keys: strict always, by the rules of OpenSSH's known_hosts."""

import base64
import hmac
from collections.abc import Iterator
from pathlib import Path

import pytest

from playbook.errors import HostKeyRefused
from playbook.transports.ssh import Ssh, known_hosts
from playbook.transports.ssh.known_hosts import HostNames
from tests.support.ssh_servers import (
    Doorman,
    Relay,
    Server,
    asyncssh_server,
    key_pair,
    know,
    public,
)
from tests.support.wires import said


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with asyncssh_server(tmp_path, Doorman()) as running:
        yield running


def refusal(server: Server, text: str, tmp_path: Path) -> HostKeyRefused:
    file = tmp_path / "other_known_hosts"
    file.write_text(text)
    ssh = Ssh(server.host(known_hosts=file))
    with pytest.raises(HostKeyRefused) as caught:
        said(ssh, "hello")
    return caught.value


def line(server: Server, key: str, marker: str = "") -> str:
    return f"{marker} [127.0.0.1]:{server.port} {key}\n".lstrip()


def print_of(key_file: Path) -> str:
    return known_hosts.fingerprint(base64.b64decode(public(key_file).split()[1]))


def test_an_unknown_key_is_refused_with_its_fingerprint(server: Server, tmp_path: Path) -> None:
    error = refusal(server, "", tmp_path)
    assert "is not known" in error.what
    assert print_of(server.host_key) in error.what
    assert "ssh-keyscan" in error.next


def test_a_changed_key_is_refused_loudly_with_both(server: Server, tmp_path: Path) -> None:
    other = key_pair(tmp_path / "other")
    error = refusal(server, line(server, public(other)), tmp_path)
    assert "HAS CHANGED" in error.what
    assert print_of(server.host_key) in error.what
    assert print_of(other) in error.what


def test_a_key_of_another_kind_is_refused(server: Server, tmp_path: Path) -> None:
    other = key_pair(tmp_path / "other", "rsa")
    error = refusal(server, line(server, public(other)), tmp_path)
    assert "of another kind" in error.what


def test_a_revoked_key_is_refused_although_known(server: Server, tmp_path: Path) -> None:
    key = public(server.host_key)
    error = refusal(server, line(server, key) + f"@revoked * {key}\n", tmp_path)
    assert "IS REVOKED" in error.what


def test_a_certificate_authority_alone_is_explained(server: Server, tmp_path: Path) -> None:
    key = public(server.host_key)
    error = refusal(server, line(server, key, "@cert-authority"), tmp_path)
    assert "certificate authority" in error.because


def test_lines_that_are_none_of_ours_hinder_nothing(server: Server, tmp_path: Path) -> None:
    file = tmp_path / "mixed"
    file.write_text(
        f"# comment\n\n@cert-authority * {public(key_pair(tmp_path / 'ca'))}\n"
        "broken\nhost ssh-rsa !!!\n@unknown x y z\n\x00\xff\nhost ssh-future AAAA\n"
        "|1|broken|line ssh-rsa AAAA\n" + line(server, public(server.host_key))
    )
    ssh = Ssh(server.host(known_hosts=file))
    assert said(ssh, "hello") == "hello"
    ssh.close()


def test_nothing_is_logged_in_to_before_the_key_is_checked(tmp_path: Path) -> None:
    doorman = Doorman()
    with asyncssh_server(tmp_path, doorman) as server:
        refusal(server, "", tmp_path)
    assert doorman.logins == []


def test_a_known_kind_is_asked_for_first(tmp_path: Path) -> None:
    with asyncssh_server(tmp_path, Doorman(more_host_keys=("rsa",))) as server:
        file = tmp_path / "rsa_only"
        know(file, server.port, tmp_path / "host_rsa")
        ssh = Ssh(server.host(known_hosts=file))
        assert said(ssh, "hello") == "hello"
        ssh.close()


def test_another_port_is_another_host_unless_the_bare_host_is_known(
    server: Server, tmp_path: Path
) -> None:
    relay, file = Relay(server.port), tmp_path / "bare"
    file.write_text(f"127.0.0.1 {public(server.host_key)}\n")
    ssh = Ssh(server.host(relay.port, known_hosts=file))
    assert said(ssh, "hello") == "hello"
    ssh.close()
    relay.close()


KEY = "ssh-ed25519 " + base64.b64encode(b"\0\0\0\x0bssh-ed25519" + b"k" * 36).decode()
BLOB = base64.b64decode(KEY.split()[1])


def hashed(name: str) -> str:
    salt = b"0123456789abcdefghij"
    digest = hmac.digest(salt, name.encode(), "sha1")
    return f"|1|{base64.b64encode(salt).decode()}|{base64.b64encode(digest).decode()}"


@pytest.mark.parametrize(
    ("names", "address", "port", "known"),
    [
        ("mail1", "mail1", 22, True),
        ("mail1", "MAIL1", 22, True),
        ("mail1,mail2", "mail2", 22, True),
        ("*.example.net", "mail1.example.net", 22, True),
        ("*.example.net,!mail1.example.net", "mail1.example.net", 22, False),
        ("mail?", "mail12", 22, False),
        ("[mail1]:2222", "mail1", 2222, True),
        ("[mail1]:2222", "mail1", 22, False),
        ("mail[12]", "mail1", 22, False),
        (hashed("mail1"), "mail1", 22, True),
        (hashed("[mail1]:2222"), "mail1", 2222, True),
        (hashed("mail1"), "mail2", 22, False),
        ("2001:db8::1", "2001:db8::1", 22, True),
    ],
)
def test_names_are_matched_as_openssh_does(
    names: str, address: str, port: int, known: bool, tmp_path: Path
) -> None:
    file = tmp_path / "known_hosts"
    file.write_text(f"{names} {KEY} a comment\n")
    hosts = known_hosts.read([file, tmp_path / "absent"])
    assert bool(hosts.of(HostNames.of(address, port))) is known


def test_an_alias_stands_for_address_and_port(tmp_path: Path) -> None:
    file = tmp_path / "known_hosts"
    file.write_text(f"cluster {KEY}\n")
    hosts = known_hosts.read([file])
    hosts.require(HostNames.of("10.0.0.5", 2222, "Cluster"), "ssh-ed25519", BLOB)
    with pytest.raises(HostKeyRefused):
        hosts.require(HostNames.of("10.0.0.5", 2222), "ssh-ed25519", BLOB)
