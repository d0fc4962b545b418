"""The far end of the benches: the drill's attacked server behind a real OpenSSH sshd.

A bench starts it at the far end of a delay line and talks with it over its standard streams: it
says in one line of JSON how it is reached; for each line `again` that it is sent it puts the
queue back as it was, and answers with what happened since the last time.

The product's two programs are wrapped, so that the time spent in them is known.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from playbook.drill.server import AttackedServer
from tests.support.ssh_servers import free_port, openssh, public

_QUEUE_FILE = (
    b"original sender: %b\r\nsender: <thief@elsewhere.example>\r\n"
    b"recipient: <somebody@elsewhere.example>\r\n\r\n"
)

# What the product needs for its own work is no merit or fault of who asks it.
_WRAPPER = """#!/bin/sh
begun=$(date +%s%N)
"{program}" "$@"
status=$?
echo "$begun $(date +%s%N)" >>"{log}"
exit "$status"
"""


def _wrap(program: Path, log: Path) -> None:
    inner = program.with_suffix(".inner")
    program.rename(inner)
    program.write_text(_WRAPPER.format(program=inner, log=log), encoding="ascii")
    program.chmod(0o755)


def _add_files(outgoing: Path, account: str, count: int) -> None:
    """Fill the queue: half of it in `retry`, the rest in `_outgoing` itself."""
    content = _QUEUE_FILE % account.encode("ascii")
    for folder in (outgoing, outgoing / "retry"):
        held = os.open(folder, os.O_RDONLY)
        for number in range(count // 2):
            name = f"20260101{number:010d}.tmp"
            file = os.open(name, os.O_WRONLY | os.O_CREAT, 0o644, dir_fd=held)
            os.write(file, content)
            os.close(file)
        os.close(held)


class Attacked:
    """The server with its sshd, and what has been asked of both."""

    def __init__(self, server: AttackedServer, sshd_log: Path, service_log: Path) -> None:
        self._server = server
        self._logs = {sshd_log: 0, service_log: 0}
        self._sshd_log = sshd_log
        self._service_log = service_log
        self.mail = server.install / "mail"

    def again(self) -> dict[str, float]:
        """Put the queue back, and say what happened: seconds in the product, SSH's counts."""
        said = self._new(self._sshd_log)
        pairs = [line.split() for line in self._new(self._service_log).splitlines()]
        self._put_back(self.mail, "_outgoing")
        self._put_back(self._server.install / "temp", "SMTP")
        for folder in (self.mail, self.mail.parent):
            shutil.rmtree(folder / ".respond", ignore_errors=True)
        return {
            "service_s": sum(int(end) - int(begun) for begun, end in pairs) / 1e9,
            "connections": said.count("Accepted publickey"),
            "execs": said.count("Starting session:"),
        }

    def _put_back(self, folder: Path, name: str) -> None:
        for aside in folder.glob(f"{name}.*"):
            shutil.rmtree(folder / name, ignore_errors=True)
            aside.rename(folder / name)

    def _new(self, log: Path) -> str:
        with log.open("rb") as file:
            file.seek(self._logs[log])
            text = file.read()
        self._logs[log] += len(text)
        return text.decode("utf-8", "replace")


@contextmanager
def _running(address: str, size: int, files: int) -> Iterator[tuple[Attacked, dict[str, object]]]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-sshd-")))
        server = AttackedServer(size=size, ssh=False, thief=False, deliveries_per_s=0)
        stack.enter_context(server)
        service_log = folder / "service.log"
        service_log.touch()
        for program in ("tool.sh", "icewarpd.sh"):
            _wrap(server.install / program, service_log)
        _add_files(server.install / "mail" / "_outgoing", server.account, files)
        port = free_port()
        options = (f"ListenAddress {address}:{port}", "LogLevel VERBOSE")
        sshd = stack.enter_context(openssh(folder, options))
        known_hosts = folder / "known_hosts_there"
        known_hosts.write_text(f"[{address}]:{port} {public(sshd.host_key)}\n", encoding="ascii")
        inventory = folder / "respond.toml"
        there = {"address": address, "port": port, "user": sshd.user, "transport": "ssh"}
        keys = {"key_file": str(sshd.key_file), "known_hosts": str(known_hosts)}
        product = {"conf": str(server.root / "etc" / "icewarp.conf"), "confirm_s": 1}
        product["smtp_port"] = server.smtp_port
        inventory.write_text(
            _table("hosts.far", {**there, **keys}) + _table("hosts.far.icewarp", product)
        )
        facts = {**there, **keys, "inventory": str(inventory), "account": server.account}
        facts |= {"install": str(server.install), "smtp_port": server.smtp_port}
        yield Attacked(server, folder / "sshd.log", service_log), facts


def _table(name: str, values: dict[str, str | int]) -> str:
    return f"[{name}]\n" + "".join(f"{key} = {json.dumps(each)}\n" for key, each in values.items())


def main() -> None:
    """Run until the input ends."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--address", required=True)
    parser.add_argument("--size", type=int, default=60, help="messages that the drill makes")
    parser.add_argument("--files", type=int, default=0, help="so many more small files")
    options = parser.parse_args()
    with _running(options.address, options.size, options.files) as (attacked, facts):
        print(json.dumps(facts), flush=True)
        for _ in sys.stdin:
            print(json.dumps(attacked.again()), flush=True)


if __name__ == "__main__":
    main()
