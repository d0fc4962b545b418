"""The pace at which mail is given back, and how long that takes: numbers in, words out."""

from math import ceil
from typing import Final

# One round trip gives back for so long, or so many files where there is no pace: a person who
# interrupts waits for no more, and a line that is lost costs no more.
SLICE_S: Final = 20
SLICE_FILES: Final = 4_000

# A rate that was measured over less says more of the beginning than of the rest.
_MEASURED_S: Final = 30.0


def interval_s(per_minute: int) -> float:
    """Seconds between two files; 0 where there is no pace."""
    return 60 / per_minute if per_minute > 0 else 0.0


def files_in_slice(per_minute: int) -> int:
    """How many files one round trip gives back at the most, at least one."""
    if per_minute <= 0:
        return SLICE_FILES
    return min(max(ceil(SLICE_S * per_minute / 60), 1), SLICE_FILES)


def rate(done: int, elapsed_s: float, per_minute: int) -> float:
    """Files a minute: as measured once that says something, else as asked for (0: not known)."""
    if elapsed_s >= _MEASURED_S and done > 0:
        return done * 60 / elapsed_s
    return float(max(per_minute, 0))


def progress(done: int, whole: int, elapsed_s: float, per_minute: int) -> str:
    """How far it is, how fast, and how long the rest takes if it goes on so."""
    said = f"{done:,} of {whole:,} given back"
    speed = rate(done, elapsed_s, per_minute)
    if speed <= 0 or done >= whole:
        return said
    left_s = (whole - done) * 60 / speed
    left = f"{ceil(left_s / 60):,} min" if left_s >= 90 else f"{ceil(left_s)} s"
    return f"{said} ({speed:,.0f}/min, about {left} left)"
