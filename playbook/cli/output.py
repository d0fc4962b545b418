"""What a command says: its result on standard output, notes on standard error."""

import sys

from rich.console import Console

from playbook.text import one_line


def out(text: str) -> None:
    """A text as it is: no markup in it is understood, and no line is wrapped."""
    Console().print(text, markup=False, highlight=False, soft_wrap=True)


def note(text: str) -> None:
    """A line on standard error, bounded and harmless."""
    sys.stderr.write(one_line(text, 2_000) + "\n")
