"""How many small changes of the code do its tests notice, where a fault would lose mail or proof?

A copy of the checkout is changed in one place at a time (cosmic-ray's operators), and the tests of
that module are run; a change that no test notices has survived. A random part of all changes is
tried, the same for the same seed. Needs `pip install cosmic-ray`, and takes minutes a module:

    python bench/mutation.py --each 40 --seed 1
"""

import argparse
import random
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from cosmic_ray.work_db import WorkDB, use_db
from cosmic_ray.work_item import TestOutcome, WorkerOutcome, WorkResult

ROOT = Path(__file__).parent.parent
# What is changed, and the tests that are to notice.
MODULES = {
    "playbook/incident/journal.py": "tests/incident",
    "playbook/incident/incident.py": "tests/incident tests/engine tests/steps",
    "playbook/incident/store.py": "tests/incident",
    "playbook/engine/runner.py": "tests/engine tests/steps",
    "playbook/engine/undo.py": "tests/engine tests/incident tests/operations",
    "playbook/mail/icewarp/ledger.py": "tests/mail/icewarp tests/smtplog",
    "playbook/triage/verdicts.py": "tests/triage",
}
CONFIG = """\
[cosmic-ray]
module-path = "{module}"
timeout = 60.0
excluded-modules = []
test-command = "{python} -m pytest -q -x -m 'not slow' -p no:cacheprovider {tests}"

[cosmic-ray.distributor]
name = "local"
"""


@dataclass(frozen=True)
class Tally:
    """What became of the changes tried in one module, and where those that survived stand."""

    tried: int
    survived: tuple[str, ...]


def tally_of(module: str, tests: str, each: int, seed: int) -> Tally:
    """Try some changes of a module in a copy of the checkout."""
    with tempfile.TemporaryDirectory(prefix="mutation-") as name:
        copy = Path(name) / "checkout"
        hidden = shutil.ignore_patterns(".git", ".venv", "*_cache", "__pycache__", ".hypothesis")
        shutil.copytree(ROOT, copy, ignore=hidden)
        config = copy / "mutation.toml"
        config.write_text(CONFIG.format(module=module, python=sys.executable, tests=tests))
        session = copy / "mutation.sqlite"
        _cosmic_ray(copy, "init", config.name, session.name)
        with use_db(session, WorkDB.Mode.open) as work:
            _leave_out_all_but(work, each, seed)
        _cosmic_ray(copy, "exec", config.name, session.name)
        with use_db(session, WorkDB.Mode.open) as work:
            return _tally(work)


def _cosmic_ray(folder: Path, *words: str) -> None:
    subprocess.run((sys.executable, "-m", "cosmic_ray.cli", *words), cwd=folder, check=True)


def _leave_out_all_but(work: WorkDB, each: int, seed: int) -> None:
    jobs = sorted(item.job_id for item in work.work_items)
    order = sorted(
        work.work_items,
        key=lambda item: [(m.operator_name, m.occurrence, m.start_pos) for m in item.mutations],
    )
    kept = {item.job_id for item in random.Random(seed).sample(order, min(each, len(order)))}
    for job in jobs:
        if job not in kept:
            work.set_result(job, WorkResult(worker_outcome=WorkerOutcome.SKIPPED))


def _tally(work: WorkDB) -> Tally:
    tried, survived = 0, []
    places = {item.job_id: item.mutations[0] for item in work.work_items}
    for job, result in work.results:
        if result.worker_outcome is WorkerOutcome.SKIPPED:
            continue
        tried += 1
        if result.test_outcome is TestOutcome.SURVIVED:
            place = places[job]
            survived.append(f"{place.start_pos[0]}: {place.operator_name.rpartition('/')[2]}")
    return Tally(tried, tuple(sorted(survived)))


def main() -> None:
    """Print, module by module, how many changes were tried and how many nobody noticed."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--each", type=int, default=40, help="changes to try in each module")
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("modules", nargs="*", default=list(MODULES))
    given = asked.parse_args()
    for module in given.modules:
        tally = tally_of(module, MODULES[module], given.each, given.seed)
        print(f"{module}: {len(tally.survived)} of {tally.tried} survived", flush=True)
        for place in tally.survived:
            print(f"  line {place}", flush=True)


if __name__ == "__main__":
    main()
