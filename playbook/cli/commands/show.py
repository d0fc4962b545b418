"""`respond show`: a runbook as prose."""

from typing import Annotated

import typer

from playbook.cli.output import out
from playbook.engine import catalog
from playbook.engine import runbook as runbooks
from playbook.mail import products
from playbook.plan import Action, EvidencePreserved, IncidentAction

RunbookArgument = Annotated[str, typer.Argument(help="The runbook.")]


def show(runbook: RunbookArgument = "compromised-account") -> None:
    """Print a runbook as prose, with the manual commands.

    It is for the night when the program does not work: print it beforehand.
    """
    book = runbooks.load(runbook)
    shown: dict[type[Action], str] = {}
    parts = [book.title, f"When: {book.when}", f"Source: {book.source}", ""]
    for number, line in enumerate(book.step, 1):
        step = catalog.step_class(line.do)
        parts += [
            f"{number}. {line.do}: {catalog.sentence(step)}",
            f"   Why here: {line.because}",
            *[f"   {each}" for each in catalog.explanation(step).splitlines()],
            *[f"   by hand: {each}" for each in (*step.by_hand, *_commands(step.acts, shown))],
            "",
        ]
        shown |= {kind: line.do for kind in step.acts if kind not in shown}
    out("\n".join(parts))


def _commands(kinds: tuple[type[Action], ...], shown: dict[type[Action], str]) -> list[str]:
    """What a person types for each kind of action; what an earlier step showed is only named."""
    lines: list[str] = []
    for kind in kinds:
        if kind in shown:
            lines.append(f"as in {shown[kind]}, for what this step is about")
        elif kind is EvidencePreserved:
            lines += products.evidence_by_hand()
        elif not issubclass(kind, IncidentAction):
            lines += products.by_hand(kind)
    return lines
