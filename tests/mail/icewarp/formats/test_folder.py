"""Whole folders: made-up queues of every kind, odd files, and the sample queues where given."""

import json
import os
import subprocess
import tarfile
from collections import defaultdict
from pathlib import Path

import pytest

from playbook.drill.queues.generator import generate
from playbook.drill.queues.scene import STOLEN
from playbook.drill.queues.style import BlockStyle, LogTime, Masking, Style
from playbook.mail.icewarp.formats.folder import read_folder, triage_folder
from playbook.triage.clusters import ClusterKey
from playbook.triage.features import Features, FileKind
from playbook.triage.judgement import Judged
from playbook.triage.spool import SpooledFeatures
from playbook.triage.verdicts import Verdict
from tests.support.slow import some_quick

SIZE = 400


def check(
    labels: dict[bytes, str], judged: list[Judged], *, share: float, decisions: int, mixed: int = 0
) -> None:
    """The bar: nothing lost, nothing sent, one verdict a file, few doubts, clean clusters."""
    assert sorted(labels) == sorted(each.path for each in judged)
    clusters: dict[ClusterKey | None, set[str]] = defaultdict(set)
    for each in judged:
        label, verdict = labels[each.path], each.verdict
        assert each.reasons
        assert (verdict is Verdict.DOUBTFUL) is bool(each.cluster)
        assert (verdict is Verdict.NOT_A_MESSAGE) is (label == "other"), each
        if verdict in {Verdict.GOOD, Verdict.SPAM}:
            assert verdict.value == label, each
        clusters[each.cluster].add(label)
    del clusters[None]
    doubtful = sum(1 for each in judged if each.cluster)
    assert doubtful <= share * len(judged)
    assert len(clusters) <= decisions
    assert sum(len(found) > 1 for found in clusters.values()) <= mixed


def triage(
    folder: Path, seed: int, level: int, style: Style, *, is_named: bool = True
) -> tuple[dict[bytes, str], list[Judged]]:
    truth = generate(folder, seed, level, SIZE, style)
    logs = (folder / "logs",) if style.has_logs else ()
    judged = list(triage_folder(folder / "mail", (STOLEN,) if is_named else (), logs))
    return {path: each.label for path, each in truth.items()}, judged


@pytest.mark.parametrize("is_named", [True, False])
@pytest.mark.parametrize("level", some_quick([1, 2, 3], {3}))
def test_levels(tmp_path: Path, level: int, is_named: bool) -> None:
    labels, judged = triage(tmp_path, 70 + level, level, Style(), is_named=is_named)
    check(labels, judged, share=0.015, decisions=15)


@pytest.mark.parametrize("seed", some_quick([81, 82], {81}))
def test_the_adversarial_level(tmp_path: Path, seed: int) -> None:
    labels, judged = triage(tmp_path, seed, 4, Style())
    check(labels, judged, share=0.10, decisions=40, mixed=1)


@pytest.mark.parametrize("is_named", [True, False])
@pytest.mark.parametrize("level", some_quick([1, 2, 3], {3}))
def test_without_logs(tmp_path: Path, level: int, is_named: bool) -> None:
    labels, judged = triage(tmp_path, 90 + level, level, Style(has_logs=False), is_named=is_named)
    check(labels, judged, share=0.08, decisions=60, mixed=1)


@pytest.mark.slow
@pytest.mark.parametrize(("block", "time"), list(zip(BlockStyle, LogTime, strict=True)))
def test_ways_to_write_it(tmp_path: Path, block: BlockStyle, time: LogTime) -> None:
    style = Style(block, time, Masking.PASSWORD, has_stem_ids=time is not LogTime.CLOCK)
    labels, judged = triage(tmp_path, 60, 3, style)
    check(labels, judged, share=0.02, decisions=15)


def test_masked_names(tmp_path: Path) -> None:
    labels, judged = triage(tmp_path, 61, 3, Style(masking=Masking.LOGIN))
    check(labels, judged, share=0.08, decisions=60, mixed=1)


