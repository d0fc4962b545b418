"""`respond review` in a real pseudo-terminal, as a process of its own, read as a terminal does."""

import fcntl
import os
import pty
import re
import select
import struct
import sys
import termios
import time
from pathlib import Path

import pyte
import pytest

from playbook.errors import ExitCode
from playbook.review.titles import title
from tests.support.doubtful_incident import again, doubtful, opened

_PATIENCE_S = 40.0
_COLUMNS, _LINES = 80, 24
# Cursor, erasing, attributes, modes, and questions to the terminal: what a screen is drawn with.
_DRAWS = re.compile(
    rb"\x1b(?:\]22;[a-z]+\x07|\[[0-9;:?<>=$]*[A-Za-z~]|\[[0-9;?]*\$[py]|[78=>MD]|P[^\x1b]*\x1b\\)"
)


class Terminal:
    """A program in a pseudo-terminal of 80 by 24, and what stands on its screen."""

    def __init__(self, home: Path, *words: str, no_color: bool = False) -> None:
        self.raw = b""
        self.screen = pyte.Screen(_COLUMNS, _LINES)
        self._stream = pyte.ByteStream(self.screen)
        self._pid, self._fd = pty.fork()
        if self._pid == 0:
            size = struct.pack("HHHH", _LINES, _COLUMNS, 0, 0)
            fcntl.ioctl(0, termios.TIOCSWINSZ, size)
            os.environ.update(RESPOND_HOME=str(home), TERM="xterm-256color")
            for name in ("NO_COLOR", "COLUMNS", "LINES", "COLORTERM"):
                os.environ.pop(name, None)
            if no_color:
                os.environ["NO_COLOR"] = "1"
            call = "from playbook.cli import main; main()"
            os.execv(sys.executable, [sys.executable, "-c", call, "review", *words])

    @property
    def text(self) -> str:
        return "\n".join(self.screen.display)

    def until(self, words: str) -> str:
        """Read until these words stand on the screen."""
        ends = time.monotonic() + _PATIENCE_S
        while words not in self.text:
            assert time.monotonic() < ends, self.text
            if select.select([self._fd], [], [], 1.0)[0]:
                self._read()
        return self.text

    def type(self, keys: str) -> None:
        os.write(self._fd, keys.encode())

    def decide(self, key: str, words: str) -> None:
        """Press a key that decides until it is taken: right after a change it is not yet."""
        ends = time.monotonic() + _PATIENCE_S
        while words not in self.text:
            assert time.monotonic() < ends, self.text
            self.type(key)
            while select.select([self._fd], [], [], 0.5)[0]:
                self._read()

    def ended(self) -> int:
        """Read to the end, and return the exit code."""
        try:
            while True:
                self._read()
        except OSError:  # a pseudo-terminal ends so
            pass
        os.close(self._fd)
        return os.waitstatus_to_exitcode(os.waitpid(self._pid, 0)[1])

    def _read(self) -> None:
        piece = os.read(self._fd, 65536)
        if not piece:
            raise OSError
        self.raw += piece
        # pyte knows no private mode questions; they draw nothing.
        self._stream.feed(re.sub(rb"\x1b\[[?>=][0-9;]*(?:\$p|u|q|m)", b"", piece))


@pytest.mark.slow
def test_open_decide_undo_quit_and_open_again(tmp_path: Path) -> None:
    opened(tmp_path).manifest.close()
    terminal = Terminal(tmp_path)
    terminal.until("Hello there")
    assert "0 of 3 clusters decided" in terminal.text
    terminal.decide("s", "1 of 3 clusters decided")
    terminal.decide("g", "2 of 3 clusters decided")
    terminal.type("u")
    terminal.until("beta: good taken back")
    terminal.type("q")
    assert terminal.ended() == ExitCode.OWED
    assert b"1 clusters decided, 2 left with 3 files" in terminal.raw
    decided = {title(each): each.decided for each in again(tmp_path).clusters()}
    assert [name for name, verdict in decided.items() if verdict] == ["alpha"]

    terminal = Terminal(tmp_path)
    terminal.until("1 of 3 clusters decided")
    terminal.decide("s", "2 of 3 clusters decided")
    terminal.decide("s", "3 of 3 clusters decided")
    terminal.type("\x03")
    assert terminal.ended() == ExitCode.GREEN
    assert again(tmp_path).case.obligations() == ()


@pytest.mark.slow
def test_no_byte_of_a_mail_reaches_the_terminal_as_a_command(tmp_path: Path) -> None:
    osc = "\x1b]8;;http://lure.example\x1b\\here\x1b]8;;\x1b\\\x1b]0;title\x07"
    signs = "\x9b31m \x1b[31mred \x1bc \u202eevil\u200b \x0e \x07 [blink]loud[/blink]"
    text = f"{osc}{signs}"
    sorting = [doubtful(1, f"x, {text}", text, text, text, text, (text,))]
    body = b"MARK " + text.encode() + b" \0\xff\xc0 \x85\x9d \n" + b"y" * 1_000_000
    opened(tmp_path, sorting, body).manifest.close()
    terminal = Terminal(tmp_path, no_color=True)
    terminal.until("yyyyyyyy")
    terminal.type("wq")
    terminal.until("never sent")
    terminal.type("q")
    terminal.until("mail 1 of 1")
    terminal.type("q")
    assert terminal.ended() == ExitCode.OWED
    left = _DRAWS.sub(b"", terminal.raw)
    assert b"\x1b" not in left, left[left.index(b"\x1b") - 30 :][:80]
    assert set(left) & set(range(0x20)) <= set(b"\r\n\t")
    shown = terminal.raw.decode()
    assert not [sign for sign in shown if ord(sign) in range(0x80, 0xA0) or sign in "\u202e\u200b"]
    colours = re.findall(r"\x1b\[[0-9;]*m", shown)
    numbers = {int(part) for each in colours for part in each[2:-1].split(";") if part}
    assert numbers & {*range(30, 50), *range(90, 108)} <= {39, 49}, "NO_COLOR"
