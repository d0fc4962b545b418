"""The commands that go to a mail server: build the desk, call one function, render, exit."""

import json
import os
import re
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import FrameType
from typing import Final, NoReturn

import msgspec
import typer
from rich.console import Console

from playbook import operations
from playbook.cli.desk import Call, described, host_of, set_up
from playbook.cli.screen import Screen
from playbook.detection.signs import suspicions_in
from playbook.engine import saved_plan
from playbook.engine import undo as undoing
from playbook.errors import BadInput, PersonNeeded
from playbook.incident import store
from playbook.incident.incident import Incident
from playbook.incident.journal import Journal
from playbook.mail.icewarp.by_hand import commands
from playbook.mail.survey import Role, SetAside, Survey
from playbook.operations import Ended
from playbook.plan import Change, IncidentAction, action_from_json
from playbook.secret import Secret
from playbook.wiring import Desk, Options

_FOLDER: Final = re.compile(r"/[^\x00-\x1f]+[^/\x00-\x1f]")
_ACCOUNT: Final = re.compile(r"[\w.+'-]+(@[\w.-]+)?")


@dataclass
class _Interrupts:
    """Ctrl-C once: stop at the next boundary. Twice: stop now."""

    asked: bool = False

    def __call__(self) -> bool:
        return self.asked

    def install(self) -> None:
        """Take the signal over."""
        signal.signal(signal.SIGINT, self._signalled)

    def _signalled(self, number: int, frame: FrameType | None) -> None:
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True
        sys.stderr.write("\nStopping at the next boundary; Ctrl-C again stops now.\n")


@dataclass
class _Passwords:
    """The new passwords, kept only where a person asked for them."""

    call: Call
    made: dict[str, Secret] = field(default_factory=dict)

    def keep(self, account: str, secret: Secret) -> None:
        """Remember it, or let it go."""
        if self.call.show_password or self.call.password_file:
            self.made[account] = secret

    def hand_over(self) -> None:
        """Print them or write them (mode 0600), as was asked."""
        text = "".join(f"{name} {secret.reveal()}\n" for name, secret in self.made.items())
        path = self.call.password_file
        if path and text:
            try:
                descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            except OSError as error:
                sys.stderr.write(f"{path} was not written: {error.strerror}; --show-password?\n")
                return
            with os.fdopen(descriptor, "w") as file:
                file.write(text)
        if self.call.show_password:
            sys.stderr.write(text)


def contain(
    call: Call, accounts: tuple[str, ...], options: Options, *, dry_run: bool, save: Path | None
) -> NoReturn:
    """`respond compromised-account`."""
    screen = Screen(Console(stderr=True), foreseen=dry_run)
    desk = set_up(call, host_of(call), screen)
    if not accounts:
        _name_suspects(desk, call)
    _harmless(accounts)
    if dry_run:
        seen: list[Survey] = []
        screen.script = _sends(desk, seen)
        ended = operations.rehearse(replace(desk, surveyed=seen.append), accounts, options)
        if save:
            _save_manual(ended, seen[0], save)
        if options.plan:
            saved_plan.save(options.plan, ended.incident, accounts, seen[0])
        _end(call, screen, ended, foreseen=True)
    _agreed(call)
    _run(call, desk, screen, lambda with_desk: operations.respond(with_desk, accounts, options))


def _sends(desk: Desk, seen: list[Survey]) -> Callable[[Change], str]:
    def sends(change: Change) -> str:
        if isinstance(change.do, IncidentAction):
            return ""
        name, values = described(desk, change, seen[0])
        return f"{name} with {' '.join(values)}"

    return sends


def _agreed(call: Call) -> None:
    if not (call.yes or call.interactive):
        raise PersonNeeded(
            "Nothing was changed",
            "neither --yes nor --interactive was given",
            "See what would be done with --dry-run, then choose one of the two.",
        )


def adopt(
    call: Call,
    role: str,
    folder: str,
    accounts: tuple[str, ...],
    take_over: str,
    *,
    dry_run: bool,
) -> NoReturn:
    """`respond adopt` and `respond repair-incoming`: a queue that was renamed by hand."""
    if not _FOLDER.fullmatch(folder):
        raise BadInput(f"{folder!r} is not a folder of the server", "", "Name its whole path.")
    _harmless(accounts)
    aside = SetAside(Role(role), folder)
    options = Options(runbook="adopted-queue", adopted=aside, take_over=take_over)
    screen = Screen(Console(stderr=True), foreseen=dry_run)
    desk = set_up(call, host_of(call), screen)
    if dry_run:
        _end(call, screen, operations.rehearse(desk, accounts, options), foreseen=True)
    _agreed(call)
    _run(call, desk, screen, lambda with_desk: operations.respond(with_desk, accounts, options))


