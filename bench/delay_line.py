"""Two network namespaces with a delay line between: ``python bench/delay_line.py --self-test``.

A tun device in each namespace, and a process that carries every packet from one to the other
after half the round trip: real TCP with its slow start, where the kernel has no netem. It needs
root and Linux. No packet leaves the two namespaces.
"""

import argparse
import contextlib
import fcntl
import json
import os
import select
import signal
import statistics
import struct
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

NEAR: Final = "10.213.77.1"
FAR: Final = "10.213.77.2"
_PREFIX: Final = "respond-bench"
_START_S: Final = 10.0
_PACKET_BYTES: Final = 65_536
# linux/if_tun.h: TUNSETIFF, and a device of IP packets without a header of its own.
_TUNSETIFF, _IFF_TUN, _IFF_NO_PI = 0x400454CA, 0x0001, 0x1000


@dataclass(frozen=True)
class DelayLine:
    """A line that stands: how a command is run at either end of it."""

    near: str
    far: str

    def at_near(self, *command: str) -> list[str]:
        """The command line that runs a command where the responder sits (address `NEAR`)."""
        return ["ip", "netns", "exec", self.near, *command]

    def at_far(self, *command: str) -> list[str]:
        """The command line that runs a command where the mail server stands (address `FAR`)."""
        return ["ip", "netns", "exec", self.far, *command]

    def carried_bytes(self) -> int:
        """IP bytes that went over the line so far, both ways together."""
        shown = _ip("-n", self.near, "-j", "-s", "link", "show", "dev", "line")
        counts = json.loads(shown)[0]["stats64"]
        return int(counts["rx"]["bytes"]) + int(counts["tx"]["bytes"])


@contextlib.contextmanager
def delay_line(round_trip_ms: float) -> Iterator[DelayLine]:
    """Lay a line, and take it away at the end with every process that runs at its ends.

    A process of its own carries the packets and clears up. It does so also when this process
    dies, which it sees by the end of its input. Raises `SystemExit` where no line can be laid.
    """
    if os.geteuid() != 0 or not Path("/dev/net/tun").exists():
        raise SystemExit("The delay line needs root and /dev/net/tun")
    carrier = subprocess.Popen(
        [sys.executable, __file__, "--carry", str(round_trip_ms)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert carrier.stdin and carrier.stdout
    try:
        names = carrier.stdout.readline().split()
        if len(names) != 2:
            raise SystemExit("The delay line could not be laid; what was said of it stands above")
        yield DelayLine(*names)
    finally:
        carrier.stdin.close()
        carrier.wait(_START_S)
        carrier.stdout.close()


def _ip(*words: str) -> str:
    return subprocess.run(["ip", *words], check=True, capture_output=True, text=True).stdout


def _carry_until_input_ends(round_trip_ms: float) -> None:
    """Be the process that lays the line, carries its packets, and clears it up."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    _clear_left_over()
    names = [f"{_PREFIX}-{end}-{os.getpid()}" for end in ("near", "far")]
    try:
        ends = [
            _end(name, *addresses)
            for name, addresses in zip(names, ((NEAR, FAR), (FAR, NEAR)), strict=True)
        ]
        print(*names, flush=True)
        _carry(ends[0], ends[1], round_trip_ms / 2000)
    finally:
        for name in names:
            _remove(name)


def _end(name: str, address: str, peer: str) -> int:
    """Make a namespace with a tun device in it, and return what its packets are read from."""
    _ip("netns", "add", name)
    tun = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    outside = f"rb{os.getpid()}{name.removeprefix(_PREFIX)[1]}"
    wish = struct.pack("16sH22x", outside.encode("ascii"), _IFF_TUN | _IFF_NO_PI)
    fcntl.ioctl(tun, _TUNSETIFF, wish)
    _ip("link", "set", outside, "netns", name)
    _ip("-n", name, "link", "set", outside, "name", "line")
    _ip("-n", name, "address", "add", address, "peer", peer, "dev", "line")
    _ip("-n", name, "link", "set", "line", "up")
    _ip("-n", name, "link", "set", "lo", "up")
    return tun


def _carry(near: int, far: int, one_way_s: float) -> None:
    """Write what was read at one end to the other, so much later, until the input ends."""
    waiting: dict[int, deque[tuple[float, bytes]]] = {near: deque(), far: deque()}
    other = {near: far, far: near}
    while True:
        now = time.monotonic()
        for end, packets in waiting.items():
            while packets and packets[0][0] <= now:
                # A full queue drops the packet, as a router does.
                with contextlib.suppress(BlockingIOError):
                    os.write(end, packets.popleft()[1])
        due = [packets[0][0] for packets in waiting.values() if packets]
        left_s = max(0.0, min(due) - time.monotonic()) if due else None
        for ready in select.select([near, far, sys.stdin], [], [], left_s)[0]:
            if ready is sys.stdin:
                return
            packet = os.read(ready, _PACKET_BYTES)
            waiting[other[ready]].append((time.monotonic() + one_way_s, packet))


def _clear_left_over() -> None:
    """Remove the namespaces of a carrier that was killed."""
    for line in _ip("netns", "list").splitlines():
        name = line.split()[0]
        if name.startswith(_PREFIX) and not Path(f"/proc/{name.rpartition('-')[2]}").exists():
            _remove(name)


def _remove(name: str) -> None:
    """End every process of a namespace, and then the namespace."""
    with contextlib.suppress(subprocess.CalledProcessError):
        for pid in map(int, _ip("netns", "pids", name).split()):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        _ip("netns", "delete", name)


_ECHO = """
import socket
with socket.create_server(("0.0.0.0", 7)) as door:
    print("listening", flush=True)
    line = door.accept()[0]
    while piece := line.recv(1):
        line.sendall(piece)
"""
_ASK = f"""
import socket, time
line = socket.create_connection(("{FAR}", 7))
for _ in range(20):
    begun = time.monotonic()
    line.sendall(b"x")
    line.recv(1)
    print(time.monotonic() - begun)
"""


def measured_round_trips_ms(line: DelayLine) -> list[float]:
    """How long a byte takes there and back, twenty times."""
    python = (sys.executable, "-c")
    with subprocess.Popen(line.at_far(*python, _ECHO), stdout=subprocess.PIPE) as echo:
        assert echo.stdout
        echo.stdout.readline()
        asked: Sequence[str] = line.at_near(*python, _ASK)
        said = subprocess.run(asked, check=True, capture_output=True, text=True).stdout
    return [1000 * float(each) for each in said.split()]


def main() -> None:
    """Test the line, or be the process behind one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--self-test", action="store_true", help="print the measured round trip")
    parser.add_argument("--round-trip-ms", type=float, default=50.0)
    parser.add_argument("--carry", type=float, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.carry is not None:
        _carry_until_input_ends(options.carry)
        return
    if not options.self_test:
        parser.error("nothing to do: --self-test, or import delay_line")
    with delay_line(options.round_trip_ms) as line:
        found = measured_round_trips_ms(line)
    print(
        f"asked for {options.round_trip_ms:.1f} ms, measured {statistics.median(found):.1f} ms "
        f"(least {min(found):.1f}, most {max(found):.1f}; {len(found)} bytes there and back)"
    )


if __name__ == "__main__":
    main()
