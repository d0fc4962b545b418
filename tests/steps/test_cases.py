"""Every step's `plan` by tables of cases: what it needs and what it saw, and what it plans of that.

`NAME.json` beside this file is the table of `steps/NAME.py`. Its `step` (what the step needs, by
field) and `seen` (its reading) are what each case begins with; a case lays its own over them, an
object key by key. What a case does not name of a plan is empty there, and what is planned is
written without the fields that have their default. An unknown key anywhere is a failed test.
"""

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_type_hints

import msgspec
import pytest

from playbook.engine import catalog
from playbook.engine.entry import AnyStep
from playbook.engine.step import Step
from playbook.exposure.blacklists import Blacklists
from playbook.incident.manifest.store import Manifest
from playbook.plan import Change, Hindrance, Plan
from tests.support.unasked_resolver import step as unasked

HERE = Path(__file__).parent
STEPS = sorted(each.stem for each in (HERE.parent.parent / "steps").glob("[a-z]*.py"))
Json = dict[str, Any]


class Case(msgspec.Struct, forbid_unknown_fields=True):
    """One case: its name, what differs from the table's beginning, and what is planned.

    `before` is laid over `seen` where the step's first reading was another one; `leaves` is the
    finding.
    """

    case: str
    because: str
    step: Json = {}
    seen: Json = {}
    before: Json = {}
    changes: list[Json] = []
    refuses: Json = {}
    fails: Json = {}
    unproven: Json = {}
    owes: list[str] = []
    pays: list[str] = []
    leaves: Json | None = None

    def __str__(self) -> str:
        return self.case


class Table(msgspec.Struct, forbid_unknown_fields=True):
    """All cases of a step, and what they begin with."""

    cases: list[Case]
    step: Json = {}
    seen: Json = {}


def table(name: str) -> Table:
    return msgspec.json.decode((HERE / f"{name}.json").read_bytes(), type=Table)


def laid_over(base: Json, more: Json) -> Json:
    """One object over another, key by key; a list takes the place of a list."""
    both = base | more
    for key, value in more.items():
        if isinstance(value, dict) and isinstance(base.get(key), dict):
            both[key] = laid_over(base[key], value)
    return both


def built(value: Any, kind: Any) -> Any:
    """A value of this type; a key that it does not know is a fault of the case."""
    made = msgspec.convert(value, kind)
    no_unknown(value, msgspec.to_builtins(made))
    return made


def no_unknown(given: Any, made: Any) -> None:
    if isinstance(given, dict):
        assert set(given) <= set(made), f"unknown: {set(given) - set(made)}"
        for key, value in given.items():
            no_unknown(value, made[key])
    if isinstance(given, list):
        for value, there in zip(given, made, strict=True):
            no_unknown(value, there)


def step_of(name: str, needs: Json) -> AnyStep:
    """The step with what it needs; what is no value is empty or unreachable."""
    kind = catalog.step_class(name)
    others: Mapping[Any, Any] = {Manifest: Manifest, Blacklists: lambda: unasked().lists}
    names = [each.name for each in dataclasses.fields(kind)]  # type: ignore[arg-type]
    hints = {key: get_type_hints(kind)[key] for key in names}
    assert set(needs) <= set(hints), f"unknown: {set(needs) - set(hints)}"
    given = {
        key: others[hint]() if hint in others else built(needs.get(key), hint)
        for key, hint in hints.items()
    }
    return kind(**given)


def as_json(value: Any) -> Any:
    return msgspec.json.decode(msgspec.json.encode(value))


def brief(value: Any) -> Json:
    """An action as it is written, without the fields that have their default."""
    whole: Json = msgspec.to_builtins(value)
    defaults = {each.name: each.default for each in msgspec.structs.fields(value)}
    return {
        key: each for key, each in whole.items() if each != defaults.get(key, msgspec.NODEFAULT)
    }


def change_as_json(change: Change) -> Json:
    whole = {
        "do": brief(change.do),
        "why": change.why,
        "undo": brief(change.undo),
        "once": change.once,
        "offered": change.offered,
        "consent": change.consent,
        "otherwise": change.otherwise and change_as_json(change.otherwise),
        "warns": list(change.warns),
        "owes": [each.key for each in change.owes],
        "pays": list(change.pays),
    }
    return {key: value for key, value in whole.items() if value}


def hindrance_as_json(hindrance: Hindrance | None) -> Json:
    if not hindrance:
        return {}
    words: Json = {"what": hindrance.what, "next": hindrance.next}
    return words | {"overridable": True} if hindrance.overridable else words


def plan_as_json(plan: Plan) -> Json:
    return {
        "changes": [change_as_json(each) for each in plan.changes],
        "because": plan.because,
        "refuses": hindrance_as_json(plan.refuses),
        "fails": hindrance_as_json(plan.fails),
        "unproven": hindrance_as_json(plan.unproven),
        "owes": [each.key for each in plan.owes],
        "pays": list(plan.pays),
    }


ALL = [
    (name, case) for name in STEPS if (HERE / f"{name}.json").exists() for case in table(name).cases
]


@pytest.mark.parametrize(("name", "case"), ALL, ids=[f"{name}-{case}" for name, case in ALL])
def test_the_plan_is_the_cases(name: str, case: Case) -> None:
    begin = table(name)
    reading, _ = catalog._reading_and_finding(catalog.step_class(name))
    step = step_of(name, laid_over(begin.step, case.step))
    as_seen = laid_over(begin.seen, case.seen)
    seen = built(as_seen, reading)
    planned = plan_as_json(step.plan(seen))
    assert as_json(planned) == {key: getattr(case, key) for key in planned}
    if case.leaves is not None:
        before = built(laid_over(as_seen, case.before), reading)
        assert as_json(step.finding(before, seen)) == case.leaves


@pytest.mark.parametrize("name", STEPS)
def test_every_step_has_cases(name: str) -> None:
    cases = table(name).cases
    assert len({each.case for each in cases}) == len(cases) > 0
    leaves = any(each.leaves is not None for each in cases)
    assert leaves is (catalog.step_class(name).finding is not Step.finding), "a finding has a case"


def kinds_in(changes: list[Json]) -> set[str]:
    """The kinds of action in changes, and in what is tried in their place."""
    instead = [each["otherwise"] for each in changes if "otherwise" in each]
    return {each["do"]["type"] for each in (*changes, *instead)}


@pytest.mark.parametrize("name", STEPS)
def test_a_step_says_what_it_may_do_and_a_case_shows_each(name: str) -> None:
    planned = {kind for case in table(name).cases for kind in kinds_in(case.changes)}
    assert planned == {kind.__name__ for kind in catalog.step_class(name).acts}
