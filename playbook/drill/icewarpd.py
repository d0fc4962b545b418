"""The service control program behind `icewarpd.sh`."""

import os
import signal
import sys
import time
from pathlib import Path

from playbook.drill.faults import Fault
from playbook.drill.layout import Layout
from playbook.drill.process import MODULES, gone_within, lift_file_limit, running, spawn
from playbook.drill.scenario import Scenario

USAGE = "Usage: icewarpd.sh --start|--stop|--restart [smtp|pop3|control|im|all]"
READY_TIMEOUT_S = 30.0
STOP_TIMEOUT_S = 10.0


def main() -> int:
    """Run one command of `icewarpd.sh INSTALL --start|--stop|--restart [MODULE|all]`."""
    lift_file_limit()
    layout = Layout(Path(sys.argv[1]).parent)
    verb, module = (*sys.argv[2:], "", "all")[:2] if len(sys.argv) > 2 else ("", "")
    modules = MODULES if module in {"", "all"} else (module,)
    if not set(modules) <= set(MODULES):
        verb = ""
    match verb:
        case "--start":
            return start(layout, modules)
        case "--stop":
            return stop(layout, modules)
        case "--restart":
            return stop(layout, modules) or start(layout, modules)
        case _:
            sys.stdout.write(USAGE + "\n")
            return 1


def start(layout: Layout, modules: tuple[str, ...]) -> int:
    """Start what does not run yet and wait until it answers; 1 where something failed at once.

    A child that ends with 0 found that the watchdog was faster.
    """
    started = [(name, spawn(layout, name)) for name in modules if running(layout, name) is None]
    deadline = time.monotonic() + READY_TIMEOUT_S
    for name, child in started:
        while running(layout, name) is None:
            if child.poll() or time.monotonic() > deadline:
                return 1
            time.sleep(0.002)
    return 0


def stop(layout: Layout, modules: tuple[str, ...]) -> int:
    """Ask modules to end and wait for it, except where the drill wants otherwise."""
    scenario = Scenario.read(layout.scenario)
    status = 0
    for name in modules:
        pid = running(layout, name)
        if pid is None:
            continue
        os.kill(pid, signal.SIGTERM)
        if name == "smtp" and scenario.has(Fault.STOP_RETURNS_EARLY):
            continue
        patience_s = 1.0 if scenario.has(Fault.STOP_HANGS) else STOP_TIMEOUT_S
        status |= not gone_within(layout, name, patience_s)
    return int(status)


if __name__ == "__main__":
    sys.exit(main())
