"""Which cases of a long table are run with the quick tests."""

from collections.abc import Container, Iterable

import pytest
from _pytest.mark import ParameterSet


def some_quick(cases: Iterable[object], quick: Container[object]) -> list[ParameterSet]:
    """The cases of one parameter, all but `quick` marked slow."""
    return [pytest.param(each, marks=() if each in quick else pytest.mark.slow) for each in cases]
