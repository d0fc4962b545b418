"""A mail user who swaps every name in the mail tree gains nothing, whatever the scripts do there.

The adversary is a process with the rights of the tree's owner. It puts links to things of root's
in the place of folders, files and staging, and takes them away again, as fast as it can, for as
long as the scripts run.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.script_sandbox import CASE, Place, stem
from tests.support.slow import some_quick

USER = 54321
ROUNDS = 4

_ADVERSARY = r"""
my ($folder, $file) = @ARGV;
$SIG{ALRM} = sub { exit }; alarm 120;
sub swap {
    my ($name, $target) = @_;
    rename $name, "$name.x" or return;
    symlink $target, $name;
    for (1 .. 300) { }
    unlink $name;
    rename "$name.x", $name;
}
while (1) {
    opendir my $all, '.';
    for my $name (grep { !/^\.\.?$/ and !/\.x$/ } readdir $all) {
        swap($name, $folder);
        opendir my $in, $name or next;
        for my $each (grep { !/^\.\.?$/ and !/\.x$/ } readdir $in) {
            swap("$name/$each", $each =~ /retry/ ? $folder : $file);
        }
    }
}
"""


@pytest.fixture
def place() -> Iterator[Place]:
    """A mail tree of another user's, with mails, and a folder and a file that are root's alone."""
    if os.geteuid() != 0:
        pytest.skip("only root can have the rights of another user, and this user is not root")
    if not shutil.which("perl"):
        pytest.skip("perl is not installed")
    # The mail user must be able to reach its tree, and pytest's own folders are root's alone.
    with tempfile.TemporaryDirectory() as made:
        Path(made).chmod(0o755)
        place = Place(Path(made) / "place")
        files = place.mails(12)
        victims = place.root / "victims"
        (victims / "retry").mkdir(parents=True)
        victims.chmod(0o700)
        for path in [*files, place.root / "shadow"]:
            victim = victims / path.name
            victim.write_bytes(b"root's alone")
            victim.chmod(0o600)
        give(place.root / "mail")
        yield place


def give(folder: Path) -> None:
    for path in [folder, *folder.rglob("*")]:
        os.chown(path, USER, USER, follow_symlinks=False)


@contextmanager
def adversary(place: Place) -> Iterator[None]:
    victims = place.root / "victims"
    process = subprocess.Popen(
        ["/usr/bin/perl", "-e", _ADVERSARY, str(victims), str(victims / "shadow")],
        cwd=place.root / "mail",
        user=USER,
        group=USER,
        extra_groups=[],
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
        assert process.poll() is None
    finally:
        process.kill()
        process.wait()


def facts(folder: Path) -> dict[str, tuple[int, int, int, bytes]]:
    """Owner, group, mode and content of all that is below a folder."""
    found = {}
    for path in [folder, *sorted(folder.rglob("*"))]:
        there = path.lstat()
        content = path.read_bytes() if path.is_file() else b""
        found[str(path)] = (there.st_uid, there.st_gid, there.st_mode, content)
    return found


def folders(place: Place, **more: str) -> dict[str, str]:
    return {
        "role": "outgoing",
        "path": str(place.live),
        "folder": str(place.live),
        "aside": str(place.aside),
        "recreate": "yes",
        "emptied": "",
        "install": str(place.root),
        "module": "no-such-module",
        "smtp_port": "1",
        **more,
    }


def act(place: Place, name: str) -> None:
    script, _, how = name.partition(" ")
    files = [place.aside / f"{stem(number)}.tmp" for number in range(12)]
    sizes = [f"30 {each.name.encode().hex()}" for each in files]
    if script == "reinject":
        told = {**place.request([]).values, "languages": how, "count": len(files)}
        place.ask("change/reinject", *sizes, **told)
    elif script == "remove_settled":
        lines = [each.name.encode().hex() for each in files]
        place.ask("change/remove_settled", *lines, aside=str(place.aside))
    else:
        place.ask(f"change/{script}", **folders(place, emptied=how))


SCRIPTS = [
    "set_aside",
    "set_aside yes",
    "restore_folder",
    "remove_settled",
    "remove_empty",
    "reinject perl",
    "reinject python3",
    "reinject sh",
    "forget_incident",
]


@pytest.mark.parametrize("name", some_quick(SCRIPTS, {"set_aside", "reinject perl"}))
def test_what_is_roots_stays_as_it_was(place: Place, name: str) -> None:
    if name.startswith("set_aside"):
        place.live.rmdir()
        place.aside.rename(place.live)
    before = facts(place.root / "victims")
    with adversary(place):
        for _ in range(ROUNDS):
            act(place, name)
            if not (place.state / "incidents" / CASE).exists():
                break
    assert facts(place.root / "victims") == before
    for path in (place.root / "mail").rglob("*"):
        if path.is_file() and not path.is_symlink():
            assert path.read_bytes() != b"root's alone"
            assert path.lstat().st_uid == USER


@pytest.mark.parametrize("language", ["perl", "python3", "sh"])
@pytest.mark.parametrize("planted", ["link", "others", "files"])
def test_staging_that_was_planted_is_not_used(place: Place, language: str, planted: str) -> None:
    before = facts(place.root / "victims")
    if planted == "link":
        place.staging.symlink_to(place.root / "victims")
    else:
        place.staging.mkdir()
        place.staging.chmod(0o777 if planted == "others" else 0o700)
        (place.staging / "1").symlink_to(place.root / "victims" / "shadow")
    os.chown(place.staging, USER, USER, follow_symlinks=False)
    files = [place.aside / f"{stem(0)}.tmp"]
    found = [each.fields[0] for each in place.give(files, languages=language)]
    assert found == [files[0].name] if planted == "files" else found == ["staging"]
    assert facts(place.root / "victims") == before


@pytest.mark.parametrize("language", ["perl", "python3", "sh"])
def test_a_copy_is_the_tree_owners_and_a_link_is_not_read(place: Place, language: str) -> None:
    good, bad = (place.aside / f"{stem(number)}.tmp" for number in range(2))
    bad.unlink()
    victim = place.root / "victims" / "shadow"
    victim.write_bytes(good.read_bytes())
    bad.symlink_to(victim)
    request = place.request([good, good]).lines[1:]
    lines = (request[0], request[1].replace(good.name.encode().hex(), bad.name.encode().hex()))
    told = {**place.request([]).values, "languages": language, "count": 2}
    records = place.ask("change/reinject", *lines, **told)
    assert sorted(each.kind for each in records) == ["kept", "published"]
    there = (place.live / good.name).stat()
    assert (there.st_uid, there.st_gid) == (USER, USER)
    assert place.staging.stat().st_uid == USER


@pytest.mark.parametrize("planted", ["link", "folder", "on the way"])
def test_a_state_folder_that_others_could_have_made_is_refused(place: Place, planted: str) -> None:
    inside = place.root / "mail" / ".respond"
    if planted == "link":
        inside.symlink_to(place.root / "victims")
    elif planted == "folder":
        inside.mkdir()
        os.chown(inside, USER, USER)
    before = facts(place.root / "victims")
    told = {"state_folder": str(inside), "who": "me", "since": "1", "over": ""}
    records = place.ask("change/take_lease", **told)
    assert [each.fields[0] for each in records if each.kind == "refused"] == ["folder"]
    assert facts(place.root / "victims") == before
