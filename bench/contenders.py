"""Three ways to contain the same stolen account: `respond`, one `ssh` command, a playbook."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from delay_line import FAR, DelayLine

HERE = Path(__file__).resolve().parent

CONFIRM_S = 1


@dataclass(frozen=True)
class Run:
    """One containment: seconds without the product's own, what SSH counted, IP bytes, KiB."""

    seconds: float
    service_s: float
    execs: int
    connections: int
    carried_bytes: int
    peak_kib: int


class Bench:
    """An attacked server at the far end of a line, and what is run against it from the near one."""

    def __init__(self, line: DelayLine, said: IO[str], told: IO[str]) -> None:
        self._line = line
        self._said = said
        self._told = told
        self.facts: dict[str, Any] = json.loads(said.readline())
        self.again()

    def again(self) -> dict[str, float]:
        """Put the queue back, and give what happened since the last time."""
        self._told.write("again\n")
        self._told.flush()
        happened: dict[str, float] = json.loads(self._said.readline())
        return happened

    def run(self, command: list[str], *, text: str = "", waits_s: float = 0) -> Run:
        """Run a command at the near end; `waits_s` of its time is a wait that was asked for.

        Raises `SystemExit` where it fails, with what it said.
        """
        before = self._line.carried_bytes()
        begun = time.monotonic()
        with tempfile.TemporaryFile("w+") as said:
            process = subprocess.Popen(
                self._line.at_near(*command), stdin=subprocess.PIPE, stdout=said, stderr=said,
                text=True, cwd=HERE.parent,
            )  # fmt: skip
            assert process.stdin
            process.stdin.write(text)
            process.stdin.close()
            _, status, used = os.wait4(process.pid, 0)
            seconds = time.monotonic() - begun
            process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode != 0:
                said.seek(0)
                raise SystemExit(f"{command[0]} failed with {process.returncode}:\n{said.read()}")
        carried = self._line.carried_bytes() - before
        happened = self.again()
        return Run(
            seconds - happened["service_s"] - waits_s,
            happened["service_s"],
            int(happened["execs"]),
            int(happened["connections"]),
            carried,
            used.ru_maxrss,
        )


@contextmanager
def bench(line: DelayLine, *, size: int = 60, files: int = 0) -> Iterator[Bench]:
    """Start an attacked server at the far end."""
    script = [sys.executable, str(HERE / "attacked.py"), "--address", FAR]
    command = line.at_far(*script, "--size", str(size), "--files", str(files))
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdin and server.stdout
        try:
            yield Bench(line, server.stdout, server.stdin)
        finally:
            server.stdin.close()
            server.wait(600)


def respond(bench: Bench) -> Run:
    """The runbook, with the shortest confirmation that can be set, which is not counted."""
    with tempfile.TemporaryDirectory() as home:
        return respond_from(Path(home), bench)


def respond_from(home: Path, bench: Bench) -> Run:
    """The same, with the incident left in a folder."""
    facts = bench.facts
    program = str(Path(sys.executable).parent / "respond")
    words = [program, "compromised-account", facts["account"], "--host", "far", "--yes"]
    command = ["env", f"RESPOND_HOME={home}", *words, "--contain"]
    return bench.run([*command, "--inventory", facts["inventory"]], waits_s=CONFIRM_S)


_BY_HAND = """
set -e
cd "{install}"
./tool.sh set system c_system_tools_watchdog_smtp 0
./icewarpd.sh --stop smtp
while pgrep -f "{install}/smtp$" >/dev/null; do sleep 0.2; done
while grep -q ":{hex_port} [0:]* 0A " /proc/net/tcp; do sleep 0.2; done
password=Ab12-$(head -c 24 /dev/urandom | base64 | tr -dc a-zA-Z0-9)
./tool.sh set account "{account}" u_password "$password"
mv mail/_outgoing mail/_outgoing.by-hand
mv temp/SMTP temp/SMTP.by-hand
./icewarpd.sh --start smtp
until grep -q ":{hex_port} [0:]* 0A " /proc/net/tcp; do sleep 0.2; done
./tool.sh set system c_system_tools_watchdog_smtp 1
"""


def ssh(bench: Bench) -> Run:
    """One `ssh` command that does the same acts, and looks at nothing before or after."""
    facts = bench.facts
    port = f"{facts['smtp_port']:04X}"
    script = _BY_HAND.format(**facts, hex_port=port)
    options = ["-F", os.devnull, "-i", facts["key_file"], "-p", str(facts["port"])]
    options += ["-o", f"UserKnownHostsFile={facts['known_hosts']}", "-o", "IdentitiesOnly=yes"]
    return bench.run(["ssh", *options, f"{facts['user']}@{facts['address']}", "sh -s"], text=script)


def playbook(bench: Bench, program: str, name: str) -> Run:
    """A playbook of `bench/playbooks/`, with the settings that serve it best, said in README.md."""
    facts = bench.facts
    with tempfile.TemporaryDirectory() as folder:
        there = {
            "ansible_host": facts["address"],
            "ansible_port": facts["port"],
            "ansible_user": facts["user"],
            "ansible_ssh_private_key_file": facts["key_file"],
            "ansible_ssh_common_args": f"-F {os.devnull} -o IdentitiesOnly=yes "
            f"-o UserKnownHostsFile={facts['known_hosts']}",
            "ansible_python_interpreter": "/usr/bin/python3",
            "install": facts["install"],
            "smtp_port": facts["smtp_port"],
            "account": facts["account"],
            "evidence_file": f"{folder}/evidence.txt",
        }
        inventory = Path(folder) / "hosts.json"
        inventory.write_text(json.dumps({"all": {"hosts": {"far": there}}}))
        settings = {
            "ANSIBLE_HOME": folder,
            "ANSIBLE_PIPELINING": "true",
            # A new one a run: an incident begins without an open connection.
            "ANSIBLE_SSH_CONTROL_PATH_DIR": f"{folder}/cp",
            "ANSIBLE_SSH_ARGS": "-o ControlMaster=auto -o ControlPersist=3s",
            "ANSIBLE_HOST_KEY_CHECKING": "true",
            "ANSIBLE_LOCALHOST_WARNING": "false",
        }
        words = [f"{key}={value}" for key, value in settings.items()]
        book = HERE / "playbooks" / f"{name}.yml"
        found = bench.run(["env", *words, program, "-i", str(inventory), str(book)])
        shutil.rmtree(f"{folder}/cp", ignore_errors=True)
    return found
