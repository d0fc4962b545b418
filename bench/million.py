"""The same containment with a million files in the queue: ``python bench/million.py``.

Two attacked servers stand at the far end of the delay line, one with a queue of 60 files and one
with a million more; `respond` contains them in turn. `identify_account` reads what the survey
saw, so its cost lies in the time until the incident is opened (start of Python, connection and
survey together); `preserve_evidence` is read off the journal.
"""

import argparse
import json
import os
import shutil
import statistics
import tempfile
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from contenders import Bench, Run, bench, respond_from
from delay_line import delay_line
from tabulate import tabulate

_HEADERS = (
    "files queued", "s median", "least", "most", "s until opened", "s preserve_evidence",
    "s rename_outgoing", "execs", "peak MiB",
)  # fmt: skip


@dataclass(frozen=True)
class Contained:
    """A containment, and seconds that its journal tells: until it was opened, and of two steps."""

    run: Run
    opened_s: float
    evidence_s: float
    rename_s: float


def contained(bench: Bench) -> Contained:
    """Contain once."""
    with tempfile.TemporaryDirectory() as home:
        begun = time.time()
        run = respond_from(Path(home), bench)
        (journal,) = Path(home).glob("incidents/*/journal.jsonl")
        records = [json.loads(line) for line in journal.read_text().splitlines()]
    opened = datetime.fromisoformat(records[0]["at"]).timestamp() - begun
    steps = [_seconds_of(records, step) for step in ("preserve_evidence", "rename_outgoing")]
    return Contained(run, opened, *steps)


def _seconds_of(records: list[dict[str, str]], step: str) -> float:
    """From the step's first intention to its end."""
    times = [
        datetime.fromisoformat(each["at"])
        for each in records
        if each["step"] == step and each["kind"] in ("intends", "did")
    ]
    return (times[-1] - times[0]).total_seconds()


def _room_for(files: int) -> None:
    there = os.statvfs(tempfile.gettempdir())
    free_bytes = shutil.disk_usage(tempfile.gettempdir()).free
    if there.f_favail < files * 1.1 or free_bytes < files * 5_000:
        raise SystemExit(f"{tempfile.gettempdir()} has no room for {files} small files")


def _row(files: int, found: list[Contained]) -> list[object]:
    seconds = [each.run.seconds for each in found]
    middle = [
        statistics.median(values)
        for values in zip(*((e.opened_s, e.evidence_s, e.rename_s) for e in found), strict=True)
    ]
    spread = (statistics.median(seconds), min(seconds), max(seconds), *middle)
    peak = statistics.median(each.run.peak_kib for each in found) / 1024
    return [f"{files:,}", *(f"{each:.2f}" for each in spread), found[-1].run.execs, f"{peak:.0f}"]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--round-trip-ms", type=float, default=50.0)
    options = parser.parse_args()
    _room_for(options.files)
    few: list[Contained] = []
    many: list[Contained] = []
    with (
        delay_line(options.round_trip_ms) as line,
        bench(line) as small,
        bench(line, files=options.files) as large,
    ):
        for each in (small, large):
            contained(each)
        for _ in range(options.rounds):
            few.append(contained(small))
            many.append(contained(large))
    rows = [_row(60, few), _row(60 + options.files, many)]
    print(tabulate(rows, headers=_HEADERS, disable_numparse=True))
    seconds = [big.run.seconds / one.run.seconds for one, big in zip(few, many, strict=True)]
    peaks = [big.run.peak_kib / one.run.peak_kib for one, big in zip(few, many, strict=True)]
    print(
        f"a round with many files takes {statistics.median(seconds):.2f} times one with few, "
        f"and {statistics.median(peaks):.2f} times its memory"
    )


if __name__ == "__main__":
    main()
