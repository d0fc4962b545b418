"""Queue folders set aside, restored, emptied: what is cut goes on, and nothing is overwritten."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from playbook.mail.icewarp.pack import LINUX
from playbook.mail.survey import Role
from playbook.transports.base import Request
from playbook.transports.dialects.posix import COMMAND, encode
from playbook.transports.frame import ScriptRecord
from tests.support import killing_tracer
from tests.support.script_sandbox import CASE, Place, stem

ROOT = os.geteuid() == 0


@pytest.fixture
def place(tmp_path: Path) -> Place:
    made = Place(tmp_path / "place")
    made.mails(3)
    return made


def live_queue(tmp_path: Path) -> Place:
    """A queue of three mails that nobody has set aside yet."""
    made = Place(tmp_path / "place")
    made.mails(3)
    made.live.rmdir()
    made.aside.rename(made.live)
    return made


def values(place: Place, **more: str) -> dict[str, str]:
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


def set_aside(place: Place, **more: str) -> tuple[ScriptRecord, ...]:
    return place.ask("change/set_aside", **values(place, **more))


def restore(place: Place) -> tuple[ScriptRecord, ...]:
    return place.ask("change/restore_folder", **values(place))


def said(records: tuple[ScriptRecord, ...], kind: str) -> list[str]:
    return [each.fields[0] for each in records if each.kind == kind]


def content(folder: Path) -> dict[str, bytes]:
    """What lies below a folder, by name."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize(("emptied", "how"), [("", "renamed"), ("yes", "carried")])
def test_it_says_how_it_was_set_aside_and_a_repetition_touches_nothing(
    tmp_path: Path, emptied: str, how: str
) -> None:
    place = live_queue(tmp_path)
    place.live.chmod(0o750)
    before = content(place.live)
    assert said(set_aside(place, emptied=emptied), "how") == [how]
    assert content(place.aside) == before
    assert not content(place.live)
    assert place.live.stat().st_mode & 0o777 == 0o750
    assert place.aside.stat().st_mode & 0o777 == 0o750
    new = place.live / f"{stem(9)}.tmp"
    new.write_bytes(b"came after")
    assert said(set_aside(place, emptied=emptied), "how") == []
    assert content(place.live) == {new.name: b"came after"}
    assert content(place.aside) == before


@pytest.mark.parametrize("emptied", ["", "yes"])
def test_a_link_in_the_place_of_the_new_name_is_not_taken_for_it(
    tmp_path: Path, emptied: str
) -> None:
    place = live_queue(tmp_path)
    (tmp_path / "elsewhere").mkdir()
    place.aside.symlink_to(tmp_path / "elsewhere")
    assert said(set_aside(place, emptied=emptied), "refused") == ["exists"]
    assert len(content(place.live)) == 3


def beside(monkeypatch: pytest.MonkeyPatch, folder: Path, program: str, act: str) -> None:
    """Have something happen right before a program of the server's runs."""
    folder.mkdir()
    found = shutil.which(program)
    (folder / program).write_text(f'#!/bin/sh\n{act}\nexec {found} "$@"\n')
    (folder / program).chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")


def test_mail_that_arrives_while_a_mount_point_is_carried_is_not_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = live_queue(tmp_path)
    before = content(place.live)
    new = place.live / f"{stem(9)}.tmp"
    beside(monkeypatch, tmp_path / "bin", "diff", f"echo new >'{new}'")
    assert said(set_aside(place, emptied="yes"), "how") == ["carried"]
    assert content(place.live) == {new.name: b"new\n"}
    assert content(place.aside) == before


def test_what_is_written_to_after_the_comparison_is_not_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = live_queue(tmp_path)
    grown = place.live / f".respond-aside-{CASE}" / f"{stem(0)}.tmp"
    act = f"case $* in *partly*_outgoing.*) sleep 0.1; echo more >>'{grown}' ;; esac"
    beside(monkeypatch, tmp_path / "bin", "mv", act)
    assert said(set_aside(place, emptied="yes"), "refused") == ["exists"]
    assert grown.read_bytes().endswith(b"more\n")


def photographs(
    place: Place, scratch: Path, request: Request, consume: Callable[[], None]
) -> Iterator[Path]:
    """One run, photographed after each of its acts; after each, the server consumes."""
    number, seen = 0, content(place.root / "mail")

    def goes_on() -> bool:
        nonlocal number, seen
        try:
            now = content(place.root / "mail")
        except FileNotFoundError:
            return True
        if now != seen:
            number += 1
            shutil.copytree(place.root, scratch / f"act-{number}", symlinks=True)
            consume()
            seen = content(place.root / "mail")
        return True

    try:
        killing_tracer.run(COMMAND, encode(request), scratch, goes_on)
    except (killing_tracer.CannotTrace, PermissionError):
        pytest.skip("this system does not let a process trace its own children")
    for each in range(1, number + 1):
        yield scratch / f"act-{each}"


def request_of(place: Place, name: str, **more: str) -> Request:
    told = {"state_folder": str(place.state), **place.held, **values(place, **more)}
    return Request(LINUX.script(name), told, (".",), 120)


@pytest.mark.slow
def test_a_mount_point_that_is_carried_goes_on_after_every_act(tmp_path: Path) -> None:
    place = live_queue(tmp_path)
    before = content(place.live)
    request = request_of(place, "change/set_aside", emptied="yes")
    acts = 0
    for photograph in photographs(place, tmp_path, request, lambda: None):
        acts += 1
        shutil.rmtree(place.root)
        photograph.rename(place.root)
        assert "refused" not in [each.kind for each in set_aside(place, emptied="yes")], acts
        assert content(place.aside) == before, acts
        assert not content(place.live), acts
        assert not list(place.live.glob(".respond-*")), acts
    assert acts >= 6


