"""The pace of giving back: how large a slice is, and what is said of the time it takes."""

import pytest

from playbook.mail import pace


@pytest.mark.parametrize(
    ("per_minute", "interval_s", "files"),
    [(0, 0.0, 4_000), (60, 1.0, 20), (600, 0.1, 200), (1, 60.0, 1), (60_000, 0.001, 4_000)],
)
def test_a_slice_is_bounded_by_time_and_by_number(
    per_minute: int, interval_s: float, files: int
) -> None:
    assert pace.interval_s(per_minute) == interval_s
    assert pace.files_in_slice(per_minute) == files


@pytest.mark.parametrize(
    ("done", "elapsed_s", "per_minute", "words"),
    [
        (1_200, 1_200, 60, "1,200 of 8,000 given back (60/min, about 114 min left)"),
        (1_200, 2_400, 60, "1,200 of 8,000 given back (30/min, about 227 min left)"),
        (10, 10, 60, "10 of 8,000 given back (60/min, about 134 min left)"),
        (7_990, 7_990, 60, "7,990 of 8,000 given back (60/min, about 10 s left)"),
        (100, 1, 0, "100 of 8,000 given back"),
        (8_000, 8_000, 60, "8,000 of 8,000 given back"),
    ],
)
def test_the_estimate_is_of_what_was_measured(
    done: int, elapsed_s: float, per_minute: int, words: str
) -> None:
    assert pace.progress(done, 8_000, elapsed_s, per_minute) == words
