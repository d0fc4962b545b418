"""One command that an SSH session runs, with its three streams."""

import asyncio
import os
import signal
from asyncio.subprocess import Process
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import asyncssh

Session = asyncssh.SSHServerProcess[bytes]
_CHUNK_BYTES = 65_536


@dataclass(frozen=True)
class Output:
    """The reading end of one output stream of a command, and the end that the command writes to."""

    stream: asyncio.StreamReader
    transport: asyncio.ReadTransport
    writing_end: int

    @classmethod
    async def open(cls) -> Self:
        """A new pipe."""
        reading_end, writing_end = os.pipe()
        stream = asyncio.StreamReader()
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(stream), os.fdopen(reading_end, "rb", 0)
        )
        return cls(stream, transport, writing_end)

    async def pour(self, into: asyncssh.SSHWriter[bytes]) -> None:
        """Pass everything on until the last writer has closed its end."""
        while chunk := await self.stream.read(_CHUNK_BYTES):
            into.write(chunk)
            await into.drain()


class Command:
    """A running command in a process group of its own."""

    def __init__(self, process: Process, out: Output, err: Output) -> None:
        self._process = process
        self._out = out
        self._err = err

    @classmethod
    async def start(cls, line: list[str], folder: Path, environment: dict[str, str]) -> Self:
        """Start a command line in a folder with nothing but the given environment."""
        out, err = await Output.open(), await Output.open()
        try:
            process = await asyncio.create_subprocess_exec(
                *line,
                stdin=asyncio.subprocess.PIPE,
                stdout=out.writing_end,
                stderr=err.writing_end,
                cwd=folder,
                env=environment,
                start_new_session=True,
            )
        finally:
            os.close(out.writing_end)
            os.close(err.writing_end)
        return cls(process, out, err)

    async def converse(self, session: Session) -> None:
        """Pass input and output on until the command has closed both its outputs."""
        feeding = asyncio.create_task(self.feed(session))
        try:
            await self.speak(session)
        finally:
            feeding.cancel()
            await asyncio.gather(feeding, return_exceptions=True)

    async def speak(self, session: Session) -> None:
        """Pass the output on until the command has closed both its outputs."""
        await asyncio.gather(self._out.pour(session.stdout), self._err.pour(session.stderr))

    async def feed(self, session: Session) -> None:
        """Pass the input on until its end, or until the command takes no more of it."""
        pipe = self._process.stdin
        if pipe is None:
            return
        with suppress(OSError):
            while chunk := await session.stdin.read(_CHUNK_BYTES):
                pipe.write(chunk)
                await pipe.drain()
        pipe.close()

    def hang_up(self) -> None:
        """Break the command's streams, as sshd does when the line is gone; let it run on."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._out.transport.close()
        self._err.transport.close()

    async def ended(self) -> int:
        """Wait for the command's own end: its status, or the negative number of a signal."""
        return await self._process.wait()

    def kill(self) -> None:
        """End the command and all that it started in its process group."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
