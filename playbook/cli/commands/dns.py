"""`respond dns`: what domains publish about their mail, and how it stands."""

import sys
from typing import Annotated

import typer

from playbook import wiring
from playbook.cli import findings
from playbook.cli.options import JsonOption
from playbook.errors import BadInput
from playbook.exposure.published import Wanted, published
from playbook.exposure.subjects import Kind, NotAsked, subject
from playbook.text import one_line

DomainsArgument = Annotated[list[str], typer.Argument(metavar="DOMAIN...", help="Mail domains.")]
AddressOption = Annotated[
    list[str] | None,
    typer.Option("--address", help="An address that the server sends from; as often as wanted."),
]
SelectorOption = Annotated[
    list[str] | None,
    typer.Option("--selector", help="The selector of a DKIM key that the server signs with."),
]
HeloOption = Annotated[str, typer.Option("--helo", help="The name that the server greets with.")]
ResolverOption = Annotated[
    str, typer.Option("--resolver", help="The name server to ask through, ADDRESS[:PORT].")
]


def dns(
    domains: DomainsArgument,
    address: AddressOption = None,
    selector: SelectorOption = None,
    helo: HeloOption = "",
    resolver: ResolverOption = "",
    as_json: JsonOption = False,
) -> None:
    """Look at what domains publish: MX, SPF, DMARC, DKIM, reverse names.

    Only DNS is asked, from this machine. What nobody answered is unknown, never good.
    """
    wanted = Wanted(
        tuple(_of_kind(each, Kind.DOMAIN) for each in domains),
        tuple(_of_kind(each, Kind.IP4, Kind.IP6) for each in address or ()),
        tuple(_selector(each) for each in selector or ()),
        _of_kind(helo, Kind.DOMAIN) if helo else "",
    )
    asked = wiring.resolver(resolver)
    found = published(wanted, asked)
    told = findings.as_table(found) + f"Asked through {asked}.\n"
    sys.stdout.write(findings.as_json(found) if as_json else told)
    raise typer.Exit(findings.code_of(found))


def _of_kind(text: str, *kinds: Kind) -> str:
    """The one writing of a domain or a public address; raises `BadInput` for anything else."""
    found = subject(text)
    if isinstance(found, NotAsked):
        raise BadInput(f"{one_line(text, 80)} cannot be asked about", found.why)
    if found.kind not in kinds:
        wanted = "a domain" if Kind.DOMAIN in kinds else "an address"
        raise BadInput(f"{one_line(text, 80)} is not {wanted}")
    return found.text


def _selector(text: str) -> str:
    if not text.isascii() or not text.replace("-", "").replace("_", "").replace(".", "").isalnum():
        raise BadInput(f"{one_line(text, 80)} is no selector of DKIM")
    return text.lower()
