"""`respond incidents`: what is kept here, and what is owed."""

import json
from contextlib import closing
from typing import Final

import msgspec
from tabulate import tabulate

from playbook import wiring
from playbook.cli.options import JsonOption
from playbook.cli.output import out, result
from playbook.incident import store
from playbook.incident.incident import Incident
from playbook.incident.obligations import DOUBTFUL, doubtful, doubts_in
from playbook.incident.records import BrokenOff, RunEnded, UndoEnded
from playbook.outcome import Outcome
from playbook.plan import Obligation
from playbook.text import one_line


def incidents(as_json: JsonOption = False) -> None:
    """List the incidents kept here, with what they still owe."""
    home = store.home()
    cases = [store.load(name, home) for name in store.names(home)]
    if as_json:
        result(json.dumps([_row(case) for case in cases]) + "\n")
        return
    rows = [
        (
            case.name,
            case.host,
            _state(case),
            "\n".join(one_line(f"{d.key}: {d.text} ({d.pay})", 500) for d in _owed(case)),
        )
        for case in cases
    ]
    out(tabulate(rows, ("incident", "host", "state", "owed"), maxcolwidths=[None, None, None, 60]))


def _row(case: Incident) -> dict[str, object]:
    owed = [msgspec.to_builtins(obligation) for obligation in _owed(case)]
    return {"incident": case.name, "host": case.host, "state": _state(case), "owed": owed}


def _owed(case: Incident) -> tuple[Obligation, ...]:
    """What it owes; the doubtful mail as it is counted now."""
    obligations = case.obligations()
    if not any(obligation.key == DOUBTFUL for obligation in obligations):
        return obligations
    with closing(wiring.manifest_of(case)) as manifest:
        now = doubtful(doubts_in(manifest))
    return tuple(now if obligation.key == now.key else obligation for obligation in obligations)


def _state(case: Incident) -> str:
    match case.ending:
        case None:
            return "broken off: respond resume"
        case BrokenOff(what):
            return f"broken off, because {what}: respond resume"
        case UndoEnded():
            return "taken back by a person: respond resume"
        case RunEnded(outcomes, stopped):
            if stopped:
                return "stopped by a person: respond resume"
            open_ = [step for step, end in outcomes.items() if end in _OPEN]
            at = f"{outcomes[open_[0]]} at {open_[0]}: respond resume" if open_ else ""
            return at or "ended"


_OPEN: Final = (Outcome.FAILED, Outcome.REFUSED, Outcome.UNKNOWN)
