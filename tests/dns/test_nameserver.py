"""How a name server is written."""

import pytest

from playbook.dns.nameserver import NameServer, name_server
from playbook.errors import BadInput


@pytest.mark.parametrize(
    ("text", "address", "port", "shown"),
    [
        ("192.0.2.53", "192.0.2.53", 53, "192.0.2.53"),
        ("127.0.0.1:5353", "127.0.0.1", 5353, "127.0.0.1:5353"),
        ("::1", "::1", 53, "[::1]"),
        ("[::1]", "::1", 53, "[::1]"),
        ("[2001:DB8::53]:5353", "2001:db8::53", 5353, "[2001:db8::53]:5353"),
    ],
)
def test_an_address_with_or_without_a_port(text: str, address: str, port: int, shown: str) -> None:
    assert name_server(text) == NameServer(address, port)
    assert str(name_server(text)) == shown


@pytest.mark.parametrize(
    "text",
    ["", "dns.example", "1.2.3", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:99999", "[::1", "x:1"],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="resolver"):
        name_server(text)
