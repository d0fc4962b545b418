"""The scripts as they lie in the package, each with what it needs in front and behind."""

from functools import cache
from importlib.resources import files

from playbook.transports.base import Script


@cache
def script(name: str) -> Script:
    """The script of a name such as `read/survey` or `change/stop_smtp`, ready to be sent."""
    folder = files("playbook.mail.icewarp") / "linux"
    parts = ["prelude.sh", *(["enter.sh"] if name.startswith("change/") else []), f"{name}.sh"]
    text = "\n".join((folder / part).read_text(encoding="ascii") for part in parts)
    return Script(name, f"{text}\nanswer\n")
