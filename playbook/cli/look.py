"""The commands that look at what is kept here."""

import json
import sys
from contextlib import closing

import msgspec
from rich.console import Console
from tabulate import tabulate

from playbook import wiring
from playbook.engine import catalog
from playbook.engine import runbook as runbooks
from playbook.errors import BadInput, JournalBroken
from playbook.incident import evidence, store
from playbook.incident.incident import Incident
from playbook.incident.journal import verify as verify_chain
from playbook.incident.obligations import doubtful, doubts_in
from playbook.incident.report import facts
from playbook.outcome import Outcome
from playbook.plan import Obligation


def _out(text: str) -> None:
    Console().print(text, markup=False, highlight=False, soft_wrap=True)


def incidents(*, as_json: bool) -> None:
    """`respond incidents`."""
    home = store.home()
    cases = [store.load(name, home) for name in store.names(home)]
    if as_json:
        sys.stdout.write(json.dumps([_row(case) for case in cases]) + "\n")
        return
    rows = [
        (
            case.name,
            case.host,
            _state(case),
            "\n".join(f"{d.key}: {d.text} ({d.pay})" for d in _owed(case)),
        )
        for case in cases
    ]
    _out(tabulate(rows, ("incident", "host", "state", "owed"), maxcolwidths=[None, None, None, 60]))


def _row(case: Incident) -> dict[str, object]:
    owed = [msgspec.to_builtins(obligation) for obligation in _owed(case)]
    return {"incident": case.name, "host": case.host, "state": _state(case), "owed": owed}


def _owed(case: Incident) -> tuple[Obligation, ...]:
    """What it owes; the doubtful mail as it is counted now."""
    obligations = case.obligations()
    if not any(obligation.key == "doubtful" for obligation in obligations):
        return obligations
    with closing(wiring.manifest_of(case)) as manifest:
        now = doubtful(doubts_in(manifest))
    return tuple(now if obligation.key == now.key else obligation for obligation in obligations)


def _state(case: Incident) -> str:
    ended = case.ended
    if ended is None:
        return "broken off: respond resume"
    outcomes = ended.get("outcomes")
    open_ = [
        f"{end} at {step}: respond resume"
        for step, end in (outcomes.items() if isinstance(outcomes, dict) else ())
        if Outcome(end) in (Outcome.FAILED, Outcome.REFUSED, Outcome.UNKNOWN)
    ]
    if ended.get("stopped"):
        return "stopped by a person: respond resume"
    return open_[0] if open_ else "ended"


def discharge(name: str, obligation: str, because: str) -> None:
    """`respond discharge`."""
    case = store.load(name, store.home())
    keys = [obligation.key for obligation in case.obligations()]
    if obligation not in keys:
        raise BadInput(
            f"{case.name} does not owe {obligation}", f"it owes: {', '.join(keys) or 'nothing'}"
        )
    case.journal.append("discharged", "", {"pays": [obligation], "because": because})
    _out(f"{obligation} is settled: {because}")


def journal(name: str, *, verify: bool, as_json: bool) -> None:
    """`respond journal`."""
    case = store.load(name, store.home())
    if verify:
        count = verify_chain(case.journal.records)
        changed = evidence.altered(case.folder / "evidence") if case.folder else ()
        if changed:
            raise JournalBroken("Evidence was altered after it was kept", ", ".join(changed))
        _out(f"{case.name}: {count} records, the chain and the evidence are whole")
    elif as_json:
        for record in case.journal.records:
            sys.stdout.write(record.line + "\n")
    else:
        rows = [
            (f"{each.at:%Y-%m-%d %H:%M:%S}", each.step, each.what) for each in facts.timeline(case)
        ]
        _out(tabulate(rows, ("UTC", "step", "what"), maxcolwidths=[None, None, 90]))


def show(name: str) -> None:
    """`respond show`."""
    book = runbooks.load(name)
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
    _out("\n".join(parts))
