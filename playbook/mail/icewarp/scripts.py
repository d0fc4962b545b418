"""The scripts as they lie in the package, each with what it needs in front and behind."""

import shlex
from functools import cache
from importlib.resources import files
from typing import Final

from playbook.transports.base import Script

_PROGRAMS: Final = {"perl_program": ".pl", "python_program": ".py"}


@cache
def script(name: str) -> Script:
    """The script of a name such as `read/survey` or `change/stop_smtp`, ready to be sent.

    Programs in other languages that lie beside it come with it as the values of shell variables,
    and so does what the shell does where there is none of these languages (`NAME.plain.sh`).
    """
    folder = files("playbook.mail.icewarp") / "linux"
    enter = ["enter.sh"] if name.startswith("change/") else []
    plain = [f"{name}.plain.sh"] if (folder / f"{name}.plain.sh").is_file() else []
    parts = ["prelude.sh", *enter, *plain, f"{name}.sh"]
    text = "\n".join((folder / part).read_text(encoding="ascii") for part in parts)
    programs = [
        f"{variable}={shlex.quote((folder / (name + ending)).read_text(encoding='ascii'))}\n"
        for variable, ending in _PROGRAMS.items()
        if (folder / (name + ending)).is_file()
    ]
    return Script(name, f"{text}\n{''.join(programs)}answer\n")
