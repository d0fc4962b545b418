"""The drill from its command to its score: ``python bench/drill.py``.

The confirmation wait is read from the inventory that the drill writes and taken off.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

from tabulate import tabulate

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from playbook.drill.inventory import CONFIRM_S


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=2_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    program = str(Path(sys.executable).parent / "respond")
    command = (program, "drill", "--size", str(options.size), "--json")
    seconds: list[float] = []
    score: dict[str, object] = {}
    for _ in range(options.rounds):
        begun = time.monotonic()
        # It exits red where something was not mastered; the score says what.
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        seconds.append(time.monotonic() - begun - CONFIRM_S)
        score = json.loads(done.stdout)
    row = (options.size, statistics.median(seconds), min(seconds), max(seconds))
    print(tabulate([row], headers=("messages", "s median", "least", "most"), floatfmt=".1f"))
    print(f"besides {CONFIRM_S} s of confirmation; score of the last: {json.dumps(score)}")


if __name__ == "__main__":
    main()
