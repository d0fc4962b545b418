"""`respond relay`: whether a server passes mail on for strangers."""

import getpass
import json
import smtplib
import socket
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer
from tabulate import tabulate

from playbook.cli import findings
from playbook.cli.options import InventoryOption, JsonOption
from playbook.errors import BadInput, HostUnreachable, PersonNeeded
from playbook.exposure.finding import Finding
from playbook.exposure.relay import Place, Tried, as_another, tried
from playbook.exposure.relay.cases import Names
from playbook.hosts import inventory as inventories
from playbook.secret import Secret
from playbook.text import one_line

_HEADERS = ("port", "tried", "", "seen", "to do")
_WIDTHS = (None, 28, None, 52, 30)
_SUBMISSIONS = 465

ServerArgument = Annotated[
    str, typer.Argument(metavar="HOST", help="A host of the inventory, or a name of your own.")
]
PortOption = Annotated[
    list[int] | None, typer.Option("--port", help="A port to try (25 and 587 without it).")
]
OutsideOption = Annotated[
    str, typer.Option("--to", help="A mailbox of yours that is not on this server.")
]
HostedOption = Annotated[
    str, typer.Option("--domain", help="A domain that the server takes mail for.")
]
LoginOption = Annotated[
    str, typer.Option("--login", help="An account of yours: may it send as another?")
]
OtherOption = Annotated[str, typer.Option("--as", help="The account to send as, for --login.")]
MineOption = Annotated[
    str, typer.Option("--mine", help="Say that a host beyond the inventory is yours: its name.")
]


@dataclass(frozen=True)
class Wanted:
    """What the person asked for, checked."""

    server: str
    ports: tuple[int, ...]
    names: Names
    login: str
    other: str


def relay(  # noqa: PLR0913 - an option of a command line is a parameter
    server: ServerArgument,
    to: OutsideOption,
    port: PortOption = None,
    domain: HostedOption = "",
    login: LoginOption = "",
    other: OtherOption = "",
    mine: MineOption = "",
    inventory: InventoryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Try whether a server passes mail on for strangers.

    It tries the classic envelopes up to RCPT, at one a second, and sends no mail. Run it from an
    address that the server does not trust: from inside, it proves nothing.
    """
    address = _allowed(server, mine, inventory)
    user = login or other
    names = Names(_mailbox(to), server, "", domain, user.partition("@")[0])
    wanted = Wanted(address, tuple(port or (25, 587)), names, login, other)
    if bool(login) != bool(other):
        raise BadInput("--login and --as belong together", "", "Name both, or neither.")
    found = {each: _tried(wanted, each) for each in wanted.ports}
    sys.stdout.write(_as_json(found) if as_json else _as_text(found))
    raise typer.Exit(findings.code_of(each for one in found.values() for each in one.findings))


def _allowed(server: str, mine: str, inventory: Path | None) -> str:
    """The address of a host that may be tried; raises where it is nobody's that we know."""
    if mine == server:
        return server
    path = inventories.find(inventory)
    known = {each.name: each.address for each in inventories.load(path).hosts} if path else {}
    if server in known:
        return known[server]
    raise PersonNeeded(
        f"{one_line(server, 80)} is not in the inventory",
        "a server that is not yours must not be tried",
        f"If it is yours, say so with --mine {one_line(server, 80)}",
    )


def _mailbox(text: str) -> str:
    local, at, domain = text.rpartition("@")
    plain = text.isascii() and text.isprintable() and " " not in text
    if not (local and at and "." in domain and plain and set('<>%!"{}').isdisjoint(text)):
        raise BadInput(f"{one_line(text, 80)} is no mailbox", "", "Name one of yours with --to.")
    return text


def _tried(wanted: Wanted, port: int) -> Tried:
    helo = socket.gethostname() or "localhost"
    place = Place(wanted.server, port, helo, tls=port == _SUBMISSIONS)
    names = wanted.names
    known = lambda there: Names(names.outside, names.host, there, names.hosted, names.user)  # noqa: E731
    try:
        found = tried(place, known)
        more = _as_other(wanted, place) if wanted.login else ()
    except (smtplib.SMTPException, OSError) as error:
        why = one_line(str(error), 160)
        raise HostUnreachable(f"{wanted.server}:{port} does not speak SMTP to us", why) from error
    return Tried((*found.findings, *more), found.here, found.there)


def _as_other(wanted: Wanted, place: Place) -> tuple[Finding, ...]:
    if not sys.stdin.isatty():
        raise PersonNeeded("The password of the account is asked on a terminal", "there is none")
    password = Secret(getpass.getpass(f"Password of {wanted.login}: "))
    return as_another(place, (wanted.login, password), wanted.other, wanted.names.outside)


def _as_text(found: dict[int, Tried]) -> str:
    rows = [
        (port, each.topic, str(each.state), one_line(each.what, 300), each.next)
        for port, one in found.items()
        for each in one.findings
    ]
    lines = [tabulate(rows, _HEADERS, maxcolwidths=list(_WIDTHS))]
    for port, one in found.items():
        proves = "" if one.is_conclusive else ": a server may trust it, so that this proves nothing"
        lines.append(f"Port {port} of {one.there} was tried from {one.here}{proves}.")
    return "\n".join(lines) + "\n"


def _as_json(found: dict[int, Tried]) -> str:
    told = {
        str(port): {
            "from": one.here,
            "server": one.there,
            "conclusive": one.is_conclusive,
            "findings": [asdict(each) for each in one.findings],
        }
        for port, one in found.items()
    }
    return json.dumps(told, indent=1) + "\n"
