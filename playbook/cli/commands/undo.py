"""`respond undo`: take back what an incident did."""

from contextlib import closing
from typing import Annotated

import typer

from playbook import operations
from playbook.cli.desk import Call, host_of, operator_of, set_up
from playbook.cli.options import (
    DryRunOption,
    HostOption,
    IncidentArgument,
    InventoryOption,
    OverrideOption,
    TakeOverOption,
    YesOption,
)
from playbook.engine import undo as undoing
from playbook.incident import store
from playbook.wiring import manifest_of

StepOption = Annotated[str, typer.Option("--step", help="Take back this step alone.")]


SpamOption = Annotated[
    bool, typer.Option("--with-spam", help="Merge what was set aside back, with its spam.")
]


def undo(  # noqa: PLR0913 - a command's options are its parameters
    incident: IncidentArgument = "",
    step: StepOption = "",
    host: HostOption = "",
    inventory: InventoryOption = None,
    with_spam: SpamOption = False,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    override: OverrideOption = "",
    take_over: TakeOverOption = "",
) -> None:
    """Take back what an incident did, newest first, after it was shown.

    Mail that was set aside stays aside, because spam lies in it.
    """
    case = store.load(incident, store.home())
    call = Call(host, inventory, yes, interactive=not yes, override=override)
    operator = operator_of(call)

    def show(found: undoing.Overview) -> None:
        for line in found.lines():
            operator.says(line)

    if dry_run:
        with closing(manifest_of(case)) as manifest:
            show(undoing.overview(case, manifest, step, with_spam=with_spam))
        operator.says("Dry run: nothing was changed.")
        return
    desk = set_up(call, host_of(call, case.host), operator)
    undone = operations.undo(desk, case, show, step=step, with_spam=with_spam, take_over=take_over)
    for line in undone.taken_back:
        operator.says(f"Taken back. {line}")
