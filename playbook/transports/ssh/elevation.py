"""How a login becomes root: directly, through sudo, or through sudo with a password."""

import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import paramiko

from playbook.errors import ElevationRefused
from playbook.hosts.host import Host
from playbook.secret import Secret
from playbook.transports.ssh.login import Questions
from playbook.transports.ssh.route import Hop
from playbook.transports.ssh.shell import Way

_PASSWORD_COMMAND_S: Final = 120.0

Open = Callable[[Way, Secret | None], paramiko.Channel]
"""Starts a shell by a way; raises `ElevationRefused` where that way is closed."""


@dataclass
class Elevation:
    """The way that works on a host, and the password it needs: found once, then remembered."""

    host: Host
    hop: Hop
    questions: Questions | None
    way: Way | None = field(default=None, init=False)
    password: Secret | None = field(default=None, init=False)

    def open(self, start: Open) -> paramiko.Channel:
        """A shell by the way that is known to work, or by the first one that does.

        A password is shown to sudo once: a second wrong one may lock the account.
        """
        if self.way is None and (self.hop.user == "root" or not self.host.elevate):
            self.way = Way.DIRECT
        if self.way is not None:
            return start(self.way, self.password)
        try:
            way, password = Way.SUDO, None
            channel = start(way, password)
        except ElevationRefused:
            password = self._ask()
            if password is None:
                raise
            way = Way.SUDO_WITH_PASSWORD
            channel = start(way, password)
        self.way, self.password = way, password
        return channel

    def _ask(self) -> Secret | None:
        if self.host.sudo_password:
            return _printed_by(self.host.sudo_password)
        if self.questions is None:
            return None
        return self.questions.sudo_password(f"{self.hop.user}@{self.hop.address}")


def _printed_by(command: tuple[str, ...]) -> Secret:
    """The first line that the inventory's command prints.

    The command stands in no message: somebody may have written the password itself there.
    """
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=True,
            timeout=_PASSWORD_COMMAND_S,
        )
    except (OSError, subprocess.SubprocessError) as error:
        what = "The command under `sudo_password` in the inventory gave no password"
        because = error.strerror if isinstance(error, OSError) else type(error).__name__
        remedy = "Run it by hand; it prints the password as its first line."
        # Not chained: the library's error holds the command.
        raise ElevationRefused(what, because or "", remedy) from None
    return Secret(done.stdout.decode("utf-8", "surrogateescape").partition("\n")[0].rstrip("\r"))
