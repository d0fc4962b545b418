"""The desk in front of a mail server, as a command's options set it up."""

import getpass
import sys
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from playbook import wiring
from playbook.cli.operator import CommandLine
from playbook.cli.passwords import Passwords
from playbook.engine.person import Agreed
from playbook.errors import BadInput
from playbook.hosts import inventory
from playbook.hosts.host import Host
from playbook.mail.survey import Survey
from playbook.secret import Secret
from playbook.wiring import Desk


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

    def __post_init__(self) -> None:
        if self.yes and self.interactive:
            raise BadInput("--yes and --interactive say two things", "", "Choose one of them.")


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
    desk = set_up(call, host_of(call))
    try:
        return desk.reader().survey()
    finally:
        desk.transport.close()


def set_up(call: Call, host: Host, operator: CommandLine | None = None) -> Desk:
    """The desk in front of a host, with whoever typed the command."""
    transport = wiring.transport(host, AtPrompt() if sys.stdin.isatty() else None)
    return Desk(host, transport, operator or operator_of(call))


def operator_of(call: Call, *, foreseen: bool = False) -> CommandLine:
    """Whoever typed the command; `foreseen`: in front of a dry run."""
    return CommandLine(
        Console(stderr=True),
        foreseen,
        agreed=Agreed(call.override),
        interactive=call.interactive,
        passwords=Passwords(call.show_password, call.password_file),
    )


def host_of(call: Call, fallback: str = "") -> Host:
    """The host that was named, or the one that an incident is about."""
    known = inventory.load(inventory.find(call.inventory))
    return known.host(call.host or fallback)
