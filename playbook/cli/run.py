"""The commands that go to a mail server: build the desk, call one function, render, exit."""

import getpass
import json
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import FrameType
from typing import NoReturn

import msgspec
import typer
from rich.console import Console

from playbook import catalog, compose, incident, inventory, runbook
from playbook import undo as undoing
from playbook.change import Change, EvidencePreserved, ReportWritten, action_from_json
from playbook.cli.screen import Screen
from playbook.compose import Desk, Ended, Options
from playbook.errors import BadInput, ExitCode, PersonNeeded
from playbook.host import Host
from playbook.incident import Incident
from playbook.journal import Journal
from playbook.mail.actions import SmtpStarted
from playbook.mail.icewarp.by_hand import commands
from playbook.mail.icewarp.scripts import script
from playbook.mail.server import Survey
from playbook.preflight import preflight
from playbook.prompt import Agreed, AtTerminal, Person
from playbook.secret import Secret
from steps.identify_account import suspicions_in


@dataclass(frozen=True)
class Call:
    """The options that every command to a server has."""

    host: str
    inventory: Path | None
    yes: bool
    interactive: bool
    override: str
    show_password: bool = False
    password_file: Path | None = None
    as_json: bool = False


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


class AtPrompt:
    """The questions that a login may have, asked on the terminal."""

    def passphrase(self, key_file: str) -> Secret:
        """The passphrase of a key file."""
        return Secret(getpass.getpass(f"Passphrase of {key_file}: "))

    def login_password(self, login: str) -> Secret:
        """The password of a login."""
        return Secret(getpass.getpass(f"Password of {login}: "))

    def sudo_password(self, login: str) -> Secret:
        """The sudo password of a login."""
        return Secret(getpass.getpass(f"sudo password of {login}: "))


def _desk(call: Call, host: Host, screen: Screen) -> Desk:
    terminal = sys.stdin.isatty()
    transport = compose.transport(host, AtPrompt() if terminal else None)
    person = Agreed(call.override)
    desk = Desk(host, transport, person, screen, surveyed=_surveyed(screen))
    if call.interactive:
        return replace(desk, person=_person(desk, screen))
    return desk


def _person(desk: Desk, screen: Screen) -> Person:
    def ask(question: str) -> str:
        screen.quiet()
        return input(question)

    def describe(change: Change) -> str:
        server = desk.server(Journal(desk.host.name), ())
        if isinstance(change.do, EvidencePreserved | ReportWritten):
            return "This is written on your machine only."
        name, values = server.describe(change.do)
        told = "\n".join(f"{key}={value}" for key, value in values.items())
        undo = f"To take it back: {change.undo}"
        return f"{told}\n{undo}\n--- {name} ---\n{script(name).text}"

    def explain(step: str) -> str:
        return catalog.explanation(catalog.step_class(step))

    def say(text: str) -> None:
        screen.quiet()
        screen.console.print(text, markup=False, highlight=False, soft_wrap=True)

    def steps(current: str) -> str:
        entries = catalog.entries(runbook.load(Options().runbook))
        return "\n".join(
            f"{'->' if each.name == current else '  '} {each.name}: {each.sentence}"
            for each in entries
        )

    return AtTerminal(ask, say, describe, explain, steps)


def _host(call: Call, fallback: str = "") -> Host:
    known = inventory.load(inventory.find(call.inventory))
    return known.host(call.host or fallback)


def contain(
    call: Call, accounts: tuple[str, ...], options: Options, *, dry_run: bool, save: Path | None
) -> NoReturn:
    """`respond compromised-account`."""
    screen = Screen(Console(stderr=True), foreseen=dry_run)
    desk = _desk(call, _host(call), screen)
    if not accounts:
        _name_suspects(desk, call)
    _harmless(accounts)
    if dry_run:
        seen: list[Survey] = []
        ended = compose.rehearse(replace(desk, surveyed=seen.append), accounts, options)
        if save:
            _save_manual(ended, seen[0], save)
        _end(call, screen, ended, foreseen=True)
    if not (call.yes or call.interactive):
        raise PersonNeeded(
            "Nothing was changed",
            "neither --yes nor --interactive was given",
            "See what would be done with --dry-run, then choose one of the two.",
        )
    _run(call, desk, screen, lambda with_desk: compose.respond(with_desk, accounts, options))


def resume(call: Call, name: str, options: Options) -> NoReturn:
    """`respond resume`."""
    screen = Screen(Console(stderr=True))
    case = _kept(name)
    if case is None and not call.host:
        remedy = "Name the server with --host: it keeps a copy of its incidents."
        raise BadInput(f"There is no incident {name} here", "", remedy)
    desk = _desk(call, _host(call, case.host if case else ""), screen)
    if call.host or case is None:
        case = compose.fetch(desk, name) or case
    if case is None:
        raise BadInput("Neither this machine nor the server knows an incident")
    found = case
    if not (call.yes or call.interactive):
        raise PersonNeeded("Nothing was changed", "neither --yes nor --interactive was given")
    screen.takes_up(found)
    _run(call, desk, screen, lambda with_desk: compose.resume(with_desk, found, options))


