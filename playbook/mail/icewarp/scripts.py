"""The scripts as they lie in the package, each with what it needs in front and behind."""

import shlex
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Final

from playbook.transports.base import Script

# Programs in other languages, by the name of the variable that a script finds them in.
QUEUE_FILES: Final = (
    "queue_messages.pl",
    "queue_content.pl",
    "queue_similarity.pl",
    "queue_files.pl",
)
_PROGRAMS: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "read/queue_files": {"queue_files_pl": QUEUE_FILES, "queue_files_py": ("queue_files.py",)},
}


@cache
def script(name: str) -> Script:
    """The script of a name such as `read/survey` or `change/stop_smtp`, ready to be sent."""
    parts = ["prelude.sh", *(["enter.sh"] if name.startswith("change/") else []), f"{name}.sh"]
    text = "\n".join(_text(part) for part in parts)
    return Script(name, f"{text}\nanswer\n")


@cache
def streaming_script(name: str) -> Script:
    """A script of `read/` whose answer is handed on while it comes, with the programs it runs."""
    programs = (
        f"{variable}={shlex.quote(program(*parts))}\n"
        for variable, parts in _PROGRAMS.get(name, {}).items()
    )
    text = "\n".join(_text(part) for part in ("prelude.sh", "stream.sh", f"{name}.sh"))
    return Script(name, f"{''.join(programs)}{text}\nstream\n")


def program(*parts: str) -> str:
    """A program of `read/` in another language than the shell's, put together from its files."""
    return "\n".join(_text(f"read/{part}") for part in parts)


def _text(part: str) -> str:
    folder = files("playbook.mail.icewarp") / "linux"
    return (folder / part).read_text(encoding="ascii")
