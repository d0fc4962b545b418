"""`respond reinject`: give the good mail of an incident back."""

from typing import Annotated

import typer

from playbook.cli.commands.resume import go_on
from playbook.cli.desk import Call
from playbook.cli.options import (
    HostOption,
    IncidentArgument,
    InteractiveOption,
    InventoryOption,
    JsonOption,
    OverrideOption,
    TakeOverOption,
    YesOption,
)
from playbook.wiring import Options

RateOption = Annotated[
    int, typer.Option("--rate", min=0, help="Mails a minute after the first ten; 0 unpaced.")
]
DefaultFromOption = Annotated[
    str, typer.Option("--default-from", help="The From: of mail that has none; else unchanged.")
]


def reinject(  # noqa: PLR0913 - a command's options are its parameters
    incident: IncidentArgument = "",
    host: HostOption = "",
    inventory: InventoryOption = None,
    rate: RateOption = 60,
    default_from: DefaultFromOption = "",
    yes: YesOption = False,
    interactive: InteractiveOption = False,
    override: OverrideOption = "",
    take_over: TakeOverOption = "",
    as_json: JsonOption = False,
) -> None:
    """Give the good mail of an incident back.

    That is what was decided since, and what is left: ten first, and the rest when they left.
    """
    options = Options(
        first="reinject_good_mail",
        take_over=take_over,
        per_minute=rate,
        default_from=default_from,
    )
    call = Call(host, inventory, yes, interactive, override, as_json=as_json)
    go_on(call, incident, options)
