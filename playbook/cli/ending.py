"""How a run ended: said on the screen, as JSON, and to the shell."""

import contextlib
import json
from typing import NoReturn

import msgspec
import typer

from playbook.cli.desk import Call
from playbook.cli.output import result
from playbook.cli.screen import Screen
from playbook.errors import Unheard
from playbook.incident.records import Intended
from playbook.incident.verification import anchor_of
from playbook.operations import Ended


def end(call: Call, screen: Screen, ended: Ended, *, foreseen: bool) -> NoReturn:
    """Say how it ended, and end with the code that says so."""
    for warning in ended.preflight.warnings:
        screen.says(f"Note: {warning}")
    if ended.stopped:
        screen.says(ended.stopped)
    for obligation in () if foreseen else ended.incident.obligations():
        screen.says(f"Owed: {obligation.text} ({obligation.pay})")
    if ended.report:
        screen.says(f"Report: {ended.report}")
        noted = anchor_of(ended.incident.journal.records)
        screen.says(f"To be noted elsewhere: `respond journal --verify --anchor {noted}`")
    if foreseen:
        screen.says("Dry run: nothing was changed.")
    screen.says(f"{ended.code.name}: {ended.code.meaning}")
    if call.as_json:
        with contextlib.suppress(Unheard, SystemExit):  # the code tells how the run ended
            result(json.dumps(_as_json(ended)) + "\n")
    raise typer.Exit(ended.code)


def _as_json(ended: Ended) -> dict[str, object]:
    return {
        "incident": ended.incident.name,
        "outcomes": {name: str(outcome) for name, outcome in ended.outcomes.items()},
        "changes": [msgspec.to_builtins(each) for each in ended.incident.all(Intended)],
        "owed": [msgspec.to_builtins(obligation) for obligation in ended.incident.obligations()],
        "exit": int(ended.code),
    }
