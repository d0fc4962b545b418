"""`respond journal`: what an incident did and when."""

from typing import Annotated

import typer
from tabulate import tabulate

from playbook.cli.options import IncidentArgument, JsonOption
from playbook.cli.output import out, result
from playbook.errors import JournalBroken
from playbook.incident import evidence, store
from playbook.incident.journal import verify as verify_chain
from playbook.incident.report import facts
from playbook.text import one_line

VerifyOption = Annotated[bool, typer.Option("--verify", help="Check the chain and the evidence.")]


def journal(
    incident: IncidentArgument = "", verify: VerifyOption = False, as_json: JsonOption = False
) -> None:
    """Show what an incident did and when, or verify it."""
    case = store.load(incident, store.home())
    if verify:
        count = verify_chain(case.journal.records)
        changed = evidence.altered(case.folder / "evidence") if case.folder else ()
        if changed:
            raise JournalBroken("Evidence was altered after it was kept", ", ".join(changed))
        out(f"{case.name}: {count} records, the chain and the evidence are whole")
    elif as_json:
        for record in case.journal.records:
            result(record.line + "\n")
    else:
        rows = [
            (f"{each.at:%Y-%m-%d %H:%M:%S}", each.step, one_line(each.what, 1_000))
            for each in facts.timeline(case)
        ]
        out(tabulate(rows, ("UTC", "step", "what"), maxcolwidths=[None, None, 90]))
