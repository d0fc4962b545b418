"""A name server, as a person writes it: `ADDRESS[:PORT]`. No I/O."""

import re
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final

from playbook.errors import BadInput

_WRITTEN: Final = re.compile(
    r"\[(?P<bare>[^\]]+)\](?::(?P<bare_port>\d{1,5}))?|(?P<address>[^:\[\]]+)(?::(?P<port>\d{1,5}))?"
)


@dataclass(frozen=True)
class NameServer:
    """Where DNS questions are sent."""

    address: str
    port: int = 53

    def __str__(self) -> str:
        shown = f"[{self.address}]" if ":" in self.address else self.address
        return shown if self.port == 53 else f"{shown}:{self.port}"


def name_server(text: str) -> NameServer:
    """The name server that was written; raises `BadInput` for anything but an address."""
    try:
        return NameServer(str(ip_address(text)))
    except ValueError:
        found = _WRITTEN.fullmatch(text)
    try:
        address = ip_address((found and (found["bare"] or found["address"])) or "")
    except ValueError as error:
        because = "it is not ADDRESS or ADDRESS:PORT, with brackets around IPv6"
        raise BadInput(f"The resolver {text[:100]!r} is not understood", because) from error
    port = int((found and (found["bare_port"] or found["port"])) or "53")
    if not 1 <= port <= 65535:
        raise BadInput(f"The resolver {text!r} is not understood", f"there is no port {port}")
    return NameServer(str(address), port)
