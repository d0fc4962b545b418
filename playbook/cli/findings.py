"""Findings of a look from outside, as a table, as JSON, and for the shell."""

import json
from collections.abc import Iterable
from dataclasses import asdict

from tabulate import tabulate

from playbook.errors import ExitCode
from playbook.exposure.finding import Finding, State
from playbook.text import one_line

_HEADERS = ("of", "what", "", "seen", "to do")
_WIDTHS = (28, 22, None, 40, 36)
_MOST_CHARACTERS = 400


def code_of(found: Iterable[Finding]) -> ExitCode:
    """Red where something differs; unknown where something was not to be had."""
    states = {each.state for each in found}
    if State.DIFFERS in states:
        return ExitCode.RED
    return ExitCode.UNKNOWN if State.UNKNOWN in states else ExitCode.GREEN


def as_table(found: Iterable[Finding]) -> str:
    """A row a point; what came from outside is made harmless."""
    rows = [
        (
            one_line(each.subject, 100),
            one_line(each.topic, 100),
            str(each.state),
            one_line(each.what, _MOST_CHARACTERS),
            one_line(each.next, _MOST_CHARACTERS),
        )
        for each in found
    ]
    return f"{tabulate(rows, _HEADERS, maxcolwidths=list(_WIDTHS))}\n"


def as_json(found: Iterable[Finding]) -> str:
    """The points as a list for programs."""
    return json.dumps([asdict(each) for each in found], indent=1) + "\n"
