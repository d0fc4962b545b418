"""Prints what features cost over the delay line: ``python bench/scan_far.py``, as root.

The drill's attacked server stands behind a real sshd at the far end. The same perl program runs
there alone, its answer thrown away, in turn with the whole way over SSH up to features in this
process's memory. To reach: at most twice the time, and at most 20 round trips; it is one exec.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path
from time import monotonic

from delay_line import FAR, delay_line
from scan import measured
from tabulate import tabulate

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from playbook.hosts import inventory
from playbook.mail.icewarp.queue_files import scan
from playbook.transports.ssh import Ssh

_ATTACKED = Path(__file__).parent / "attacked.py"


def over_the_line(hosts: Path, folder: str) -> None:
    """Take the features from the near end, and print how many there were and the seconds."""
    transport = Ssh(inventory.load(hosts).host("far"))
    begun_s = monotonic()
    files = sum(1 for _ in scan(transport, folder))
    print(json.dumps({"files": files, "seconds": monotonic() - begun_s}))
    transport.close()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=100_000, help="files in the queue")
    parser.add_argument("--round-trip-ms", type=float, default=50.0)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--one", nargs=2, metavar=("INVENTORY", "FOLDER"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        over_the_line(Path(options.one[0]), options.one[1])
        return
    rows = []
    with delay_line(options.round_trip_ms) as line:
        far = line.at_far(sys.executable, str(_ATTACKED), "--address", FAR)
        far += ["--size", str(options.size)]
        with subprocess.Popen(far, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as attacked:
            assert attacked.stdin and attacked.stdout
            facts = json.loads(attacked.stdout.readline())
            folder = f"{facts['install']}/mail/_outgoing"
            near = line.at_near(sys.executable, __file__, "--one", facts["inventory"], folder)
            for _ in range(options.runs):
                alone = measured("perl alone", Path(folder), 1)
                whole = json.loads(subprocess.check_output(near))
                ratio = whole["seconds"] / alone["seconds"]
                rows.append([whole["files"], alone["seconds"], whole["seconds"], ratio])
            attacked.stdin.close()
    headers = ("files", "perl alone, s", "over the line, s", "times")
    print(tabulate(rows, headers=headers, floatfmt=("", ".1f", ".1f", ".2f")))


if __name__ == "__main__":
    main()
