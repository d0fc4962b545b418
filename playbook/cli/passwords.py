"""The new passwords, where a person asked to have them."""

import os
import sys
from dataclasses import dataclass, field
from pathlib import Path

from playbook.errors import BadInput
from playbook.secret import Secret


@dataclass
class Passwords:
    """The new passwords, kept only where a person asked for them.

    A file is made before the first change, for its owner alone: a password that is set and cannot
    be written down is lost.
    """

    shown: bool = False
    path: Path | None = None
    made: dict[str, Secret] = field(default_factory=dict)

    def prepare(self) -> None:
        """Make the file; raises `BadInput` where it is there, or cannot be made."""
        if self.path:
            try:
                os.close(os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
            except OSError as error:
                raise BadInput(f"{self.path} cannot be made", str(error.strerror)) from error

    def keep(self, account: str, password: Secret) -> None:
        """Remember it, or let it go; where it is to be written, it is on disk before it is set."""
        if not (self.shown or self.path):
            return
        self.made[account] = password
        if self.path:
            with self.path.open("w", encoding="utf-8") as file:
                file.write(self._text())
                file.flush()
                os.fsync(file.fileno())

    def hand_over(self) -> None:
        """Print them, as was asked; a file in which no password came is taken away."""
        if self.shown:
            sys.stderr.write(self._text())
        if self.path and not self.made:
            self.path.unlink(missing_ok=True)

    def _text(self) -> str:
        return "".join(f"{name} {secret.reveal()}\n" for name, secret in self.made.items())
