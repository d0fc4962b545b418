"""Nothing is called ready before it is on the disk, and nothing is renamed before that is."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from playbook.transports.dialects.posix import COMMAND, encode
from tests.support.script_sandbox import LANGUAGES, Place
from tests.support.slow import some_quick

_CALL = re.compile(
    r"(?P<call>fsync|fdatasync|sync|syncfs|write|rename|renameat|renameat2)\((?P<said>.*)"
)


def calls(place: Place, files: list[Path], log: Path) -> list[str]:
    """What a run wrote, synced and renamed, one word each and in order, as the kernel saw it."""
    request = place.request(files)
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("strace is not installed")
    wanted = "fsync,fdatasync,sync,syncfs,write,rename,renameat,renameat2"
    command = [strace, "-f", "-y", "-o", str(log), "-e", f"trace={wanted}", "-s", "16", *COMMAND]
    done = subprocess.run(command, input=encode(request), capture_output=True, check=False)
    if done.returncode:
        pytest.skip("this system does not let a process trace its own children")
    return [word for line in log.read_text().splitlines() if (word := _word(line, place))]


def _word(line: str, place: Place) -> str:
    found = _CALL.search(line)
    if not found:
        return ""
    call, said = found["call"], found["said"]
    book = (
        "memory" if f"<{place.memory}>" in said else "ledger" if str(place.ledger) in said else ""
    )
    if call == "write":
        ready = '"ready ' in said or '"given ' in said
        return f"{book}" if book and ready else ""
    if call.startswith("rename"):
        return "rename" if str(place.staging) in said and str(place.live) in said else ""
    return f"{book} on disk" if book else "all on disk"


@pytest.mark.parametrize("language", some_quick(LANGUAGES, {"perl"}))
def test_each_thing_is_on_the_disk_before_the_next_relies_on_it(
    tmp_path: Path, language: str
) -> None:
    place = Place(tmp_path / "place", language)
    order = calls(place, place.mails(1), tmp_path / "log")
    assert order == [
        "all on disk",
        "memory",
        "memory on disk",
        "ledger",
        "ledger on disk",
        "rename",
    ]