def _kept(name: str) -> Incident | None:
    home = incident.home()
    matching = [each for each in incident.names(home) if each.startswith(name)]
    return incident.load(name, home) if matching else None


def _run(call: Call, desk: Desk, screen: Screen, act: Callable[[Desk], Ended]) -> NoReturn:
    interrupts, passwords = _Interrupts(), _Passwords(call)
    interrupts.install()
    watching = _watching(screen, interrupts)
    ended = act(
        replace(desk, interrupted=interrupts, keep_password=passwords.keep, watching=watching)
    )
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
    debts = ended.incident.debts()
    say = screen.console.print
    for warning in ended.preflight.warnings:
        say(f"Note: {warning}", markup=False, highlight=False, soft_wrap=True)
    for debt in () if foreseen else debts:
        say(f"Owed: {debt.text} ({debt.pay})", markup=False, highlight=False, soft_wrap=True)
    if ended.report:
        say(f"Report: {ended.report}", markup=False, highlight=False, soft_wrap=True)
    verdict = "Dry run: nothing was changed. " if foreseen else ""
    meaning = f"{verdict}{ended.code.name}: {ended.code.meaning}"
    say(meaning, markup=False, highlight=False, soft_wrap=True)
    if call.as_json:
        sys.stdout.write(json.dumps(_as_json(ended)) + "\n")
    raise typer.Exit(ended.code)


def _as_json(ended: Ended) -> dict[str, object]:
    intends = [each.data for each in ended.incident.journal.records if each.kind == "intends"]
    return {
        "incident": ended.incident.name,
        "outcomes": {name: str(outcome) for name, outcome in ended.outcomes.items()},
        "changes": [dict(each) for each in intends],
        "owed": [msgspec.to_builtins(debt) for debt in ended.incident.debts()],
        "exit": int(ended.code),
    }


def _harmless(accounts: tuple[str, ...]) -> None:
    for account in accounts:
        if (
            not account.replace("@", "")
            .replace("+", "")
            .replace("'", "")
            .replace(".", "")
            .replace("-", "")
            .replace("_", "")
            .isalnum()
        ):
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


def _surveyed(screen: Screen) -> Callable[[Survey], None]:
    """Before anything is changed: the one line that matters if this machine dies."""

    def surveyed(seen: Survey) -> None:
        start = " && ".join(commands(SmtpStarted(seen.watchdog or None), seen))
        line = f"If you lose me after the stop, type on the server: {start}"
        screen.console.print(line, markup=False, highlight=False, soft_wrap=True)

    return surveyed


def _save_manual(ended: Ended, seen: Survey, path: Path) -> None:
    """The dry run as a procedure to paste, for the night when the tool is lost."""
    lines = [f"# {seen.host}, {seen.product.name} {seen.product.version}"]
    for record in ended.incident.journal.records:
        if record.kind == "intends" and isinstance(record.data["do"], dict):
            action = action_from_json(record.data["do"])
            lines.append(f"\n# {record.step}: {action}")
            if not isinstance(action, EvidencePreserved | ReportWritten):
                lines += commands(action, seen)
    try:
        path.write_text("\n".join(lines) + "\n", encoding="utf-8", errors="surrogateescape")
    except OSError as error:
        raise BadInput(f"{path} cannot be written", str(error.strerror)) from error


def undo(call: Call, name: str, step: str, take_over: str) -> None:
    """`respond undo`."""
    case = incident.load(name, incident.home())
    screen = Screen(Console(stderr=True))
    desk = _desk(call, _host(call, case.host), screen)
    with compose.held(desk, case, take_over) as server:
        undone = undoing.undo(case, server, desk.person, screen.tells, step)
    for line in undone.taken_back:
        screen.console.print(f"Taken back. {line}", markup=False, highlight=False, soft_wrap=True)
    for line in undone.kept:
        screen.console.print(f"Stays. {line}", markup=False, highlight=False, soft_wrap=True)


def doctor(call: Call, *, as_json: bool) -> None:
    """`respond doctor`: what preflight knows, kept as a card; the next time what has drifted."""
    screen = Screen(Console(stderr=True))
    desk = _desk(call, _host(call), screen)
    seen = desk.server(Journal(desk.host.name), ()).survey()
    checked = preflight(seen)
    card = compose.host_card(seen)
    drift = compose.keep_card(desk, card)
    if as_json:
        whole = {"card": card, "stops": checked.stops, "warnings": checked.warnings, "drift": drift}
        sys.stdout.write(json.dumps(whole) + "\n")
    else:
        for key, value in card.items():
            sys.stdout.write(f"{key}: {value}\n")
        for line in (*checked.stops, *checked.warnings, *drift):
            sys.stdout.write(f"! {line}\n")
    raise typer.Exit(ExitCode.REFUSED if checked.stops else ExitCode.GREEN)
