"""A runbook: an ordered list of steps with a reason for each, read from TOML."""

import tomllib
from importlib.resources import files

import msgspec

from playbook.errors import BadRunbook


class StepLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A step as the runbook names it; `goes_on`: the run goes on when it fails."""

    do: str
    because: str
    goes_on: bool = False


class Runbook(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A runbook as it is written: what it is for, when to use it, whose procedure it is."""

    title: str
    when: str
    source: str
    step: tuple[StepLine, ...]


def names() -> tuple[str, ...]:
    """The runbooks that come with the program."""
    found = (each.name for each in files("runbooks").iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in found if name.endswith(".toml")))


def load(name: str) -> Runbook:
    """A runbook by name; raises `BadRunbook` where it is not there or not understood."""
    if name not in names():
        raise BadRunbook(f"There is no runbook {name!r}", "", f"There are: {', '.join(names())}.")
    text = (files("runbooks") / f"{name}.toml").read_text(encoding="utf-8")
    try:
        return msgspec.convert(tomllib.loads(text), Runbook)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise BadRunbook(f"The runbook {name} is not understood", str(error)) from error
