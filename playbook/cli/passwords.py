"""The new passwords, where a person asked to have them."""

import os
import sys
from dataclasses import dataclass, field

from playbook.cli.desk import Call
from playbook.secret import Secret


@dataclass
class Passwords:
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
