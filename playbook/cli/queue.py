"""The commands about the mail of a queue, each a door to one function."""

from pathlib import Path
from typing import Annotated

import typer

from playbook.cli.options import (
    AccountOption,
    DryRunOption,
    HostOption,
    IncidentArgument,
    InteractiveOption,
    InventoryOption,
    JsonOption,
    OverrideOption,
    TakeOverOption,
    YesOption,
)

queue = typer.Typer()


@queue.command()
def adopt(  # noqa: PLR0913
    folder: Annotated[
        str, typer.Argument(help="The queue that was renamed by hand, its path on the server.")
    ],
    account: AccountOption = None,
    host: HostOption = "local",
    inventory: InventoryOption = None,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    interactive: InteractiveOption = False,
    override: OverrideOption = "",
    take_over: TakeOverOption = "",
    as_json: JsonOption = False,
) -> None:
    """Open an incident around an outgoing queue that somebody renamed by hand, and sort it."""
    from playbook.cli import run  # noqa: PLC0415
    from playbook.cli.desk import Call  # noqa: PLC0415

    call = Call(host, inventory, yes, interactive, override, as_json=as_json)
    run.adopt(call, "outgoing", folder, tuple(account or ()), take_over, dry_run=dry_run)


@queue.command()
def triage(
    folder: Annotated[
        Path, typer.Argument(help="The folder of queue files, here or (with --host) there.")
    ],
    account: AccountOption = None,
    logs: Annotated[
        list[Path] | None, typer.Option("--logs", help="An SMTP log, or a folder of them.")
    ] = None,
    host: Annotated[
        str, typer.Option("--host", help="The mail server, with its own logs; else a copy here.")
    ] = "",
    inventory: InventoryOption = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One line of JSON a file: path, verdict, reasons.")
    ] = False,
) -> None:
    """Sort a queue into spam, good and doubtful, with reasons; nothing is moved."""
    from playbook.cli import triage as sorting  # noqa: PLC0415
    from playbook.cli.desk import Call  # noqa: PLC0415

    if host:
        call = Call(host, inventory, yes=False, interactive=False, override="", as_json=as_json)
        sorting.triage_there(call, str(folder), tuple(account or ()))
        return
    sorting.triage(folder, tuple(account or ()), tuple(logs or ()), as_json=as_json)


@queue.command()
def review(
    incident: IncidentArgument = "",
    host: HostOption = "",
    inventory: InventoryOption = None,
    export: Annotated[
        Path | None, typer.Option("--export", help="Write a spreadsheet to fill in (CSV).")
    ] = None,
    imported: Annotated[
        Path | None, typer.Option("--import", help="Take the decisions of a filled-in one.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Decide what the sorting could not: the doubtful mail of an incident, cluster by cluster."""
    from playbook.cli import review as reviewing  # noqa: PLC0415

    reviewing.run(reviewing.Call(incident, host, inventory, export, imported, as_json))


@queue.command()
def reinject(  # noqa: PLR0913
    incident: IncidentArgument = "",
    host: HostOption = "",
    inventory: InventoryOption = None,
    rate: Annotated[
        int, typer.Option("--rate", min=0, help="Mails a minute after the first ten; 0 unpaced.")
    ] = 60,
    default_from: Annotated[
        str, typer.Option("--default-from", help="The From: of mail that has none; else unchanged.")
    ] = "",
    yes: YesOption = False,
    interactive: InteractiveOption = False,
    override: OverrideOption = "",
    take_over: TakeOverOption = "",
    as_json: JsonOption = False,
) -> None:
    """Give the good mail of an incident back: what was decided since, and what is left."""
    from playbook.cli import run  # noqa: PLC0415
    from playbook.cli.desk import Call  # noqa: PLC0415
    from playbook.wiring import Options  # noqa: PLC0415

    options = Options(
        first="reinject_good_mail",
        take_over=take_over,
        per_minute=rate,
        default_from=default_from,
    )
    call = Call(host, inventory, yes, interactive, override, as_json=as_json)
    run.resume(call, incident, options)


@queue.command("repair-incoming")
def repair_incoming(  # noqa: PLR0913
    folder: Annotated[
        str, typer.Argument(help="The `_incoming` that was renamed by hand, on the server.")
    ],
    account: AccountOption = None,
    host: HostOption = "local",
    inventory: InventoryOption = None,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    interactive: InteractiveOption = False,
    override: OverrideOption = "",
    take_over: TakeOverOption = "",
    as_json: JsonOption = False,
) -> None:
    """Sort an incoming queue that was renamed by hand, and put its good pairs back."""
    from playbook.cli import run  # noqa: PLC0415
    from playbook.cli.desk import Call  # noqa: PLC0415

    call = Call(host, inventory, yes, interactive, override, as_json=as_json)
    run.adopt(call, "incoming", folder, tuple(account or ()), take_over, dry_run=dry_run)


@queue.command()
def blacklists(
    named: Annotated[
        list[str] | None,
        typer.Argument(metavar="[ADDRESS|DOMAIN]...", help="What to ask the lists about."),
    ] = None,
    host: Annotated[
        str, typer.Option("--host", help="Ask about the addresses of this host, too.")
    ] = "",
    inventory: InventoryOption = None,
    resolver: Annotated[
        str, typer.Option("--resolver", help="The name server to ask through, ADDRESS[:PORT].")
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Ask six blacklists about addresses and domains: listed, not listed, refused, unreachable."""
    from playbook.cli import blacklists as asking  # noqa: PLC0415

    asking.blacklists(asking.Wish(tuple(named or ()), host, inventory, resolver, as_json))
