"""A drill from the first word to its score: what is done, and whether it was mastered."""

import json
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import NoReturn

import typer
from rich.console import Console
from tabulate import tabulate

from playbook import operations, wiring
from playbook.cli import trials
from playbook.cli.operator import CommandLine
from playbook.cli.output import result
from playbook.cli.trials import Trial
from playbook.drill.faults import Fault
from playbook.drill.score import Score
from playbook.drill.server import AttackedServer
from playbook.errors import BadInput, ExitCode
from playbook.hosts import inventory
from playbook.hosts.host import IceWarpOverrides
from playbook.incident.obligations import suspects
from playbook.incident.records import Closed
from playbook.operations import Ended
from playbook.outcome import Outcome
from playbook.wiring import Desk, Options


@dataclass(frozen=True)
class Wish:
    """What the person wants of a drill."""

    size: int
    seed: int
    level: int
    faults: tuple[str, ...]
    trial: str
    keep: Path | None
    as_json: bool


def attacked(wish: Wish) -> AttackedServer:
    """The attacked server that a person wants; raises `BadInput` for a fault that is not known."""
    known = {fault.value: fault for fault in Fault}
    unknown = [name for name in wish.faults if name not in known]
    if unknown:
        raise BadInput(f"There is no fault {unknown[0]}", "", f"There are: {', '.join(known)}.")
    faults = frozenset(known[name] for name in wish.faults)
    return AttackedServer(
        size=wish.size, seed=wish.seed, level=wish.level, faults=faults, folder=wish.keep
    )


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Let a hang-up and a request to end unwind the program, so that the server is taken away."""
    endings = (signal.SIGTERM, signal.SIGHUP)

    def unwind(number: int, _: object) -> NoReturn:
        for each in endings:
            signal.signal(each, signal.SIG_IGN)
        raise SystemExit(128 + number)

    before = {each: signal.signal(each, unwind) for each in endings}
    # A program that a script started in the background was told to ignore Ctrl-C.
    before[signal.SIGINT] = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def rehearse(wish: Wish) -> None:
    """Run the runbook against it and say how it went; exit red where a fault was not mastered."""
    operator = CommandLine(Console(stderr=True, quiet=wish.as_json))
    with (
        ended_by_signals(),
        tempfile.TemporaryDirectory(prefix="respond-drill-") as home,
        attacked(wish) as server,
    ):
        host = inventory.load(server.inventory).host("drill")
        host = replace(host, icewarp=_patience(host.icewarp, wish))
        transport = wiring.transport(host, None)
        desk = Desk(host, transport, operator, canary_patience_s=20, home=Path(home))
        begun = time.monotonic()
        runs = respond_to(server, desk, wish.faults, wish.trial)
        score = server.score(max(map(_claimed, runs)))
        told = _told_by(runs)
        transport.close()
    _say(wish, runs, {**asdict(score), **told, "run_s": round(time.monotonic() - begun, 1)}, score)


def respond_to(
    server: AttackedServer, desk: Desk, faults: tuple[str, ...] = (), trial: str = ""
) -> tuple[Ended, ...]:
    """Contain the account that was noticed and what looks compromised too; then give mail back.

    Nothing goes back while another compromised account submits: its own incident closes it first.
    """
    options = Options(kill="stop-hangs" in faults, per_minute=0)
    if trial:
        return (trials.tried(_trial(trial), desk, server.account, options),)
    first = operations.respond(desk, (server.account,), options)
    if "disk-full-at-reinjection" in faults:
        server.make_room()
        first = operations.resume(desk, first.incident, options)
    others_stolen = suspects(first.incident.obligations())
    if not others_stolen:
        return (first,)
    others = [operations.respond(desk, (account,), options) for account in others_stolen]
    return (
        operations.resume(desk, first.incident, replace(options, first="reinject_good_mail")),
        *others,
    )


def _trial(name: str) -> Trial:
    known = {each.value: each for each in Trial}
    if name not in known:
        raise BadInput(f"There is no trial {name}", "", f"There are: {', '.join(known)}.")
    return known[name]


def _patience(product: IceWarpOverrides, wish: Wish) -> IceWarpOverrides:
    """Short only where the drill makes something hang: the machine may be slow."""
    if "tool-hangs" in wish.faults:
        product = replace(product, tool_patience_s=4)
    if "stop-hangs" in wish.faults:
        product = replace(product, stop_patience_s=6)
    return product


def _claimed(ended: Ended) -> float:
    """When the tool held the leak to be closed: with the queue set aside, nothing leaves."""
    records = ended.incident.journal.records
    closed = [
        each.at.timestamp()
        for each in records
        if isinstance(each.said, Closed) and each.step == "rename_outgoing"
    ]
    return closed[-1] if closed else time.time()


def mastered(score: Score, runs: tuple[Ended, ...], faults: tuple[str, ...] = ()) -> bool:
    """Whether the leak is closed and no mail was lost or sent twice, by the hidden truth.

    Every run ends well, but that giving back stops where other servers refuse our address, and
    where nothing can be written.
    """
    as_it_must = [_ends_well(ended, faults) for ended in runs]
    return (
        all(as_it_must)
        and score.mails_lost == score.mails_sent_twice == 0
        and score.spam_left_after == score.spam_accepted_after == score.spam_reinjected == 0
        and score.smtp_answers
        and score.watchdog_as_before
        and score.stolen_passwords_refused
    )


def _ends_well(ended: Ended, faults: tuple[str, ...]) -> bool:
    if {"remote-refuses-address", "disk-full"} & set(faults):
        return ended.outcomes["reinject_good_mail"] is Outcome.FAILED
    return ended.code in (ExitCode.GREEN, ExitCode.OWED)


def _told_by(runs: tuple[Ended, ...]) -> dict[str, object]:
    """What the score cannot know: what the tool itself says of its work."""
    doubtful = decisions = 0
    for ended in runs:
        with closing(wiring.manifest_of(ended.incident)) as manifest:
            counts = manifest.counts()
        doubtful, decisions = doubtful + counts.doubtful, decisions + counts.decisions_open
    obligations = [obligation.key for ended in runs for obligation in ended.incident.obligations()]
    return {"doubtful": doubtful, "decisions": decisions, "obligations_open": obligations}


def _say(wish: Wish, runs: tuple[Ended, ...], figures: dict[str, object], score: Score) -> None:
    good = mastered(score, runs, wish.faults)
    whole = {**figures, "mastered": good}
    if wish.as_json:
        result(json.dumps(whole) + "\n")
    else:
        rows = [(name.replace("_", " "), _shown(value)) for name, value in whole.items()]
        Console().print(tabulate(rows), markup=False, highlight=False)
    raise typer.Exit(ExitCode.GREEN if good else ExitCode.RED)


def _shown(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.1f}"
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
