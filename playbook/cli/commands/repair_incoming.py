"""`respond repair-incoming`: go on from what was renamed by hand."""

from typing import Annotated

import typer

from playbook.cli.acting import adopt_folder
from playbook.cli.desk import Call
from playbook.cli.options import (
    AccountOption,
    DryRunOption,
    HostOption,
    InteractiveOption,
    InventoryOption,
    JsonOption,
    OverrideOption,
    TakeOverOption,
    YesOption,
)
from playbook.mail.survey import Role, SetAside

FolderArgument = Annotated[
    str, typer.Argument(help="The `_incoming` that was renamed by hand, on the server.")
]


def repair_incoming(  # noqa: PLR0913 - a command's options are its parameters
    folder: FolderArgument,
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
    """Go on from an incoming queue that somebody renamed by hand.

    It is sorted, and its good pairs are put back.
    """
    call = Call(host, inventory, yes, interactive, override, as_json=as_json)
    aside = SetAside(Role.INCOMING, folder)
    adopt_folder(call, aside, tuple(account or ()), take_over, dry_run=dry_run)
