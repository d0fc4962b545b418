"""What the publishing script does with each file, in each of its languages."""

import ctypes
import os
import struct
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from playbook.mail.survey import Role
from playbook.transports.local import Local
from tests.support.script_sandbox import LANGUAGES, Place, stem

ROOT = os.geteuid() == 0


@pytest.fixture(params=LANGUAGES)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    return Place(tmp_path / "place", request.param)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_original_stays_and_the_copy_is_the_same_with_the_ending_tmp(place: Place) -> None:
    files = place.mails(3, ending=".tm$")
    before = [(each.read_bytes(), each.stat().st_mtime_ns) for each in files]
    place.give(files)
    assert names(place.live) == [f"{stem(number)}.tmp" for number in range(3)]
    assert sorted(place.delivered()) == sorted(content for content, _ in before)
    assert [(each.read_bytes(), each.stat().st_mtime_ns) for each in files] == before


def test_a_name_that_is_taken_is_never_overwritten(place: Place) -> None:
    files = place.mails(3)
    (place.live / "retry").mkdir()
    there = [place.live / f"{stem(0)}.tm$", place.live / "retry" / f"{stem(1)}.tmp"]
    for path in there:
        path.write_bytes(b"the server's own")
    said = {each.fields[0]: each.fields[1] for each in place.give(files)}
    # 0 and 1 are taken, 2 is another good mail's own or is taken by the first of them.
    assert len(set(said.values())) == 3
    assert not {stem(0), stem(1)} & set(said.values())
    assert all(len(each) == 18 for each in said.values())
    assert [path.read_bytes() for path in there] == [b"the server's own"] * 2
    assert {each.stem for each in place.entries()} == set(said.values())


def test_two_files_of_one_stem_go_back_as_two(place: Place) -> None:
    one, other = place.aside / f"{stem(7)}.tmp", place.aside / "retry" / f"{stem(7)}.tmp"
    other.parent.mkdir()
    one.write_bytes(b"Subject: 1\r\n\r\n")
    other.write_bytes(b"Subject: 2\r\n\r\n")
    place.give([one])
    place.consume()
    place.give([one, other])
    place.consume()
    assert sorted(place.delivered()) == [b"Subject: 1\r\n\r\n", b"Subject: 2\r\n\r\n"]


def test_a_folder_that_is_not_there_is_made_as_the_old_one_was(place: Place) -> None:
    files = place.mails(1)
    place.live.rmdir()
    place.aside.chmod(0o750)
    place.give(files)
    assert place.live.stat().st_mode & 0o777 == 0o750
    assert names(place.live) == [f"{stem(0)}.tmp"]
    assert (place.live / f"{stem(0)}.tmp").stat().st_mode & 0o777 == 0o640


def test_a_folder_behind_a_link_is_given_to(place: Place) -> None:
    files = place.mails(2)
    real = place.root / "elsewhere"
    place.live.rename(real)
    place.live.symlink_to(real)
    place.give(files, folder=str(real))
    assert len(names(real)) == 2


def test_owner_and_mode_are_those_of_a_sibling(place: Place) -> None:
    files = place.mails(1)
    sibling = place.live / f"{stem(99)}.tm$"
    sibling.write_bytes(b"x")
    sibling.chmod(0o664)
    if ROOT:
        os.chown(sibling, 12345, 54321)
    place.give(files)
    there, like = (place.live / f"{stem(0)}.tmp").stat(), sibling.stat()
    wanted = (like.st_uid, like.st_gid, 0o664)
    assert (there.st_uid, there.st_gid, there.st_mode & 0o777) == wanted


@pytest.mark.parametrize(
    "name", ["odd name\n.tmp", "-rf $(id).tmp", "\udcff\udcfe.tm$", "a'b\"c.tmp"]
)
def test_odd_names_are_data(place: Place, name: str) -> None:
    folder = place.aside / "a folder\twith 'signs'"
    folder.mkdir()
    path = folder / name
    path.write_bytes(b"Subject: odd\r\n\r\n\x00\xff")
    said = place.give([path])
    assert [each.kind for each in said] == ["published"]
    assert said[0].fields[0] == str(path.relative_to(place.aside))
    assert list(place.delivered()) == [b"Subject: odd\r\n\r\n\x00\xff"]
    assert said[0].fields[1].isdecimal()
    assert len(said[0].fields[1]) == 18


