"""Contain a stolen account over a line of 50 ms, three ways: ``python bench/containment.py``.

`respond` alternates with one `ssh` command that does the same acts, and with two Ansible
playbooks: the acts alone, and the steps of the runbook with their looks before and after. All
meet the same attacked server of the drill, behind a real sshd at the far end of the delay line.

Seconds are those of the whole command from its start to its end, without the service times (the
product's two programs are wrapped and clock themselves at the server) and without the second of
confirmation that only `respond` waits. Execs and connections are what sshd logged, bytes are what
the line carried. Ratios are medians of the ratios of one round.
"""

import argparse
import shutil
import statistics
from collections.abc import Callable

from contenders import Bench, Run, bench, playbook, respond, ssh
from delay_line import delay_line
from tabulate import tabulate

_HEADERS = (
    "", "s median", "least", "most", "s in the product", "respond is", "execs", "connections",
    "kB on the line", "peak MiB",
)  # fmt: skip

Contender = Callable[[Bench], Run]


def _contenders(ansible: str) -> dict[str, Contender]:
    found: dict[str, Contender] = {"respond": respond, "ssh, one command": ssh}
    if not ansible:
        print("No ansible-playbook was found or named with --ansible: its rows are left out.")
        return found
    for name in ("acts", "runbook"):
        found[f"Ansible, {name}"] = lambda bench, name=name: playbook(bench, ansible, name)
    return found


def rows(runs: dict[str, list[Run]], first: str) -> list[list[object]]:
    """A row a contender; `first` is the one that the others are compared with."""
    table: list[list[object]] = []
    for name, found in runs.items():
        seconds = [each.seconds for each in found]
        ratios = [
            one.seconds / other.seconds for one, other in zip(found, runs[first], strict=True)
        ]
        ratio = statistics.median(ratios)
        factor = f"{ratio:.1f} x faster" if ratio >= 1 else f"{1 / ratio:.1f} x slower"
        last = found[-1]
        table.append(
            [
                name,
                f"{statistics.median(seconds):.2f}",
                f"{min(seconds):.2f}",
                f"{max(seconds):.2f}",
                f"{statistics.median(each.service_s for each in found):.2f}",
                "" if name == first else factor,
                last.execs,
                last.connections,
                round(last.carried_bytes / 1000),
                round(last.peak_kib / 1024),
            ]
        )
    return table


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--round-trip-ms", type=float, default=50.0)
    parser.add_argument("--ansible", default=shutil.which("ansible-playbook") or "")
    options = parser.parse_args()
    contenders = _contenders(options.ansible)
    runs: dict[str, list[Run]] = {name: [] for name in contenders}
    with delay_line(options.round_trip_ms) as line, bench(line) as there:
        for contain in contenders.values():
            contain(there)
        for _ in range(options.rounds):
            for name, contain in contenders.items():
                runs[name].append(contain(there))
    print(f"{options.round_trip_ms:g} ms there and back, {options.rounds} rounds")
    print(tabulate(rows(runs, "respond"), headers=_HEADERS, disable_numparse=True))


if __name__ == "__main__":
    main()
