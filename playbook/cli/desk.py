"""The desk in front of a mail server, as a command's options set it up."""

import getpass
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console

from playbook import wiring
from playbook.cli.screen import Screen
from playbook.engine import catalog, runbook
from playbook.engine.person import Agreed, AtTerminal, Person
from playbook.hosts import inventory
from playbook.hosts.host import Host
from playbook.incident.incident import Incident
from playbook.incident.manifest.store import Manifest
from playbook.incident.receiver import Review
from playbook.mail.survey import Survey
from playbook.plan import Change, IncidentAction
from playbook.review import review
from playbook.review.session import ReviewSession
from playbook.secret import Secret
from playbook.wiring import Desk, Options


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


def survey(call: Call) -> Survey:
    """One look at a server, for a command that changes nothing."""
    desk = set_up(call, host_of(call), Screen(Console(stderr=True)))
    try:
        return desk.reader().survey()
    finally:
        desk.transport.close()


def set_up(call: Call, host: Host, screen: Screen) -> Desk:
    """The desk in front of a host, with the person that the options name."""
    terminal = sys.stdin.isatty()
    transport = wiring.transport(host, AtPrompt() if terminal else None)
    person = Agreed(call.override)
    made = Desk(host, transport, person, screen)
    made = replace(made, surveyed=_surveyed(made, screen))
    if not call.interactive:
        return made
    return replace(made, person=_person(made, screen), review=_review(made, screen))


def _review(desk: Desk, screen: Screen) -> Review:
    """The review's screen, with sample mails from the server that the run is about."""

    def on_screen(case: Incident, manifest: Manifest) -> str:
        screen.quiet()
        return review(ReviewSession(case, manifest, wiring.who()), desk.reader())

    return on_screen


def _person(desk: Desk, screen: Screen) -> Person:
    def ask(question: str) -> str:
        screen.quiet()
        return input(question)

    def describe(change: Change) -> str:
        if isinstance(change.do, IncidentAction):
            return "This is written on your machine only."
        told = desk.reader().describe(change.do)
        undo = f"To take it back: {change.undo}"
        return f"{told}\n{undo}\n--- {told.script} ---\n{told.text}"

    def explain(step: str) -> str:
        return catalog.explanation(catalog.step_class(step))

    def steps(current: str) -> str:
        entries = catalog.entries(runbook.load(Options().runbook))
        return "\n".join(
            f"{'->' if each.name == current else '  '} {each.name}: {each.sentence}"
            for each in entries
        )

    return AtTerminal(ask, screen.says, describe, explain, steps)


def host_of(call: Call, fallback: str = "") -> Host:
    """The host that was named, or the one that an incident is about."""
    known = inventory.load(inventory.find(call.inventory))
    return known.host(call.host or fallback)


def _surveyed(desk: Desk, screen: Screen) -> Callable[[Survey], None]:
    """Before anything is changed: the one line that matters if this machine dies."""

    def surveyed(seen: Survey) -> None:
        command = desk.reader().way_out(frozenset(), seen=seen)
        screen.says(f"If you lose me after the stop, type on the server: {command}")

    return surveyed
