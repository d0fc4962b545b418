"""`respond tls`: what a server's TLS is like, port by port."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from playbook.cli import findings
from playbook.cli.options import JsonOption
from playbook.errors import BadInput
from playbook.exposure.tls import secured
from playbook.exposure.tls.handshake import Endpoint

_PORTS = (25, 587, 465, 993, 995, 443)

HostsArgument = Annotated[
    str, typer.Argument(metavar="HOST", help="The name that its certificate is for.")
]
PortOption = Annotated[
    list[int] | None, typer.Option("--port", help="A port (25, 587, 465, 993, 995, 443 without).")
]
AddressOption = Annotated[
    str, typer.Option("--address", help="Where to reach it, if not by its name.")
]
RootsOption = Annotated[
    Path | None, typer.Option("--ca", help="The file of the authorities to believe.")
]


def tls(
    host: HostsArgument,
    port: PortOption = None,
    address: AddressOption = "",
    ca: RootsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Look at a server's certificates and protocols, port by port.

    A handshake for each protocol, and nothing else. What this machine cannot speak is not tested.
    """
    if ca and not ca.is_file():
        raise BadInput(f"There is no file {ca}", "", "Name one with certificates (PEM).")
    endpoints = [Endpoint(host, each, address) for each in port or _PORTS]
    found = secured(endpoints, datetime.now(UTC), ca)
    sys.stdout.write(findings.as_json(found) if as_json else findings.as_table(found))
    raise typer.Exit(findings.code_of(found))
