"""`respond doctor`: look at a server before the night it is needed."""

import json

import typer

from playbook.cli.desk import Call, host_of, operator_of, set_up
from playbook.cli.options import HostOption, InventoryOption, JsonOption
from playbook.cli.output import out, result
from playbook.engine import host_card
from playbook.engine.preflight import preflight
from playbook.errors import ExitCode
from playbook.text import one_line


def doctor(
    host: HostOption, inventory: InventoryOption = None, as_json: JsonOption = False
) -> None:
    """Look at a server beforehand, and say what has drifted.

    What preflight knows is kept as a card; the next time, what is not as it was is named.
    """
    call = Call(host, inventory, yes=False, interactive=False, override="", as_json=as_json)
    operator = operator_of(call)
    desk = set_up(call, host_of(call), operator)
    seen = desk.reader().survey()
    checked = preflight(seen, elevate=desk.host.elevate)
    card = host_card.card_of(seen)
    drift = host_card.keep(desk.home, desk.host.name, card)
    if call.as_json:
        whole = {"card": card, "stops": checked.stops, "warnings": checked.warnings, "drift": drift}
        result(json.dumps(whole) + "\n")
    else:
        for key, value in card.items():
            out(f"{key}: {one_line(value, 1_000)}")
        for line in (*checked.stops, *checked.warnings, *drift):
            out(f"! {one_line(line, 1_000)}")
    raise typer.Exit(ExitCode.REFUSED if checked.stops else ExitCode.GREEN)
