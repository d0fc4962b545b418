"""How long giving good mail back takes, beside a local `cp` of the same list and one fsync a batch.

    python bench/reinject.py [--files 10000] [--language perl|python3|sh]

Both run on this machine, on the same folder, one after the other, several times; what counts is
the ratio of each such pair, and all of them are said. Pacing is off. The whole round trip is
measured: the script sent, the list, copies, comparison, books, renames, and the answer.
"""

import argparse
import os
import random
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from playbook.mail import pace
from playbook.mail.icewarp.pack import LINUX
from playbook.transports.base import Request
from playbook.transports.local import Local

CASE, TOKEN = "20261124-021837-4dfe", "0badcafe"
BATCH = 2_000
MUST_REACH = 3.0


def queue(folder: Path, files: int) -> list[Path]:
    """So many mails of 1 to 30 kB, as in a company's queue."""
    folder.mkdir(parents=True)
    dice = random.Random(4)
    made = []
    for number in range(files):
        path = folder / f"20261124{number // 10_000:06d}{number % 10_000:04d}.tmp"
        path.write_bytes(b"Subject: x\r\n\r\n" + dice.randbytes(dice.randint(1_000, 30_000)))
        made.append(path)
    return made


def copied(root: Path, files: list[Path]) -> None:
    """`cp` of the list into one folder, a batch at a time, each followed by one fsync."""
    target = root / "copy"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    for start in range(0, len(files), BATCH):
        batch = [str(path) for path in files[start : start + BATCH]]
        subprocess.run(["cp", "-t", str(target), *batch], check=True)
        last = os.open(target / Path(batch[-1]).name, os.O_RDONLY)
        os.fsync(last)
        os.close(last)


def reinjected(root: Path, files: list[Path], language: str) -> None:
    """The same list given back, slice by slice, as the adapter sends it."""
    state, live = root / "state", root / "_outgoing"
    for folder in (state, live):
        shutil.rmtree(folder, ignore_errors=True)
    (state / "incidents" / CASE).mkdir(parents=True)
    live.mkdir()
    (state / "lease").symlink_to(f"{CASE} me 1 {TOKEN}")
    transport, left = Local(elevate=False), files
    while left:
        part = left[: pace.SLICE_FILES]
        lines = (".", *(f"{each.stat().st_size} {os.fsencode(each.name).hex()}" for each in part))
        values = {
            "role": "outgoing",
            "aside": str(files[0].parent),
            "folder": str(live),
            "retry": "",
            "languages": language,
            "seconds": pace.SLICE_S,
            "interval": "0",
            "waits": "",
            "default_from": "",
            "count": len(part),
            "state_folder": str(state),
            "incident": CASE,
            "token": TOKEN,
            "journal_after": 0,
            "logs": str(root),
        }
        records = transport.run(Request(LINUX.script("change/reinject"), values, lines, 600))
        gone = {each.fields[0] for each in records if each.kind == "published"}
        left = [each for each in left if each.name not in gone]
    assert len(list(live.iterdir())) == len(files)


def taken_s(work: Callable[[], None]) -> float:
    """How long it takes, in seconds, with nothing of before left to be written."""
    os.sync()
    begun = time.monotonic()
    work()
    return time.monotonic() - begun


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--language", default="perl")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as made:
        root = Path(made)
        files = queue(root / "_outgoing.aside", asked.files)
        pairs = [
            (
                taken_s(lambda: copied(root, files)),
                taken_s(lambda: reinjected(root, files, asked.language)),
            )
            for _ in range(asked.times)
        ]
    for plain_s, ours_s in pairs:
        print(f"cp {plain_s:6.2f} s   given back {ours_s:6.2f} s   {ours_s / plain_s:4.1f} times")
    ratios = sorted(ours_s / plain_s for plain_s, ours_s in pairs)
    median = ratios[len(ratios) // 2]
    reached = "yes" if median <= MUST_REACH else "NO"
    print(f"{asked.language}, {asked.files:,} files: {ratios[0]:.1f} to {ratios[-1]:.1f} times")
    print(f"median {median:.1f}, must be at most {MUST_REACH:.0f}: {reached}")


if __name__ == "__main__":
    main()
