"""`respond incidents`: what is kept here, and what is owed."""

import json
from contextlib import closing

import msgspec
from tabulate import tabulate

from playbook import wiring
from playbook.cli.options import JsonOption
from playbook.cli.output import out, result
from playbook.incident import store
from playbook.incident.incident import Incident
from playbook.incident.obligations import DOUBTFUL, doubtful, doubts_in
from playbook.incident.standing import goes_on_with, in_words
from playbook.plan import Obligation
from playbook.text import one_line


def incidents(as_json: JsonOption = False) -> None:
    """List the incidents kept here, with what they still owe."""
    cases, broken = store.kept(store.home())
    if as_json:
        unread = [{"incident": each.name, "state": f"broken: {each.because}"} for each in broken]
        result(json.dumps([*map(_row, cases), *unread]) + "\n")
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
    rows += [(each.name, "", one_line(f"broken: {each.because}", 300), "") for each in broken]
    out(tabulate(rows, ("incident", "host", "state", "owed"), maxcolwidths=[None, None, 40, 60]))


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
    """How it stands, and the command that goes on with it."""
    running = bool(case.folder and store.is_held(case.folder))
    command = "" if running else goes_on_with(case)
    return one_line(": ".join(filter(None, (in_words(case, running=running), command))), 300)
