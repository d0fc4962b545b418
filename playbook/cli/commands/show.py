"""`respond show`: a runbook as prose."""

from typing import Annotated

import typer

from playbook.cli.output import out
from playbook.engine import catalog
from playbook.engine import runbook as runbooks

RunbookArgument = Annotated[str, typer.Argument(help="The runbook.")]


def show(runbook: RunbookArgument = "compromised-account") -> None:
    """Print a runbook as prose, with the manual commands.

    It is for the night when the program does not work: print it beforehand.
    """
    book = runbooks.load(runbook)
    parts = [book.title, f"When: {book.when}", f"Source: {book.source}", ""]
    for number, line in enumerate(book.step, 1):
        step = catalog.step_class(line.do)
        parts += [
            f"{number}. {line.do}: {catalog.sentence(step)}",
            f"   Why here: {line.because}",
            *[f"   {each}" for each in catalog.explanation(step).splitlines()],
            *[f"   by hand: {each}" for each in step.by_hand],
            "",
        ]
    out("\n".join(parts))
