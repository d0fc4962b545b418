"""The steps, found by their file names, and built from what was found before them."""

import importlib
import inspect
from dataclasses import fields
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from playbook.engine.entry import AnyStep, Entry, Findings
from playbook.engine.runbook import Runbook, StepLine
from playbook.engine.step import Step
from playbook.errors import BadRunbook


def entries(runbook: Runbook) -> tuple[Entry, ...]:
    """The steps of a runbook, ready to be run; raises `BadRunbook` where one is not there."""
    return tuple(_entry(line) for line in runbook.step)


def _entry(line: StepLine) -> Entry:
    step = step_class(line.do)
    reading, finding = _reading_and_finding(step)
    return Entry(
        name=line.do,
        sentence=sentence(step),
        because=line.because,
        build=lambda findings: _build(step, findings),
        reading=reading,
        finding=finding,
        goes_on=line.goes_on,
    )


def step_class(name: str) -> type[AnyStep]:
    """The class in `steps/NAME.py`; raises `BadRunbook` where there is none."""
    wanted = "".join(word.capitalize() for word in name.split("_"))
    try:
        module = importlib.import_module(f"steps.{name}")
    except ModuleNotFoundError as error:
        raise BadRunbook(f"There is no step {name!r}") from error
    found = getattr(module, wanted, None)
    if not (inspect.isclass(found) and issubclass(found, Step)):
        raise BadRunbook(f"steps/{name}.py does not define {wanted}")
    return found


def sentence(step: type[AnyStep]) -> str:
    """The sentence of the runbook that a step encodes: the first line of its docstring."""
    return (inspect.getdoc(step) or "").partition("\n")[0]


def explanation(step: type[AnyStep]) -> str:
    """What a step says of itself besides its sentence."""
    return (inspect.getdoc(step) or "").partition("\n")[2].strip()


def _reading_and_finding(step: type[AnyStep]) -> tuple[type, type | None]:
    """The types that the step's bases name: what it reads, and what it leaves."""
    for base in getattr(step, "__orig_bases__", ()):
        if get_origin(base) is Step:
            reading, finding = get_args(base)
            return reading, None if finding in (None, NoneType) else finding
    raise BadRunbook(f"{step.__name__} does not say what it reads and leaves")


def _build(step: type[AnyStep], findings: Findings) -> AnyStep | type:
    """The step with what it asks for by type, or the type of what is missing."""
    hints = get_type_hints(step)
    given: dict[str, Any] = {}
    for each in fields(step):  # type: ignore[arg-type]  # every step is a dataclass: tests say so
        wanted, may_miss = _wanted(hints[each.name])
        found = findings.get(wanted)
        if found is None and not may_miss:
            return wanted
        given[each.name] = found
    return step(**given)


def _wanted(hint: Any) -> tuple[type, bool]:
    if get_origin(hint) in (Union, UnionType):
        kinds = [each for each in get_args(hint) if each is not NoneType]
        return kinds[0], len(kinds) < len(get_args(hint))
    return hint, False