def resume(call: Call, name: str, options: Options) -> NoReturn:
    """`respond resume`."""
    screen = Screen(Console(stderr=True))
    case = _kept(name)
    if case is None and not call.host:
        remedy = "Name the server with --host: it keeps a copy of its incidents."
        raise BadInput(f"There is no incident {name} here", "", remedy)
    desk = set_up(call, host_of(call, case.host if case else ""), screen)
    if call.host or case is None:
        case = operations.fetch(desk, name) or case
    if case is None:
        raise BadInput("Neither this machine nor the server knows an incident")
    found = case
    _agreed(call)
    screen.takes_up(found)
    _run(call, desk, screen, lambda with_desk: operations.resume(with_desk, found, options))


def close(call: Call, name: str, options: Options) -> NoReturn:
    """`respond close`."""
    screen = Screen(Console(stderr=True))
    case = store.load(name, store.home())
    desk = set_up(call, host_of(call, case.host), screen)
    _agreed(call)
    _run(call, desk, screen, lambda with_desk: operations.close(with_desk, case, options))


def _kept(name: str) -> Incident | None:
    home = store.home()
    matching = [each for each in store.names(home) if each.startswith(name)]
    return store.load(name, home) if matching else None


def _run(call: Call, desk: Desk, screen: Screen, act: Callable[[Desk], Ended]) -> NoReturn:
    interrupts, passwords = _Interrupts(), _Passwords(call)
    interrupts.install()
    watching = _watching(screen, interrupts)
    try:
        ended = act(
            replace(desk, interrupted=interrupts, keep_password=passwords.keep, watching=watching)
        )
    finally:
        screen.quiet()
        passwords.hand_over()
    _end(call, screen, ended, foreseen=False)


def _watching(screen: Screen, interrupts: _Interrupts) -> Callable[[int, int], bool]:
    def watching(watched: int, of: int) -> bool:
        screen.tells(f"watching: {watched} of {of} s; Ctrl-C ends the watch")
        if interrupts.asked:
            interrupts.asked = False
            return False
        return True

    return watching


def _end(call: Call, screen: Screen, ended: Ended, *, foreseen: bool) -> NoReturn:
    for warning in ended.preflight.warnings:
        screen.says(f"Note: {warning}")
    if ended.stopped:
        screen.says(ended.stopped)
    for obligation in () if foreseen else ended.incident.obligations():
        screen.says(f"Owed: {obligation.text} ({obligation.pay})")
    if ended.report:
        screen.says(f"Report: {ended.report}")
    if foreseen:
        screen.says("Dry run: nothing was changed.")
    screen.says(f"{ended.code.name}: {ended.code.meaning}")
    if call.as_json:
        sys.stdout.write(json.dumps(_as_json(ended)) + "\n")
    raise typer.Exit(ended.code)


def _as_json(ended: Ended) -> dict[str, object]:
    intends = [each.data for each in ended.incident.journal.records if each.kind == "intends"]
    return {
        "incident": ended.incident.name,
        "outcomes": {name: str(outcome) for name, outcome in ended.outcomes.items()},
        "changes": [dict(each) for each in intends],
        "owed": [msgspec.to_builtins(obligation) for obligation in ended.incident.obligations()],
        "exit": int(ended.code),
    }


def _harmless(accounts: tuple[str, ...]) -> None:
    for account in accounts:
        if not _ACCOUNT.fullmatch(account):
            raise BadInput(f"{account!r} is not an account name")


def _name_suspects(desk: Desk, call: Call) -> NoReturn:
    server = desk.server(Journal(desk.host.name), ())
    found = suspicions_in(server.survey().signs)
    rows = [f"{each.account}: {'; '.join(each.reasons)}" for each in found] or ["nobody stands out"]
    if call.as_json:
        sys.stdout.write(json.dumps([msgspec.to_builtins(each) for each in found]) + "\n")
    raise PersonNeeded(
        "No account was named", f"these stand out: {' | '.join(rows)}", "Name the stolen ones."
    )


def _save_manual(ended: Ended, seen: Survey, path: Path) -> None:
    """The dry run as a procedure to paste, for the night when the tool is lost."""
    lines = [f"# {seen.host}, {seen.product.name} {seen.product.version}"]
    for record in ended.incident.journal.records:
        if record.kind == "intends" and isinstance(record.data["do"], dict):
            action = action_from_json(record.data["do"])
            lines.append(f"\n# {record.step}: {action}")
            if not isinstance(action, IncidentAction):
                lines += commands(action, seen)
    try:
        path.write_text("\n".join(lines) + "\n", encoding="utf-8", errors="surrogateescape")
    except OSError as error:
        raise BadInput(f"{path} cannot be written", str(error.strerror)) from error


def undo(call: Call, name: str, step: str, take_over: str) -> None:
    """`respond undo`."""
    case = store.load(name, store.home())
    screen = Screen(Console(stderr=True))
    desk = set_up(call, host_of(call, case.host), screen)
    with operations.held(desk, case, take_over) as server:
        undone = undoing.undo(case, server, desk.person, screen.tells, step)
    for line in undone.taken_back:
        screen.says(f"Taken back. {line}")
    for line in undone.kept:
        screen.says(f"Stays. {line}")
