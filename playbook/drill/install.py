"""Lays out the attacked server's folder."""

import getpass
import shlex
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from playbook.drill.faults import Fault
from playbook.drill.history import write_ordinary_days, write_sessions
from playbook.drill.layout import RETRY_LINE, Layout
from playbook.drill.mails import ATTACK_S, Queued, bounce, good, queued, seeded, submission
from playbook.drill.process import PACKAGE_FOLDER, python_command
from playbook.drill.queuefile import write_all
from playbook.drill.scenario import ACCOUNTS, ORDINARY_ACCOUNTS, Scenario
from playbook.drill.settings import write_settings
from playbook.drill.truth import Truth, TruthFile
from playbook.drill.variables import fresh_settings

FULL_INCOMING_PAIRS = 5_200
INCOMING_PAIRS = 12
MESSAGES_LOGGED = 20_000
BATCH = 5_000


def lay_out(layout: Layout, scenario: Scenario, now: float) -> None:
    """Write everything that is on disk before the first process starts."""
    for folder in (layout.sink, layout.conf.parent, layout.settings.parent, layout.var):
        folder.mkdir(parents=True)
    for folder in (layout.receiving, layout.webmail, layout.logs / "smtp", layout.mail):
        folder.mkdir(parents=True)
    for account in ACCOUNTS:
        layout.mailbox(account).mkdir(parents=True)
    layout.processes.touch()
    scenario.write(layout.scenario)
    write_settings(layout.settings, fresh_settings(layout, scenario, int(now) - 200 * 86_400))
    _write_conf(layout, scenario)
    _write_programs(layout)
    _write_path_dat(layout, scenario)
    _make_queue_folders(layout, scenario)
    _fill(layout, scenario, now)


def fill_incoming(layout: Layout, scenario: Scenario, now: float, pairs: int) -> None:
    """Put pairs into the incoming queue: bounces for the stolen account, and good mail."""
    random = seeded("incoming", scenario.seed)
    truths, files = [], []
    for number in range(pairs):
        at = now - ATTACK_S + number * ATTACK_S / pairs
        text = bounce(random, at)
        if number % 12 == 0:
            text = good(random, at, random.choice(ORDINARY_ACCOUNTS), local=True)
        mail = submission(text, at, "212.27.42.6", "")
        content, envelope = mail.incoming_pair(scenario.version)
        truths.append(Truth(text.identity, good=True, account="", accepted_at=at))
        files.append((layout.incoming / f"{mail.stem}.tmp", content))
        files.append((layout.incoming / f"{mail.stem}.dat", envelope))
    TruthFile(layout.truth).tell(truths)
    write_all(files)


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


def _fill(layout: Layout, scenario: Scenario, now: float) -> None:
    if not scenario.has(Fault.START_FAILS_ON_FULL_INCOMING):
        fill_incoming(layout, scenario, now, INCOMING_PAIRS)
    write_ordinary_days(layout, scenario, now)
    truth = TruthFile(layout.truth)
    found = queued(scenario, now)
    written = 0
    while batch := list(islice(found, BATCH)):
        truth.tell(
            Truth(item.text.identity, item.text.good, item.mail.account, item.mail.at)
            for item in batch
        )
        write_all(_files(layout, scenario, batch))
        if written < MESSAGES_LOGGED:
            write_sessions(layout, scenario, [item.mail for item in batch])
        written += len(batch)


def _files(
    layout: Layout, scenario: Scenario, found: Iterable[Queued]
) -> Iterator[tuple[Path, bytes]]:
    outgoing, retry = layout.outgoing, layout.retry
    for item in found:
        folder = retry if item.folder == "retry" else outgoing / item.folder
        yield folder / f"{item.mail.stem}.tmp", item.mail.queue_file(scenario.version)