def test_odd_files_are_reported_and_never_opened(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "201307151332484447.tmp").write_bytes(b"From: a\n\nsecret\n")
    queue = tmp_path / "queue"
    queue.mkdir()
    (queue / "201307151332484448.tmp").symlink_to(outside / "201307151332484447.tmp")
    (queue / "linked").symlink_to(outside)
    os.mkfifo(queue / "201307151332484449.tmp")
    Path(os.fsdecode(bytes(queue) + b"/\xff\x1b[31m.tmp")).write_bytes(b"x")
    judged = list(triage_folder(queue, (), ()))
    assert {each.path for each in judged} == {
        b"201307151332484448.tmp",
        b"linked",
        b"201307151332484449.tmp",
        b"\xff\x1b[31m.tmp",
    }
    assert {each.verdict for each in judged} == {Verdict.NOT_A_MESSAGE}


def test_half_pairs_of_an_incoming_queue(tmp_path: Path) -> None:
    folder = tmp_path / "_incoming.bak"
    folder.mkdir()
    (folder / "201307151332484441.tmp").write_bytes(b"From: a@b.example\n\nx\n")
    (folder / "201307151332484442.tmp").write_bytes(b"From: a@b.example\n\nx\n")
    (folder / "201307151332484442.dat").write_bytes(b"x")
    (folder / "201307151332484443.dat").write_bytes(b"x")
    kinds = [each.kind for each in read_folder(folder)]
    assert kinds == [FileKind.ORPHAN, FileKind.ENVELOPE, FileKind.MESSAGE, FileKind.ENVELOPE]


@pytest.mark.parametrize("name", some_quick(["d", "a-long-name-of-a-folder"], {"d"}))
def test_1500_nested_folders(tmp_path: Path, name: str) -> None:
    at = os.open(tmp_path, os.O_RDONLY)
    for _ in range(1_500):
        os.mkdir(name, dir_fd=at)
        below = os.open(name, os.O_RDONLY, dir_fd=at)
        os.close(at)
        at = below
    handle = os.open("201307151332484441.tmp", os.O_WRONLY | os.O_CREAT, dir_fd=at)
    os.write(handle, b"From: a@b.example\n\nx\n")
    os.close(handle)
    os.close(at)
    (found,) = read_folder(tmp_path, 1)
    # Python's own removal goes down a call a folder.
    subprocess.run(["rm", "-r", str(tmp_path / name)], check=True)
    assert found.kind is FileKind.MESSAGE
    assert found.path == f"{name}/".encode() * 1_500 + b"201307151332484441.tmp"


def test_spooled_features_come_back_each_time() -> None:
    features = [
        Features(b"\xff%d" % number, FileKind.MESSAGE, number, sketch=(number,), account=None)
        for number in range(5000)
    ]
    with SpooledFeatures(iter(features)) as spooled:
        assert list(spooled) == features
        assert list(spooled) == features


@pytest.mark.parametrize("is_named", [True, False])
@pytest.mark.parametrize("has_logs", some_quick([True, False], {True}))
@pytest.mark.parametrize("level", some_quick([1, 2, 3], {3}))
def test_sample_queues(tmp_path: Path, level: int, has_logs: bool, is_named: bool) -> None:
    data = os.environ.get("RESPOND_TEST_DATA", "")
    if not data:
        pytest.skip("RESPOND_TEST_DATA names no folder of sample queues")
    with tarfile.open(Path(data) / "queues" / f"level{level}.tar.xz") as archive:
        archive.extractall(tmp_path, filter="data")
    root = tmp_path / f"L{level}"
    rows = [json.loads(line) for line in (root / "truth.jsonl").read_text().splitlines()]
    labels = {row["path"].removeprefix("mail/").encode(): row["label"] for row in rows}
    logs = (root / "logs",) if has_logs else ()
    judged = list(triage_folder(root / "mail", (STOLEN,) if is_named else (), logs))
    check(labels, judged, share=0.015, decisions=15)


def test_several_processes_read_the_same_features_in_the_same_order(tmp_path: Path) -> None:
    for number in range(2_100):
        (tmp_path / f"20130716080224{number:04}.tmp").write_bytes(b"From: a@b.example\n\n")
    assert list(read_folder(tmp_path, 2)) == list(read_folder(tmp_path, 1))
