"""The lease and the turn of scripts on the server, as the scripts themselves keep them."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.support.script_sandbox import CASE, TOKEN, Place

BOOT = Path("/proc/sys/kernel/random/boot_id")


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path / "place")


def began(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]


def refusals(place: Place, script: str, **values: str) -> list[str]:
    records = place.ask(f"change/{script}", **values)
    return [each.fields[0] for each in records if each.kind == "refused"]


@pytest.mark.parametrize("mark", ["dead", "reused", "before a reboot", "as it was written before"])
def test_a_turn_of_a_process_that_is_gone_blocks_nobody(place: Place, mark: str) -> None:
    if not BOOT.exists():
        pytest.skip("this system does not say when it began")
    ours, boot = os.getpid(), BOOT.read_text().strip()
    gone = subprocess.Popen(["true"])
    gone.wait()
    turn = {
        "dead": f"{gone.pid} 1 {boot}",
        "reused": f"{ours} 1 {boot}",
        "before a reboot": f"{ours} {began(ours)} 00000000-0000-0000-0000-000000000000",
        "as it was written before": f"{ours}",
    }[mark]
    acting = place.state / "acting"
    acting.symlink_to(turn)
    assert refusals(place, "release_lease") == []
    assert not acting.is_symlink()


@pytest.mark.slow
def test_a_turn_of_a_process_that_works_is_waited_for(place: Place, tmp_path: Path) -> None:
    ours, boot = os.getpid(), BOOT.read_text().strip()
    acting = place.state / "acting"
    acting.symlink_to(f"{ours} {began(ours)} {boot}")
    # No wait in a test: the naps of the script are none.
    (tmp_path / "sleep").write_text("#!/bin/sh\n")
    (tmp_path / "sleep").chmod(0o755)
    before = os.environ["PATH"]
    os.environ["PATH"] = f"{tmp_path}:{before}"
    try:
        assert refusals(place, "release_lease") == ["busy"]
    finally:
        os.environ["PATH"] = before
    assert str(acting.readlink()).startswith(f"{ours} ")


def taken_over_by(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lease: Path) -> None:
    """Have somebody else take the lease right before a script moves it away."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "mv").write_text(
        f"#!/bin/sh\ncase $1 in */lease) ln -sfn 'their-case them 2 token2' '{lease}' ;; esac\n"
        'exec /bin/mv "$@"\n'
    )
    (folder / "mv").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")


@pytest.mark.parametrize("script", ["take_lease", "release_lease", "forget_incident"])
def test_a_lease_taken_between_the_look_and_the_removal_is_not_lost(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    lease = place.state / "lease"
    if script == "take_lease":
        lease.unlink()
        lease.symlink_to("some-case somebody 1 token1")
    taken_over_by(tmp_path, monkeypatch, lease)
    told = {"who": "me", "since": "1", "over": "yes"}
    found = refusals(place, script, **told)
    assert found == (["held"] if script == "take_lease" else [])
    assert str(lease.readlink()) == "their-case them 2 token2"


def test_the_folder_of_an_incident_is_roots_alone(tmp_path: Path) -> None:
    place = Place(tmp_path / "place")
    for path in ["lease", "incidents"]:
        (place.state / path).rename(tmp_path / path)
    place.state.rmdir()
    assert refusals(place, "take_lease", who="me", since="1", over="") == []
    folders = [place.state, place.state / "incidents", place.state / "incidents" / CASE]
    assert [each.stat().st_mode & 0o777 for each in folders] == [0o700] * 3
    assert str((place.state / "lease").readlink()).endswith(TOKEN)
