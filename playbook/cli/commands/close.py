"""`respond close`: end an incident."""

from typing import Annotated

import typer

from playbook import operations
from playbook.cli.acting import act, agreed
from playbook.cli.desk import Call, host_of, operator_of, set_up
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
from playbook.incident import store
from playbook.wiring import Options

KeepDaysOption = Annotated[
    int, typer.Option("--keep-days", min=0, help="How long the spam is kept as evidence.")
]


def close(  # noqa: PLR0913 - a command's options are its parameters
    incident: IncidentArgument = "",
    host: HostOption = "",
    inventory: InventoryOption = None,
    keep_days: KeepDaysOption = 30,
    yes: YesOption = False,
    interactive: InteractiveOption = False,
    override: OverrideOption = "",
    take_over: TakeOverOption = "",
    as_json: JsonOption = False,
) -> None:
    """End an incident: remove its spam and its folder there.

    The SHA-256 of every file that is removed stays in the incident here.
    """
    options = Options(keep_days=keep_days, take_over=take_over)
    call = Call(host, inventory, yes, interactive, override, as_json=as_json)
    operator = operator_of(call)
    case = store.load(incident, store.home())
    desk = set_up(call, host_of(call, case.host), operator)
    agreed(call)
    act(call, desk, operator, lambda desk: operations.close(desk, case, options))
