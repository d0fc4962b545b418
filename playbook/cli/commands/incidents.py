"""`respond incidents`: what is kept here, and what is owed."""

import json
from collections.abc import Iterator
from contextlib import closing

import msgspec

from playbook import wiring
from playbook.cli.ending import command_that_pays
from playbook.cli.options import JsonOption
from playbook.cli.output import out, result
from playbook.incident import store
from playbook.incident.incident import Incident
from playbook.incident.obligations import DOUBTFUL, doubtful, doubts_in
from playbook.incident.phase import standing
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
    for case in cases:
        for line in _lines(case):
            out(line)
    for each in broken:
        out(f"{each.name}\n  {one_line(f'broken: {each.because}', 300)}")
    if not (cases or broken):
        out("No incident is kept here.")


def _lines(case: Incident) -> Iterator[str]:
    """An incident in a few lines: how it stands, what goes on with it, and what it owes."""
    phase = standing(case)
    opened = f"{case.journal.records[0].at:%Y-%m-%d %H:%M} UTC"
    yield "  ".join(filter(None, (case.name, one_line(case.host), opened, str(phase or ""))))
    yield f"  {one_line(', '.join(case.opening.accounts) or 'no account', 300)}"
    command = _next(case)
    yield f"  {_state(case)}" + (f"; `{command}` goes on" if command else "")
    for each in _owed(case):
        words = f"{each.key}: {each.text} ({command_that_pays(each, case)})"
        yield f"  owed: {one_line(words, 900)}"


def _row(case: Incident) -> dict[str, object]:
    phase = standing(case)
    return {
        "incident": case.name,
        "host": case.host,
        "accounts": case.opening.accounts,
        "opened": case.journal.records[0].at.isoformat(),
        "phase": str(phase) if phase else None,
        "state": _state(case),
        "next": _next(case),
        "owed": [msgspec.to_builtins(obligation) for obligation in _owed(case)],
    }


def _owed(case: Incident) -> tuple[Obligation, ...]:
    """What it owes; the doubtful mail as it is counted now."""
    obligations = case.obligations()
    if not any(obligation.key == DOUBTFUL for obligation in obligations):
        return obligations
    with closing(wiring.manifest_of(case)) as manifest:
        now = doubtful(doubts_in(manifest))
    return tuple(now if obligation.key == now.key else obligation for obligation in obligations)


def _state(case: Incident) -> str:
    return one_line(in_words(case, running=_is_running(case)), 300)


def _next(case: Incident) -> str:
    """The command that goes on with it; "" while it runs, and where nothing is left to do."""
    return "" if _is_running(case) else goes_on_with(case)


def _is_running(case: Incident) -> bool:
    return bool(case.folder and store.is_held(case.folder))
