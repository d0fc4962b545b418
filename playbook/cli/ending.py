"""How a run ended: said on the screen, as JSON, and to the shell."""

import contextlib
import json
import shlex
from typing import Final, NoReturn

import msgspec
import typer

from playbook.cli.desk import Call
from playbook.cli.output import result
from playbook.cli.screen import Screen
from playbook.errors import ExitCode, Unheard
from playbook.incident.incident import Incident
from playbook.incident.records import Closed, Intended
from playbook.incident.standing import goes_on_with
from playbook.incident.verification import anchor_of
from playbook.operations import Ended
from playbook.outcome import Outcome
from playbook.plan import Irreversible, Obligation

# Which outcomes lead to a code; the first step that ended so is the reason.
_REASONS: Final = {
    ExitCode.UNKNOWN: Outcome.UNKNOWN,
    ExitCode.RED: Outcome.FAILED,
    ExitCode.REFUSED: Outcome.REFUSED,
    ExitCode.UNPROVEN: Outcome.UNPROVEN,
    ExitCode.PERSON: Outcome.SKIPPED,
}
# A dry run is done where it shows what a run would do, whatever that would leave owed.
_FORESEEN: Final = (ExitCode.GREEN, ExitCode.OWED, ExitCode.UNPROVEN, ExitCode.PERSON)


def end(call: Call, screen: Screen, ended: Ended, *, foreseen: bool) -> NoReturn:
    """Say how it ended and why, what is owed and what to type next; end with the code for it."""
    code = ended.code
    if foreseen:
        code = ExitCode.GREEN if code in _FORESEEN else code
        _say_foreseen(screen, ended)
    else:
        _say_ended(screen, ended)
    if call.as_json:
        with contextlib.suppress(Unheard, SystemExit):  # the code tells how the run ended
            result(json.dumps({**_as_json(ended), "exit": int(code)}) + "\n")
    raise typer.Exit(code)


def _say_foreseen(screen: Screen, ended: Ended) -> None:
    intended = ended.incident.all(Intended)
    final = sum(isinstance(each.undo, Irreversible) for each in intended)
    reason = "" if ended.code in _FORESEEN else _reason(ended)
    if reason:
        screen.says(f"A run would not come to its end: {reason}")
    screen.says(
        f"Dry run: nothing was changed. {counted(len(intended), 'change')} would be made, "
        f"{final} of them for good."
    )


def _say_ended(screen: Screen, ended: Ended) -> None:
    case = ended.incident
    owed = case.obligations()
    if owed:
        screen.says(f"Owed ({len(owed)}):")
    for each in owed:
        screen.says(f"  {each.text} ({command_that_pays(each, case)})")
    if ended.report:
        screen.says(f"Report: {ended.report}")
        noted = anchor_of(case.journal.records)
        screen.says(f"To be noted elsewhere: `respond journal --verify --anchor {noted}`")
    reason = ended.stopped or _reason(ended)
    because = f" ({reason})" if reason else ""
    screen.concludes(ended.code, f"{ended.code.meaning}{because}")
    if command := goes_on_with(case):
        screen.says(f"`{command}` goes on from here.")


def _reason(ended: Ended) -> str:
    """The first step that ended in the way that the code is for, and why."""
    wanted = _REASONS.get(ended.code)
    at = next((step for step, end in ended.outcomes.items() if end is wanted), None)
    if at is None:
        return ""
    ends = [each.said for each in ended.incident.journal.records if each.step == at]
    why = next((each for each in reversed(ends) if isinstance(each, Closed)), None)
    if why is None:
        return at
    return f"{at}: {why.because}, because {why.cause}" if why.cause else f"{at}: {why.because}"


def command_that_pays(owed: Obligation, case: Incident) -> str:
    """The command that pays an obligation, whole: with the incident's name, and its own key."""
    match owed.pay:
        case "respond resume" | "respond review" | "respond reinject" | "respond close":
            return f"{owed.pay} {case.name}"
        case "respond discharge":
            return f"{owed.pay} {shlex.quote(owed.key)} --because TEXT --incident {case.name}"
        case _:
            return owed.pay


def counted(count: int, word: str) -> str:
    """A number of things: "1 change", "2 changes"."""
    return f"{count:,} {word}" if count == 1 else f"{count:,} {word}s"


def _as_json(ended: Ended) -> dict[str, object]:
    case = ended.incident
    return {
        "incident": case.name,
        "outcomes": {name: str(outcome) for name, outcome in ended.outcomes.items()},
        "changes": [msgspec.to_builtins(each) for each in case.all(Intended)],
        "owed": [msgspec.to_builtins(obligation) for obligation in case.obligations()],
        "reason": ended.stopped or _reason(ended),
    }
