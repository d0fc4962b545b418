"""`respond journal`: what an incident did and when."""

from pathlib import Path
from typing import Annotated

import typer
from tabulate import tabulate

from playbook.cli.desk import Call, host_of, set_up
from playbook.cli.options import HostOption, IncidentArgument, InventoryOption, JsonOption
from playbook.cli.output import out, result
from playbook.incident import store
from playbook.incident.copies import read_copy
from playbook.incident.incident import Incident
from playbook.incident.journal import Record
from playbook.incident.report.timeline import timeline
from playbook.incident.verification import anchor_from, in_words, verified
from playbook.text import one_line

VerifyOption = Annotated[bool, typer.Option("--verify", help="Check the chain and the evidence.")]


AnchorOption = Annotated[
    list[str] | None, typer.Option("--anchor", help="What a run printed of it when it ended.")
]


def journal(
    incident: IncidentArgument = "",
    verify: VerifyOption = False,
    host: HostOption = "",
    anchor: AnchorOption = None,
    inventory: InventoryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what an incident did and when, or verify it.

    With --host it is compared with the copy that the mail server keeps.
    """
    case = store.load(incident, store.home())
    if verify:
        anchors = [anchor_from(each) for each in anchor or ()]
        theirs = _copy(case, host, inventory) if host else None
        for line in in_words(case, verified(case, theirs, anchors)):
            out(one_line(line, 1_000))
    elif as_json:
        for record in case.journal.records:
            result(record.line + "\n")
    else:
        rows = [
            (f"{each.at:%Y-%m-%d %H:%M:%S}", each.step, one_line(each.what, 1_000))
            for each in timeline(case)
        ]
        out(tabulate(rows, ("UTC", "step", "what"), maxcolwidths=[None, None, 90]))


def _copy(case: Incident, host: str, inventory: Path | None) -> tuple[Record, ...]:
    """The mail server's copy of the incident's journal; () where it keeps none."""
    call = Call(host, inventory, yes=False, interactive=False, override="")
    desk = set_up(call, host_of(call))
    try:
        name, lines = desk.reader().journal_copy(case.name)
    finally:
        desk.transport.close()
    return read_copy(lines) if name == case.name and lines else ()