def test_what_is_not_as_it_was_sorted_stays(place: Place) -> None:
    good, grown, gone, link = place.mails(4)
    request_of = [good, grown, gone, link]
    sizes = place.request(request_of).lines
    grown.write_bytes(b"longer than before: it is written to")
    gone.unlink()
    link.unlink()
    link.symlink_to(good)
    request = place.request([good])
    values = {**request.values, "count": 4}
    records = Local(elevate=False).run(replace(request, values=values, lines=sizes))
    said = [each.fields[1] for each in records if each.kind in ("kept", "published")]
    assert sorted(said) == [stem(0), "absent", "absent", "changed"]
    assert len(list(place.delivered())) == 1


def test_a_path_that_leads_out_is_refused(place: Place) -> None:
    outside = place.root / "mail" / f"{stem(1)}.tmp"
    outside.write_bytes(b"Subject: x\r\n\r\n")
    request = place.request([])
    path = f"../{outside.name}".encode().hex()
    wrong = replace(request, values={**request.values, "count": 1}, lines=(".", f"14 {path}"))
    kinds = [each.kind for each in Local(elevate=False).run(wrong)]
    assert kinds == ["copied", "kept"]
    assert not names(place.live)


def test_a_list_that_was_cut_gives_nothing_back_that_is_not_in_it(place: Place) -> None:
    files = place.mails(2)
    said = place.give(files, count=3)
    assert said[-1].fields[0] == "list"
    assert len(list(place.delivered())) in (0, 2)


@pytest.mark.parametrize("ending", [b"\r\n", b"\n"])
def test_a_from_line_is_added_only_where_there_is_none_and_only_when_asked(
    place: Place, ending: bytes
) -> None:
    def mail(*lines: bytes) -> bytes:
        return ending.join(lines)

    block = (b"original sender: info@domaine.example", b"", b"Received: from a by b")
    without = mail(*block, b"Subject: x", b"", b"From: in the body", b"\x00\xff")
    having = mail(*block, b"from: ada@example.org", b"Subject: x", b"", b"body")
    paths = [place.aside / f"{stem(n)}.tmp" for n in range(4)]
    for path, content in zip(paths, [without, having, without, having], strict=True):
        path.write_bytes(content)
    place.give(paths[:2])
    place.give(paths[2:], default_from="admin@domaine.example")
    got = [(place.live / path.name).read_bytes() for path in paths]
    added = mail(
        *block,
        b"Subject: x",
        b"From: admin@domaine.example",
        b"",
        b"From: in the body",
        b"\x00\xff",
    )
    assert got == [without, having, added, having]


def test_pairs_go_back_message_first_and_halves_stay(tmp_path: Path, place: Place) -> None:
    pairs = Place(tmp_path / "pairs", place.language, Role.INCOMING)
    files = pairs.mails(3)
    files[1].with_suffix(".dat").unlink()
    envelopes = {each.stem: each.with_suffix(".dat").read_bytes() for each in (files[0], files[2])}
    order: list[str] = []
    with watched(pairs.live, order):
        said = pairs.give(files)
    assert sorted(each.kind for each in said) == ["kept", "published", "published"]
    expected = [f"{files[n].stem}.{end}" for n in (0, 2) for end in ("tmp", "dat")]
    assert order == expected
    assert {p.stem: p.read_bytes() for p in pairs.live.glob("*.dat")} == envelopes
    assert files[1].exists()


@contextmanager
def watched(folder: Path, order: list[str]) -> Iterator[None]:
    """The names that are moved into a folder, in their order, as the kernel tells them."""
    libc = ctypes.CDLL(None, use_errno=True)
    fd = libc.inotify_init()
    libc.inotify_add_watch(fd, os.fsencode(folder), 0x80)  # IN_MOVED_TO
    yield
    os.set_blocking(fd, False)
    data = os.read(fd, 65536)
    os.close(fd)
    while data:
        length = struct.unpack_from("iIII", data)[3]
        order.append(data[16 : 16 + length].rstrip(b"\0").decode())
        data = data[16 + length :]