def other_volume(monkeypatch: pytest.MonkeyPatch, folder: Path, live: Path) -> None:
    """Have the system say that the live queue is a mount point."""
    said_ = "printf 'F\\nnone 1 1 1 1%% %s\\n'"
    found = shutil.which("df")
    folder.mkdir()
    (folder / "df").write_text(
        f"#!/bin/sh\ncase $2 in '{live}'*) {said_} '{live}' ;; *) exec {found} \"$@\" ;; esac\n"
    )
    (folder / "df").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")


def consume(place: Place) -> None:
    """Take every mail out of the live queue, as a server that was started by hand meanwhile."""
    for path in list(place.live.rglob("*.tmp")):
        # The server does not look into folders whose names begin with a dot.
        if not any(part.startswith(".") for part in path.relative_to(place.live).parts):
            path.rename(place.sink / f"{len(list(place.sink.iterdir()))}-{path.name}")


@pytest.mark.slow
@pytest.mark.parametrize("volumes", ["one", "two"])
def test_a_merge_that_is_cut_sends_nothing_twice_and_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, volumes: str
) -> None:
    place = Place(tmp_path / "place")
    place.mails(3)
    (place.live / f"{stem(9)}.tmp").write_bytes(b"the server's own")
    if volumes == "two":
        other_volume(monkeypatch, tmp_path / "bin", place.live)
    whole = sorted([*content(place.aside).values(), b"the server's own"])
    request = request_of(place, "change/restore_folder")
    for photograph in photographs(place, tmp_path, request, lambda: consume(place)):
        shutil.rmtree(place.root)
        photograph.rename(place.root)
        consume(place)
        assert said(restore(place), "refused") == []
        consume(place)
        assert sorted(place.delivered()) == whole, photograph
        assert not place.aside.exists(), photograph
        assert not list(place.live.glob(".respond-*"))


@pytest.mark.parametrize("volumes", ["one", "two"])
def test_a_merge_keeps_owner_and_mode_and_overwrites_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, volumes: str
) -> None:
    place = Place(tmp_path / "place")
    files = place.mails(3)
    retry = place.aside / "retry"
    retry.chmod(0o755)
    files[0].chmod(0o664)
    if ROOT:
        os.chown(retry, 12345, 54321)
        os.chown(files[0], 12345, 54321)
    (place.live / files[1].name).write_bytes(b"the server's own")
    if volumes == "two":
        other_volume(monkeypatch, tmp_path / "bin", place.live)
    before = {each: (each.stat().st_uid, each.stat().st_mode) for each in (retry, files[0])}
    records = restore(place)
    assert said(records, "left") == ["1"]
    assert said(records, "given") == ["0"]
    for path, facts in before.items():
        there = (place.live / path.relative_to(place.aside)).stat()
        assert (there.st_uid, there.st_mode) == facts
    assert (place.live / files[1].name).read_bytes() == b"the server's own"
    assert list(content(place.aside)) == [files[1].name]


@pytest.mark.parametrize("empty", [True, False])
@pytest.mark.parametrize("role", [Role.OUTGOING, Role.INCOMING])
def test_what_was_given_back_stays_aside_when_the_rest_is_restored(
    tmp_path: Path, role: Role, empty: bool
) -> None:
    place = Place(tmp_path / "place", role=role)
    files = place.mails(4)
    place.give([files[0], files[2]])
    place.consume()
    if empty:
        place.live.rmdir()
    for _ in range(2):
        records = restore(place)
        assert said(records, "given") == ["2"]
        left = {path.name for path in place.aside.rglob("*.tmp")}
        assert left == {files[0].name, files[2].name}
        if role is Role.INCOMING:
            assert len(list(place.aside.rglob("*.dat"))) == 2
        live = {path.name for path in place.live.rglob("*.tmp")}
        assert live == {files[1].name, files[3].name}
        assert not list((place.root / "mail").glob("*.given-back"))


ODD = [
    "new\nline.tmp",
    "back\\slash.tmp",
    "blank.tmp ",
    " x",
    "n" * 120,
    "a'b$(id)`.tmp",
    "-rf",
    "\udcff",
]


def test_files_of_any_name_are_removed_and_said(place: Place) -> None:
    names = [*ODD, "plain.tmp", *(f"retry/{each}" for each in ODD)]
    for name in names:
        (place.aside / name).write_bytes(os.fsencode(name))
    before = content(place.aside)
    lines = [os.fsencode(name).hex() for name in (*names, "gone.tmp", "gone\n")]
    records = place.ask("change/remove_settled", *lines, aside=str(place.aside))
    found = {each.fields[1]: each.fields[0] for each in records if each.kind == "removed"}
    assert found.pop("gone.tmp") == found.pop("gone\n") == "absent"
    assert set(found) == set(names)
    assert all(len(each) == 64 for each in found.values())
    assert content(place.aside) == {name: before[name] for name in before if name not in names}


def test_only_the_very_files_named_are_removed(place: Place) -> None:
    outside = place.root / "mail" / "outside.tmp"
    outside.write_bytes(b"x")
    (place.aside / "link.tmp").symlink_to(outside)
    lines = [each.encode().hex() for each in ("../outside.tmp", "link.tmp", "retry")]
    assert place.ask("change/remove_settled", *lines, aside=str(place.aside)) == ()
    assert outside.exists()
    assert (place.aside / "link.tmp").is_symlink()
