"""How the drill's own tests ask an attacked server things."""

import smtplib
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from playbook.drill.faults import Fault
from playbook.drill.found import identity_in
from playbook.drill.server import AttackedServer
from playbook.drill.truth import Truth, TruthFile

NEW_PASSWORD = "Neu-4711-geheim"
OLD_PASSWORD = "info2001"


class Attack(Protocol):
    """Starts an attacked server for one test."""

    def __call__(
        self,
        *faults: Fault,
        size: int = 40,
        level: int = 1,
        thief: bool = False,
        ssh: bool = False,
        deliveries_per_s: float = 0,
        session_path: str | None = None,
        cut_at_exec: int = 3,
        set_exit_status: int = 0,
    ) -> AttackedServer: ...


@dataclass(frozen=True)
class Answer:
    """What a program of the server said."""

    status: int
    text: str

    @property
    def lines(self) -> tuple[str, ...]:
        return tuple(self.text.split("\r\n")[:-1])


def tool(server: AttackedServer, *words: str, timeout_s: float = 10) -> Answer:
    said = subprocess.run(
        [server.install / "tool.sh", *words],
        capture_output=True,
        timeout=timeout_s,
        check=False,
        env={"PATH": "", "LC_ALL": "C"},
    )
    assert said.stderr == b""
    return Answer(said.returncode, said.stdout.decode("ascii"))


def service(server: AttackedServer, *words: str) -> Answer:
    said = subprocess.run(
        [server.install / "icewarpd.sh", *words], capture_output=True, timeout=20, check=False
    )
    assert said.stderr == b""
    return Answer(said.returncode, said.stdout.decode("ascii"))


def until(condition: Callable[[], object], timeout_s: float = 10) -> None:
    """Poll until a condition holds; fail with what it was when it does not in time."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come to hold in time"
        time.sleep(0.005)


def smtp_pid(server: AttackedServer) -> int | None:
    """The pid of SMTP while its process lives."""
    try:
        pid = int((server.install / "var" / "smtp.pid").read_text())
        alive = Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError, ValueError):
        return None
    return pid if alive else None


def log_in(server: AttackedServer, password: str = OLD_PASSWORD) -> smtplib.SMTP:
    smtp = smtplib.SMTP("127.0.0.1", server.smtp_port, timeout=5)
    try:
        smtp.login("info@domaine.example", password)
    except smtplib.SMTPException:
        smtp.close()
        raise
    return smtp


def refused(server: AttackedServer) -> bool:
    """Whether the stolen password is refused."""
    try:
        log_in(server).close()
    except smtplib.SMTPAuthenticationError:
        return True
    return False


def port_open(server: AttackedServer) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", server.smtp_port)) == 0


def queue(server: AttackedServer) -> Path:
    return server.install / "mail" / "_outgoing"


def queued(server: AttackedServer) -> list[Path]:
    return sorted(queue(server).rglob("*.tmp"))


def sink(server: AttackedServer) -> list[Path]:
    return list((server.root / "sink").iterdir())


def submit(smtp: smtplib.SMTP) -> None:
    smtp.sendmail("info@domaine.example", ["x@courriel.example"], b"Subject: x\r\n\r\nx\r\n")


def without_watchdog(server: AttackedServer) -> None:
    tool(server, "set", "system", "c_system_tools_watchdog_smtp", "0")


def stop_for_good(server: AttackedServer) -> None:
    without_watchdog(server)
    service(server, "--stop", "smtp")
    until(lambda: smtp_pid(server) is None)


def restart(server: AttackedServer) -> None:
    stop_for_good(server)
    assert service(server, "--start", "smtp").status == 0


def set_outgoing_aside(server: AttackedServer) -> Path:
    return queue(server).rename(queue(server).with_name("_outgoing.incident"))


def truths(server: AttackedServer) -> dict[str, Truth]:
    return TruthFile(server.root / "truth.jsonl").all()


def truth_of(server: AttackedServer, file: Path) -> Truth | None:
    return truths(server).get(identity_in(file) or "")
