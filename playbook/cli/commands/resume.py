"""`respond resume`: take an incident up again."""

from typing import Annotated, NoReturn

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
    KillOption,
    OverrideOption,
    TakeOverOption,
    UntilOption,
    YesOption,
)
from playbook.errors import BadInput, JournalError
from playbook.incident import store
from playbook.incident.incident import Incident
from playbook.wiring import Options

FromOption = Annotated[
    str, typer.Option("--from", help="Take this step and those after it once more.")
]


def resume(  # noqa: PLR0913 - a command's options are its parameters
    incident: IncidentArgument = "",
    host: HostOption = "",
    inventory: InventoryOption = None,
    yes: YesOption = False,
    interactive: InteractiveOption = False,
    first: FromOption = "",
    until: UntilOption = "",
    kill: KillOption = False,
    override: OverrideOption = "",
    take_over: TakeOverOption = "",
    as_json: JsonOption = False,
) -> None:
    """Take an incident up again, from any machine.

    The mail server keeps a copy of its journal, and what it really shows decides what is left.
    """
    options = Options(kill=kill, first=first, last=until, take_over=take_over)
    call = Call(host, inventory, yes, interactive, override, as_json=as_json)
    go_on(call, incident, options)


def go_on(call: Call, name: str, options: Options) -> NoReturn:
    """Go on with an incident that is kept here, or that the server has a copy of."""
    operator = operator_of(call)
    case = _kept(name, or_there=bool(call.host))
    if case is None and not call.host:
        remedy = "Name the server with --host: it keeps a copy of its incidents."
        raise BadInput(" ".join(f"There is no incident {name} here".split()), "", remedy)
    desk = set_up(call, host_of(call, case.host if case else ""), operator)
    if call.host or case is None:
        case = operations.fetch(desk, name) or case
    if case is None:
        raise BadInput("Neither this machine nor the server knows an incident")
    found = case
    agreed(call)
    act(call, desk, operator, lambda desk: operations.resume(desk, found, options))


def _kept(name: str, *, or_there: bool) -> Incident | None:
    """The incident as it is kept here; `or_there`: a damaged one is taken from the server."""
    home = store.home()
    if not any(each.startswith(name) for each in store.names(home)):
        return None
    try:
        return store.load(name, home)
    except JournalError:
        if or_there:
            return None
        raise
