"""Start-up time: `respond --help` beside an import of typer alone: ``python bench/start.py``."""

import argparse
import statistics
import subprocess
import sys
import time
from pathlib import Path

from tabulate import tabulate

_COMMANDS = {
    "respond --help": (str(Path(sys.executable).parent / "respond"), "--help"),
    "python -c 'import typer'": (sys.executable, "-c", "import typer"),
    "python -c pass": (sys.executable, "-c", "pass"),
}


def seconds_of(command: tuple[str, ...]) -> float:
    """Wall time of one run."""
    begun = time.monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - begun


def main() -> None:
    """Measure in turn and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    options = parser.parse_args()
    found: dict[str, list[float]] = {name: [] for name in _COMMANDS}
    for command in _COMMANDS.values():
        seconds_of(command)
    for _ in range(options.rounds):
        for name, command in _COMMANDS.items():
            found[name].append(seconds_of(command))
    ours, typer, _ = found.values()
    rows = [(name, statistics.median(each), min(each), max(each)) for name, each in found.items()]
    print(tabulate(rows, headers=("", "s median", "least", "most"), floatfmt=".3f"))
    ratio = statistics.median(one / other for one, other in zip(ours, typer, strict=True))
    print(f"respond --help takes {ratio:.2f} times an import of typer")


if __name__ == "__main__":
    main()
