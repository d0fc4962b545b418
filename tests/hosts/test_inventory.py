"""The inventory: what is understood, and how a slip is named."""

import importlib
import sys
from pathlib import Path

import pytest

from playbook.errors import BadInventory
from playbook.hosts import inventory
from playbook.hosts.host import Host, IceWarpOverrides

WHOLE = """
[hosts.mail1]
address = "mail1.example.net"
port = 2222
user = "admin"
key_file = "~/.ssh/mail"
known_hosts = "/etc/respond/known_hosts"
sudo_password = "pass show 'mail1/sudo'"
resolver = "127.0.0.1:5353"
[hosts.mail1.icewarp]
smtp_port = 2525
outgoing = "/srv/mail/_outgoing"
confirm_s = 5
public_addresses = "203.0.113.25,2001:db8::25"

[hosts.here]
transport = "local"
elevate = false

[hosts."mail2.example.net"]
sudo_password = ["pass", "show", "mail2/sudo"]
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "respond.toml"


def test_a_whole_file_is_read(file: Path) -> None:
    file.write_text(WHOLE)
    mail1, here, mail2 = inventory.load(file).hosts
    assert mail1 == Host(
        name="mail1",
        address="mail1.example.net",
        port=2222,
        user="admin",
        key_file=Path.home() / ".ssh/mail",
        known_hosts=Path("/etc/respond/known_hosts"),
        sudo_password=("pass", "show", "mail1/sudo"),
        resolver="127.0.0.1:5353",
        icewarp=IceWarpOverrides(
            smtp_port=2525,
            outgoing="/srv/mail/_outgoing",
            confirm_s=5,
            public_addresses="203.0.113.25,2001:db8::25",
        ),
    )
    assert (here.transport, here.elevate, here.address) == ("local", False, "here")
    assert mail2.address == "mail2.example.net"
    assert mail2.sudo_password == ("pass", "show", "mail2/sudo")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("hosts = [\n1,\n }", "line 3, column 2"),
        ("hosts = 3", "hosts is not a table"),
        ("[hosts]\nmail1 = 3", "mail1 is not a table"),
        ("[host.mail1]", "unknown key 'host'.*did you mean 'hosts'"),
        ("[hosts.mail1]\nprot = 1", "hosts.mail1: unknown key 'prot'.*did you mean 'port'"),
        ("[hosts.mail1]\nname = 'x'", "unknown key 'name'"),
        ("[hosts.mail1]\npassword = 'x'", "unknown key 'password'"),
        ("[hosts.mail1]\nport = 0", "hosts.mail1.*key port.*>= 1"),
        ("[hosts.mail1]\nport = 65536", "key port.*<= 65535"),
        ("[hosts.mail1]\nport = '22'", "key port.*got `str`"),
        ("[hosts.mail1]\nkey_file = 3", "key key_file.*expected a path"),
        ("[hosts.mail1]\ntransport = 'shs'", "key transport.*'shs'.*did you mean 'ssh'"),
        ("[hosts.mail1]\nproduct = 'icewrap'", "key product.*did you mean 'icewarp'"),
        ('[hosts.mail1]\nsudo_password = "pass \'x"', "key sudo_password.*a quote is open"),
        ("[hosts.mail1]\nsudo_password = ''", "key sudo_password.*empty"),
        ("[hosts.mail1]\nsudo_password = ['a', 3]", "sudo_password"),
        ("[hosts.mail1]\naddress = '-oProxyCommand=x'", "not the address of a host"),
        ("[hosts.mail1]\nuser = 'a;b'", "not the name of a user"),
        ("[hosts.mail1.icewarp]\nsmtp_prot = 1", "hosts.mail1.icewarp.*did you mean 'smtp_port'"),
        ("[hosts.mail1.icewarp]\nsmtp_port = true", "key icewarp.smtp_port.*got `bool`"),
        ("[hosts.mail1.icewarp]\nconf = 'x'", "key icewarp.conf.*begins with /"),
        ("[hosts.mail1.icewarp]\nsmtp_module = 'a b'", "key icewarp.smtp_module.*no such name"),
        ("[hosts.mail1.icewarp]\nconfirm_s = 0", "key icewarp.confirm_s"),
        ("[hosts.mail1]\nresolver = 'dns.example'", "key resolver.*ADDRESS:PORT"),
        ("[hosts.mail1]\nresolver = '127.0.0.1:0'", "key resolver.*no port 0"),
        ("[hosts.mail1]\nresolver = 53", "key resolver.*got `int`"),
        (
            "[hosts.mail1.icewarp]\npublic_addresses = 'mail1'",
            "key icewarp.public_addresses.*addresses, with commas",
        ),
        (
            "[hosts.mail1.icewarp]\npublic_addresses = '1.2.3.4,5.6.7'",
            "key icewarp.public_addresses.*'5.6.7' is no address",
        ),
    ],
)
def test_a_slip_is_named_with_file_table_and_key(file: Path, text: str, words: str) -> None:
    file.write_text(text)
    with pytest.raises(BadInventory, match=f"(?s){words}") as caught:
        inventory.load(file)
    assert str(file) in str(caught.value)


def test_a_file_that_cannot_be_read_is_named(file: Path) -> None:
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(BadInventory, match="not UTF-8"):
        inventory.load(file)
    with pytest.raises(BadInventory, match="cannot be read"):
        inventory.load(file.parent)


@pytest.mark.parametrize(
    ("text", "user", "address", "port"),
    [
        ("mail9", None, "mail9", None),
        ("mail9.example.net:2222", None, "mail9.example.net", 2222),
        ("root@mail9", "root", "mail9", None),
        ("root@10.0.0.5:22", "root", "10.0.0.5", 22),
        ("[2001:db8::1]:2222", None, "2001:db8::1", 2222),
        ("root@[::1]", "root", "::1", None),
        ("2001:db8::1", None, "2001:db8::1", None),
        ("localhost", None, "localhost", None),
    ],
)
def test_a_host_is_described_on_the_command_line(
    text: str, user: str | None, address: str, port: int | None
) -> None:
    assert inventory.Inventory(None).host(text) == Host(
        name=text, address=address, port=port, user=user
    )


@pytest.mark.parametrize(
    "text", ["", "a b", "@mail1", "mail1:", "mail1:0", "mail1:99999", "-oProxy", "a@-b", "x;y@z"]
)
def test_a_text_that_is_no_host_is_refused(text: str) -> None:
    with pytest.raises(BadInventory):
        inventory.Inventory(None).host(text)


def test_a_name_of_the_file_comes_before_an_address(file: Path) -> None:
    file.write_text(WHOLE)
    hosts = inventory.load(file)
    assert hosts.host("mail1").address == "mail1.example.net"
    assert inventory.load(None).host("mail1").address == "mail1"


def test_the_word_local_is_this_machine() -> None:
    assert inventory.Inventory(None).host("local").transport == "local"


def test_the_file_is_looked_for_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("RESPOND_INVENTORY", raising=False)
    assert inventory.find() is None
    if sys.platform == "linux":
        usual = tmp_path / "config" / "respond" / "respond.toml"
        usual.parent.mkdir(parents=True)
        usual.touch()
        assert inventory.find() == usual
    (tmp_path / "respond.toml").touch()
    assert inventory.find() == Path("respond.toml")
    named = tmp_path / "named.toml"
    monkeypatch.setenv("RESPOND_INVENTORY", str(named))
    with pytest.raises(BadInventory, match="no inventory at"):
        inventory.find()
    named.touch()
    assert inventory.find() == named
    given = tmp_path / "given.toml"
    given.touch()
    assert inventory.find(given) == given


def test_reading_an_inventory_does_not_load_the_ssh_library() -> None:
    assert "paramiko" not in vars(importlib.import_module("playbook.hosts.inventory"))
