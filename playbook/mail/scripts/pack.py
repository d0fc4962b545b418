"""The scripts as they lie in the package, each with what it needs in front and behind."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Final

from playbook.mail.system import System
from playbook.transports.base import Script

_SHARED: Final = "playbook.mail.scripts"
# What every script that changes begins with: who may swap names, the lease and the turn.
_ENTER: Final = ("way.sh", "enter.sh")


@dataclass(frozen=True)
class Pack:
    """The scripts of one product for one system: its own, and those that every product shares.

    `programs` are in other languages, by the script that runs them and the name of the shell
    variable that it finds them in; `before` is more of the shell's own that a script begins with.
    """

    product: str
    system: System
    programs: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    before: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def script(self, name: str) -> Script:
        """The script of a name such as `read/survey` or `change/stop_smtp`, ready to be sent."""
        enter = _ENTER if name.startswith("change/") else ()
        parts = ("prelude.sh", *enter, *self.before.get(name, ()), f"{name}.sh")
        return Script(name, f"{self.program(*parts)}\n{self._programs(name)}answer\n")

    def streaming_script(self, name: str) -> Script:
        """A script of `read/` whose answer is handed on while it comes, with its programs."""
        text = self.program("prelude.sh", "stream.sh", f"{name}.sh")
        return Script(name, f"{self._programs(name)}{text}\nstream\n")

    def program(self, *parts: str) -> str:
        """One text put together from files of the pack."""
        return "\n".join(_text(self.product, self.system.name, part) for part in parts)

    def _programs(self, name: str) -> str:
        return "".join(
            f"{variable}={shlex.quote(self.program(*parts))}\n"
            for variable, parts in self.programs.get(name, {}).items()
        )


@cache
def _text(product: str, system: str, part: str) -> str:
    """A file of a pack: the product's own, or the one that every product shares."""
    for package in (product, _SHARED):
        file = files(package) / system / part
        if file.is_file():
            return file.read_text(encoding="ascii")
    raise FileNotFoundError(part)
