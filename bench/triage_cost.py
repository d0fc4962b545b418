"""Prints the time and memory that verdicts on a large queue take: ``python bench/triage_cost.py``.

Each size is made by ``playbook/drill/queues`` in a temporary folder and judged, from files and a
week of logs to the last verdict, in processes of their own: a child is charged with the memory of
the one that starts it. To reach: 100,000 files in at most 60 s and 600 MB on two cores; ten times
the files in at most eleven times the time and one and a half times the memory. Processor seconds
are those of all processes, wall seconds what a person waits; on a busy machine only the former can
be compared.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from time import monotonic

from tabulate import tabulate

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from playbook.drill.queues.generator import generate
from playbook.drill.queues.scene import STOLEN, Texts
from playbook.drill.queues.style import Style
from playbook.mail.icewarp.formats.folder import judge_queue, read_folder
from playbook.triage.spool import SpooledFeatures

_HEADERS = ("files", "log MB", "features s", "wall s", "cpu s", "cpu us a file", "peak MB")


def judge(folder: Path) -> None:
    """Judge the queue of one folder and print what it cost, as JSON; runs in the child."""
    started_s = monotonic()
    with SpooledFeatures(read_folder(folder / "mail")) as queue:
        features_s = monotonic() - started_s
        judged = Counter(each.verdict for each in judge_queue(queue, (STOLEN,), (folder / "logs",)))
    own = resource.getrusage(resource.RUSAGE_SELF)
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    readers = min(os.cpu_count() or 1, 8) if children.ru_maxrss else 0
    cost = {
        "files": judged.total(),
        "features_s": features_s,
        "wall_s": monotonic() - started_s,
        "cpu_s": sum(used.ru_utime + used.ru_stime for used in (own, children)),
        "peak_mib": (own.ru_maxrss + readers * children.ru_maxrss) / 1024,
    }
    print(json.dumps(cost))


def measure(size: int, level: int, seed: int, parent: Path | None) -> list[object]:
    """The row of one size."""
    with tempfile.TemporaryDirectory(dir=parent) as name:
        folder = Path(name)
        make = [sys.executable, __file__, "--make", name, "--sizes", str(size)]
        subprocess.run([*make, "--level", str(level), "--seed", str(seed)], check=True)
        logs_bytes = sum(file.stat().st_size for file in (folder / "logs").rglob("*.log"))
        command = [sys.executable, __file__, "--judge", name]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    cost = json.loads(done.stdout)
    return [
        cost["files"],
        f"{logs_bytes / 1e6:.0f}",
        f"{cost['features_s']:.1f}",
        f"{cost['wall_s']:.1f}",
        f"{cost['cpu_s']:.1f}",
        f"{1e6 * cost['cpu_s'] / cost['files']:.0f}",
        f"{cost['peak_mib']:.0f}",
    ]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000], help="files")
    parser.add_argument("--level", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1000)
    parser.add_argument("--folder", type=Path, help="where to make the queues (default: temporary)")
    parser.add_argument("--make", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--judge", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.make:
        generate(options.make, options.seed, options.level, options.sizes[0], Style(), Texts())
        return
    if options.judge:
        judge(options.judge)
        return
    rows = [measure(size, options.level, options.seed, options.folder) for size in options.sizes]
    print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}")
    print(tabulate(rows, headers=_HEADERS))


if __name__ == "__main__":
    main()