@contextmanager
def small_volume(folder: Path, options: str) -> Iterator[None]:
    """A file system of its own, where this user may mount one."""
    folder.mkdir()
    if (
        not ROOT
        or subprocess.run(
            ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], check=False
        ).returncode
    ):
        pytest.skip("only root can mount a small volume, and this user is not")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.parametrize("options", ["size=160k", "nr_inodes=34"], ids=["bytes", "inodes"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_full_volume_half_way_stops_it_and_it_goes_on_later(
    tmp_path: Path, language: str, options: str
) -> None:
    with small_volume(tmp_path / "volume", options):
        place = Place(tmp_path / "volume" / "place", language)
        files = []
        for number in range(6):
            path = place.aside / f"{stem(number)}.tmp"
            path.write_bytes(b"Subject: %d\r\n\r\n" % number + b"x" * 9000)
            files.append(path)
        ballast = []
        for number in range(30):
            path = place.root / f"ballast-{number}"
            try:
                path.write_bytes(b"y" * 4096 if "size" in options else b"")
            except OSError:
                break
            ballast.append(path)
        for path in ballast[-6:]:
            path.unlink()
        said = place.give(files)
        assert said[-1].kind == "refused"
        assert said[-1].fields[0] == "full"
        done = [each for each in said if each.kind == "published"]
        assert len(done) < 6
        whole = {path.read_bytes() for path in files}
        assert {path.read_bytes() for path in place.live.glob("*")} <= whole
        place.consume()
        for path in ballast[:-6]:
            path.unlink(missing_ok=True)
        place.give(files)
        place.consume()
        assert sorted(place.delivered()) == sorted(whole)


def test_a_slice_ends_with_its_time_and_keeps_the_pace(place: Place) -> None:
    files = place.mails(4)
    said = place.give(files, seconds=0, interval="0.01")
    assert [each.kind for each in said] == ["published"]
    place.give(files)
    assert len(list(place.delivered())) == 4


def test_a_staging_folder_that_vanished_is_no_proof(place: Place) -> None:
    files = place.mails(2)
    place.give(files)
    text = place.ledger.read_text().splitlines()
    place.ledger.write_text("\n".join(each for each in text if "published" not in each) + "\n")
    place.staging.rmdir()
    assert place.give(files)[-1].fields[0] == "staging"


def test_a_torn_line_of_the_ledger_does_not_count(place: Place) -> None:
    files = place.mails(1)
    place.give(files)
    whole = place.ledger.read_bytes()
    ready = next(line for line in whole.splitlines() if line.startswith(b"ready"))
    place.ledger.write_bytes(b"log 0  .\n" + ready[: len(ready) // 2])
    for path in place.live.iterdir():
        path.unlink()
    place.give(files)
    assert len(list(place.delivered())) == 1


def test_a_large_mail_is_the_same_too(place: Place) -> None:
    path = place.aside / f"{stem(1)}.tmp"
    path.write_bytes(b"Subject: large\r\n\r\n" + bytes(range(256)) * 10_000)
    place.give([path])
    assert list(place.delivered()) == [path.read_bytes()]
    bare = place.aside / f"{stem(2)}.tmp"
    bare.write_bytes(path.read_bytes())
    place.give([bare], default_from="a@b.example")
    wanted = path.read_bytes().replace(b"large\r\n", b"large\r\nFrom: a@b.example\r\n", 1)
    assert (place.live / bare.name).read_bytes() == wanted


def test_perl_without_its_hashes_compares_the_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "lib" / "Digest").mkdir(parents=True)
    (tmp_path / "lib" / "Digest" / "SHA.pm").write_text("die 'not here'; 1;\n")
    monkeypatch.setenv("PERL5LIB", str(tmp_path / "lib"))
    place = Place(tmp_path / "place", "perl")
    path = place.aside / f"{stem(1)}.tmp"
    path.write_bytes(b"Subject: large\r\n\r\n" + bytes(range(256)) * 10_000)
    place.give([path], default_from="a@b.example")
    assert b" - .\n" in place.ledger.read_bytes()
    assert len(next(place.delivered())) == path.stat().st_size + len("From: a@b.example\r\n")


@pytest.mark.parametrize(
    "fails",
    ["echo 'syntax error at -e line 1, near //' >&2; exit 255", "exit 1"],
    ids=["too old for it", "no perl at all"],
)
def test_where_perl_cannot_read_the_program_the_next_language_is_tried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails: str
) -> None:
    place = Place(tmp_path / "place", "perl python3 sh")
    (tmp_path / "perl").write_text(f"#!/bin/sh\n{fails}\n")
    (tmp_path / "perl").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert [each.kind for each in place.give(place.mails(2))] == ["published"] * 2


def test_no_program_of_the_folder_where_one_stands_is_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path / "here"
    (here / "Digest").mkdir(parents=True)
    for name in ("hashlib.py", "fcntl.pm", "Errno.pm", "Digest/SHA.pm"):
        (here / name).write_text(f"open({str(here / 'ran')!r}, 'w')\n")
    monkeypatch.chdir(here)
    monkeypatch.setenv("PYTHONPATH", str(here))
    for language in ("perl", "python3"):
        place = Place(tmp_path / language, language)
        assert [each.kind for each in place.give(place.mails(1))] == ["published"]
    assert not (here / "ran").exists()
