"""`respond blacklists`: what the lists say of a server's addresses, or of those that are named."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, NoReturn

import msgspec
import typer
from tabulate import tabulate

from playbook import wiring
from playbook.cli.desk import Call, host_of, survey
from playbook.cli.options import InventoryOption, JsonOption
from playbook.cli.output import result
from playbook.errors import BadInput, ExitCode
from playbook.exposure.blacklists import Result, Standing
from playbook.exposure.subjects import Subjects, subjects

_HEADERS = ("asked about", "list", "result", "why", "removal")
_WIDTHS = (39, None, None, 48, None)
_NO_ADDRESS = (
    "No public address of the host is known: name it here, or as public_addresses of the host"
)


SubjectsArgument = Annotated[
    list[str] | None,
    typer.Argument(metavar="[ADDRESS|DOMAIN]...", help="What to ask the lists about."),
]
TheirHostOption = Annotated[
    str, typer.Option("--host", help="Ask about the addresses of this host, too.")
]
ResolverOption = Annotated[
    str, typer.Option("--resolver", help="The name server to ask through, ADDRESS[:PORT].")
]


def blacklists(
    named: SubjectsArgument = None,
    host: TheirHostOption = "",
    inventory: InventoryOption = None,
    resolver: ResolverOption = "",
    as_json: JsonOption = False,
) -> None:
    """Ask blacklists about addresses and domains.

    Each says of each: listed, not listed, refused, or not reached.
    """
    ask(Wish(tuple(named or ()), host, inventory, resolver, as_json))


@dataclass(frozen=True)
class Wish:
    """What the person wants to know, of whom, and through which resolver."""

    named: tuple[str, ...]
    host: str
    inventory: Path | None
    resolver: str
    as_json: bool


@dataclass(frozen=True)
class Found:
    """What was asked about and what the lists say; `unknown`: a host whose address nobody told."""

    subjects: Subjects
    standings: tuple[Standing, ...]
    resolver: str
    unknown: bool


def ask(wish: Wish) -> NoReturn:
    """Ask, show, and tell the shell: listed, clean, or not known."""
    if not (wish.named or wish.host):
        raise BadInput("Nothing was named", "", "Name an address, a domain, or a host with --host.")
    named, resolver = wish.named, wish.resolver
    if wish.host:
        call = Call(wish.host, wish.inventory, yes=False, interactive=False, override="")
        host, seen = host_of(call), survey(call)
        named = (*named, *wiring.public_addresses(host).addresses, *seen.addresses)
        resolver = resolver or host.resolver or ""
    lists = wiring.blacklists(resolver)
    asked = subjects(named)
    standings = lists.standings(asked.asked)
    unknown = bool(wish.host) and not asked.has_address
    found = Found(asked, standings, str(lists.resolver), unknown)
    result(_as_json(found) if wish.as_json else _as_table(found))
    raise typer.Exit(_code(found))


def _code(found: Found) -> ExitCode:
    """Red where anything is listed; unknown where of a subject nothing was heard."""
    if any(each.result is Result.LISTED for each in found.standings):
        return ExitCode.RED
    heard = {each.subject for each in found.standings if each.result is Result.NOT_LISTED}
    clean = bool(found.subjects.asked) and heard.issuperset(found.subjects.asked)
    return ExitCode.GREEN if clean and not found.unknown else ExitCode.UNKNOWN


def _as_table(found: Found) -> str:
    rows = [
        (each.subject.text, each.blacklist, str(each.result), each.reason, _removal(each))
        for each in found.standings
    ]
    lines = [tabulate(rows, _HEADERS, maxcolwidths=_WIDTHS)] if rows else []
    lines += [f"! {each.text} was not asked about: {each.why}" for each in found.subjects.left_out]
    lines += [f"! {_NO_ADDRESS}"] if found.unknown else []
    return "\n".join((*lines, f"Asked through {found.resolver}.")) + "\n"


def _removal(standing: Standing) -> str:
    return standing.delisting if standing.result is Result.LISTED else ""


def _as_json(found: Found) -> str:
    whole = {
        "standings": [_row(each) for each in found.standings],
        "not_asked": msgspec.to_builtins(found.subjects.left_out),
        "resolver": found.resolver,
        "address_known": found.subjects.has_address,
    }
    return json.dumps(whole) + "\n"


def _row(standing: Standing) -> dict[str, str]:
    return {
        "subject": standing.subject.text,
        "kind": standing.subject.kind,
        "blacklist": standing.blacklist,
        "zone": standing.zone,
        "result": standing.result,
        "reason": standing.reason,
        "delisting": standing.delisting,
    }
