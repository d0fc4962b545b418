"""How the cost of a piece of work grows, for tests that no input makes it quadratic."""

from collections.abc import Callable
from time import process_time

_FACTOR = 8
_ALLOWANCE = 4
_LEAST_S = 0.002


def grows_linearly(work: Callable[[int], object], size: int) -> bool:
    """Whether eight times the size costs at most about eight times the processor time.

    Quadratic work would cost sixty-four times as much; thirty-two are allowed, because a machine
    is never quiet. The least of three runs counts.
    """
    least = max(_cost_s(work, size), _LEAST_S)
    return _cost_s(work, size * _FACTOR) <= _FACTOR * _ALLOWANCE * least


def _cost_s(work: Callable[[int], object], size: int) -> float:
    costs: list[float] = []
    for _ in range(3):
        started_s = process_time()
        work(size)
        costs.append(process_time() - started_s)
    return min(costs)
