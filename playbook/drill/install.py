"""Lays out the attacked server's folder."""

import getpass
import shlex

from playbook.drill.faults import Fault
from playbook.drill.fill import INCOMING_PAIRS, fill_incoming, fill_plainly, fill_with
from playbook.drill.layout import RETRY_LINE, Layout
from playbook.drill.process import PACKAGE_FOLDER, python_command
from playbook.drill.queues.scene import Scene
from playbook.drill.scenario import Scenario
from playbook.drill.settings import write_settings
from playbook.drill.variables import fresh_settings


def lay_out(layout: Layout, scenario: Scenario, now: float, scene: Scene | None) -> None:
    """Write everything that is on disk before the first process starts.

    Without a scene the queue is that of level 1.
    """
    for folder in (layout.sink, layout.conf.parent, layout.settings.parent, layout.var):
        folder.mkdir(parents=True)
    for folder in (layout.receiving, layout.webmail, layout.logs / "smtp", layout.mail):
        folder.mkdir(parents=True)
    for account in scenario.accounts:
        layout.mailbox(account).mkdir(parents=True)
    layout.processes.touch()
    scenario.write(layout.scenario)
    write_settings(layout.settings, fresh_settings(layout, scenario, int(now) - 200 * 86_400))
    _write_conf(layout, scenario)
    _write_programs(layout)
    _write_path_dat(layout, scenario)
    _make_queue_folders(layout, scenario)
    if scene is not None:
        fill_with(layout, scene, scenario)
        return
    if not scenario.has(Fault.START_FAILS_ON_FULL_INCOMING):
        fill_incoming(layout, scenario, now, INCOMING_PAIRS)
    fill_plainly(layout, scenario, now)


def _write_conf(layout: Layout, scenario: Scenario) -> None:
    values = {
        "IWS_INSTALL_DIR": str(layout.install),
        "IWS_PROCESS_USER": getpass.getuser(),
        "IWS_VERSION": scenario.version,
        "IWS_LIB_DIR": "lib64",
        "IWS_PLATFORM": "RHEL9_x64",
    }
    lines = "".join(f'{name}="{value}"\n' for name, value in values.items())
    layout.conf.write_text(lines, encoding="utf-8")


def _write_programs(layout: Layout) -> None:
    for program in ("tool", "icewarpd"):
        script = layout.install / f"{program}.sh"
        command = shlex.join([*python_command(program), str(layout.install)])
        script.write_text(
            f"#!/bin/sh\nPYTHONPATH={shlex.quote(str(PACKAGE_FOLDER))}\nexport PYTHONPATH\n"
            f'exec {command} "$@"\n',
            encoding="utf-8",
        )
        script.chmod(0o755)


def _write_path_dat(layout: Layout, scenario: Scenario) -> None:
    lines = [""] * 16
    if scenario.has(Fault.RETRY_ELSEWHERE):
        lines[RETRY_LINE - 1] = f"{layout.other_volume / 'retry'}/"
    layout.path_dat.write_bytes("\r\n".join([*lines, ""]).encode("utf-8"))


def _make_queue_folders(layout: Layout, scenario: Scenario) -> None:
    if scenario.has(Fault.OUTGOING_IS_A_LINK):
        elsewhere = layout.other_volume / "_outgoing"
        elsewhere.mkdir(parents=True)
        layout.outgoing.symlink_to(elsewhere)
    for name in ("priority_0", "priority_1", "priority_2"):
        (layout.outgoing / name).mkdir(parents=True)
    layout.retry.mkdir(parents=True)
    layout.incoming.mkdir()
