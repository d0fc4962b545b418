"""`respond discharge`: an obligation was met by hand."""

from typing import Annotated

import typer

from playbook.cli.output import out
from playbook.errors import BadInput
from playbook.incident import store
from playbook.incident.records import Discharged

ObligationArgument = Annotated[
    str, typer.Argument(help="The obligation, as `respond incidents` names it.")
]
BecauseOption = Annotated[str, typer.Option("--because", help="What was done about it.")]
IncidentOption = Annotated[
    str, typer.Option("--incident", help="The incident; the newest without it.")
]


def discharge(
    obligation: ObligationArgument, because: BecauseOption, incident: IncidentOption = ""
) -> None:
    """Say that an obligation was met by hand, with how."""
    case = store.load(incident, store.home())
    with store.held(case):
        keys = [obligation.key for obligation in case.obligations()]
        if obligation not in keys:
            raise BadInput(
                f"{case.name} does not owe {obligation}",
                f"it owes: {', '.join(keys) or 'nothing'}",
            )
        case.journal.append(Discharged((obligation,), because))
    out(f"{obligation} is settled: {because}")
