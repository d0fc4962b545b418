"""`respond undo`: take back what an incident did."""

from typing import Annotated

import typer
from rich.console import Console

from playbook import operations
from playbook.cli.desk import Call, host_of, set_up
from playbook.cli.options import (
    HostOption,
    IncidentArgument,
    InventoryOption,
    TakeOverOption,
    YesOption,
)
from playbook.cli.screen import Screen
from playbook.engine import undo as undoing
from playbook.incident import store

StepOption = Annotated[str, typer.Option("--step", help="Take back this step alone.")]


def undo(
    incident: IncidentArgument = "",
    step: StepOption = "",
    host: HostOption = "",
    inventory: InventoryOption = None,
    yes: YesOption = False,
    take_over: TakeOverOption = "",
) -> None:
    """Take back what an incident did, newest first."""
    call = Call(host, inventory, yes, interactive=not yes, override="")
    case = store.load(incident, store.home())
    screen = Screen(Console(stderr=True))
    desk = set_up(call, host_of(call, case.host), screen)
    with operations.held(desk, case, take_over) as server:
        undone = undoing.undo(case, server, desk.person, screen.tells, step)
    for line in undone.taken_back:
        screen.says(f"Taken back. {line}")
    for line in undone.kept:
        screen.says(f"Stays. {line}")
