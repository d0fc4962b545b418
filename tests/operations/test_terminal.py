"""The prompt, in a real pseudo-terminal, with the program as a process of its own."""

import os
import pty
import select
import sys
import time
from pathlib import Path

import pytest

from playbook.drill.server import AttackedServer
from playbook.errors import ExitCode
from playbook.incident import store
from playbook.incident.records import Closed, Declined, Owed
from tests.support.attacked_server import attacked

_PATIENCE_S = 40.0


class Terminal:
    """A program in a pseudo-terminal: what it shows, and keys to it."""

    def __init__(self, home: Path, *words: str) -> None:
        self.shown = ""
        self._pid, self._fd = pty.fork()
        if self._pid == 0:
            os.environ["RESPOND_HOME"] = str(home)
            call = "from playbook.cli import main; main()"
            os.execv(sys.executable, [sys.executable, "-c", call, *words])

    def until(self, words: str) -> None:
        """Read until these words were shown since the last call."""
        ends, since = time.monotonic() + _PATIENCE_S, len(self.shown)
        while words not in self.shown[since:]:
            assert time.monotonic() < ends, self.shown[-2000:]
            if select.select([self._fd], [], [], 1.0)[0]:
                self.shown += os.read(self._fd, 4096).decode("utf-8", "replace")

    def type(self, keys: str) -> None:
        os.write(self._fd, f"{keys}\n".encode())

    def ended(self) -> int:
        """Read to the end, and return the exit code."""
        try:
            while piece := os.read(self._fd, 4096):
                self.shown += piece.decode("utf-8", "replace")
        except OSError:  # a pseudo-terminal ends so
            pass
        os.close(self._fd)
        return os.waitstatus_to_exitcode(os.waitpid(self._pid, 0)[1])


def respond(server: AttackedServer, home: Path) -> Terminal:
    return Terminal(
        home,
        "compromised-account",
        server.account,
        "--host",
        "drill",
        "--inventory",
        str(server.inventory),
        "--interactive",
    )


def test_why_show_list_and_the_safe_answers(tmp_path: Path) -> None:
    with attacked(tmp_path, ssh=False, still=True) as (server, _):
        terminal = respond(server, tmp_path)
        terminal.until("preserve_evidence: Keep")
        for key, shown in (
            ("w", "connections are lost at the stop"),
            ("h", "written on your machine only"),
            ("l", "-> preserve_evidence"),
            ("x", "one of the letters"),
            ("y", "stop_smtp: Switch the SMTP watchdog off"),
            ("h", "change/stop_smtp"),
            ("q", "goes on from here"),
        ):
            terminal.type(key)
            terminal.until(shown)
        assert terminal.ended() == ExitCode.PERSON
        assert server.score(0.0).smtp_answers


@pytest.mark.slow
def test_what_cannot_be_taken_back_is_asked_twice(tmp_path: Path) -> None:
    with attacked(tmp_path, ssh=False, still=True) as (server, _):
        terminal = respond(server, tmp_path)
        terminal.until("preserve_evidence: Keep")
        terminal.type("y")
        terminal.until("stop_smtp: Switch")
        terminal.type("y")
        terminal.until("reset_password: Give")
        terminal.type("y")
        terminal.until("This cannot be taken back")
        terminal.type("")
        terminal.until("rename_outgoing: Rename")
        terminal.type("q")
        assert terminal.ended() == ExitCode.PERSON
        records = store.load("", tmp_path).journal.records
        said = [type(each.said) for each in records if each.step == "reset_password"]
        assert said[-3:] == [Declined, Owed, Closed]
