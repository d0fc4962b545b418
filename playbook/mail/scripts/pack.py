"""The scripts as they lie in the package, each with what it needs in front and behind."""

import shlex
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Final

from playbook.transports.base import Script

QUEUE_FILES: Final = (
    "read/queue_messages.pl",
    "read/queue_content.pl",
    "read/queue_similarity.pl",
    "read/queue_files.pl",
)
# Programs in other languages, by the name of the shell variable that a script finds them in.
_PROGRAMS: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "read/queue_files": {
        "queue_files_pl": QUEUE_FILES,
        "queue_files_py": ("read/queue_files.py",),
    },
    "change/reinject": {
        "perl_program": ("change/reinject.pl",),
        "python_program": ("change/reinject.py",),
    },
}
# What the shell itself does where the server has none of these languages.
_PLAIN: Final = {"change/reinject": ("change/reinject.plain.sh",)}


@cache
def script(name: str) -> Script:
    """The script of a name such as `read/survey` or `change/stop_smtp`, ready to be sent."""
    enter = ("enter.sh",) if name.startswith("change/") else ()
    parts = ("prelude.sh", *enter, *_PLAIN.get(name, ()), f"{name}.sh")
    return Script(name, f"{program(*parts)}\n{_programs(name)}answer\n")


@cache
def streaming_script(name: str) -> Script:
    """A script of `read/` whose answer is handed on while it comes, with the programs it runs."""
    text = program("prelude.sh", "stream.sh", f"{name}.sh")
    return Script(name, f"{_programs(name)}{text}\nstream\n")


def program(*parts: str) -> str:
    """One text put together from files of the package."""
    return "\n".join(_text(part) for part in parts)


def _text(part: str) -> str:
    """A file of the pack: the product's own, or the one that every product shares."""
    for package in ("playbook.mail.icewarp", "playbook.mail.scripts"):
        file = files(package) / "linux" / part
        if file.is_file():
            return file.read_text(encoding="ascii")
    raise FileNotFoundError(part)


def _programs(name: str) -> str:
    return "".join(
        f"{variable}={shlex.quote(program(*parts))}\n"
        for variable, parts in _PROGRAMS.get(name, {}).items()
    )
