"""Features taken on a server are those taken here: by perl, by python3, and by plain tools."""

import base64
import gzip
import os
import resource
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from playbook.drill.queues.generator import generate
from playbook.drill.queues.style import BlockStyle, Style
from playbook.errors import AnswerUnreadable, ServerRefused
from playbook.mail.icewarp.formats.folder import read_folder
from playbook.mail.icewarp.queue_files import scan
from playbook.mail.scripts.blocks import Blocks
from playbook.progress import Tell, untold
from playbook.transports.base import Request, Transport
from playbook.transports.frame import LIMIT_BYTES, ScriptRecord
from playbook.transports.local import Local
from playbook.triage.features import Features, FileKind
from tests.support.hard_queue_files import FILES, HOSTILE, queue_files
from tests.support.limited_host import having, having_perls_base

PERL: Transport = Local(elevate=False)
WAYS: dict[str, Callable[[Path], Transport]] = {
    "perl": lambda folder: having(folder, "perl"),
    "perl's base, no gzip": having_perls_base,
    "python3": lambda folder: having(folder, "python3"),
    "plain tools": having,
    "fewer plain tools": lambda folder: having(folder, without=("gzip", "base64")),
}


@pytest.fixture(params=list(WAYS.values()), ids=list(WAYS))
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Transport:
    way: Callable[[Path], Transport] = request.param
    return way(tmp_path / "tools")


def names(extension: str = "tmp") -> Iterator[str]:
    return (f"20130715133248{number:04d}.{extension}" for number in count())


def same(server: Transport, folder: Path) -> dict[bytes, Features]:
    """What the server says of each file, which is what is found here, one by one."""
    there = list(scan(server, str(folder)))
    here = {each.path: each for each in read_folder(folder)}
    assert len(there) == len(here)
    for each in there:
        assert each == here[each.path]
    return here


def test_hard_files_are_read_the_same_everywhere(tmp_path: Path, server: Transport) -> None:
    queue = tmp_path / "_outgoing.bak"
    (queue / "retry").mkdir(parents=True)
    for name, data in zip(names(), FILES.values(), strict=False):
        (queue / "retry" / name).write_bytes(data)
    seen = same(server, queue)
    assert len(seen) == len(FILES)
    assert sum(each.kind is FileKind.MESSAGE for each in seen.values()) > 30
    assert sum(bool(each.sketch) for each in seen.values()) > 15


@pytest.mark.parametrize("block", list(BlockStyle))
def test_a_made_up_queue_is_read_the_same_by_perl(tmp_path: Path, block: BlockStyle) -> None:
    generate(tmp_path, 5, 4, 300, Style(block, has_logs=False))
    assert len(same(PERL, tmp_path / "mail")) >= 300


def test_whatever_lies_there_is_read_the_same_by_perl(tmp_path: Path) -> None:
    made = names()

    @settings(
        max_examples=600, database=None, deadline=None, suppress_health_check=list(HealthCheck)
    )
    @given(queue_files())
    def write(data: bytes) -> None:
        (tmp_path / next(made)).write_bytes(data)

    write()
    assert len(same(PERL, tmp_path)) >= 500


@pytest.mark.parametrize("level", [1, 2, 3])
@pytest.mark.slow
def test_sample_queues_are_read_the_same_by_perl(tmp_path: Path, level: int) -> None:
    with tarfile.open(sample_data() / "queues" / f"level{level}.tar.xz") as archive:
        archive.extractall(tmp_path, filter="data")
    same(PERL, tmp_path / f"L{level}" / "mail")


@pytest.mark.slow
def test_real_mails_are_read_the_same_by_perl(tmp_path: Path) -> None:
    for name, mail in zip(names(), sorted(sample_data().glob("corpus/*/*")), strict=False):
        (tmp_path / name).write_bytes(mail.read_bytes())
    assert len(same(PERL, tmp_path)) > 1000


def sample_data() -> Path:
    data = os.environ.get("RESPOND_TEST_DATA", "")
    if not data:
        pytest.skip("RESPOND_TEST_DATA names no folder of sample queues and mails")
    return Path(data)


def test_halves_of_pairs_are_known_everywhere(tmp_path: Path, server: Transport) -> None:
    queue, other = tmp_path / "mail" / "_incoming.bak", tmp_path / "mail" / "set aside"
    for folder in (queue, other, other / "x.dat"):
        folder.mkdir(parents=True)
        for name in ("1.tmp", "2.tmp", "2.dat", "3.dat", "4.TM$", "4.dat", "5.tmp", "5.DAT"):
            (folder / f"20130715133248444{name}").write_bytes(b"From: a@b.example\n\nx\n")
    (tmp_path / "mail" / "INCOMING").mkdir()
    (tmp_path / "mail" / "INCOMING" / "201307151332484441.tmp").write_bytes(b"From: a@b.c\n\nx\n")
    seen = same(server, tmp_path / "mail")
    kinds = [each.kind for path, each in sorted(seen.items()) if path.startswith(b"set aside/2")]
    orphan, half, whole = FileKind.ORPHAN, FileKind.ENVELOPE, FileKind.MESSAGE
    assert kinds == [orphan, half, whole, half, whole, half, half, orphan]
    assert same(server, queue)


def test_odd_names_and_things_are_said_and_never_opened(tmp_path: Path, server: Transport) -> None:
    queue = tmp_path / "queue"
    queue.mkdir()
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "201307151332484447.tmp").write_bytes(b"From: a\n\nsecret\n")
    odd = (b"\xff\x1b[31m", b"a\nb", b"'\"$(id)`;", b"-rf", b" ", b"~41", b"x" * 255, b"a\n.tmp\n")
    for name in (*odd, b"%s%n", b"*", b"\\n", b"201307151332484440.tmp\n", b".hidden.tmp"):
        Path(os.fsdecode(bytes(queue) + b"/" + name)).write_bytes(b"x")
    folder = Path(os.fsdecode(bytes(queue) + b"/sub \n\xfe'/_incoming -x"))
    folder.mkdir(parents=True)
    (folder / "201307151332484441.tmp").write_bytes(b"From: a@b.example\n\nx\n")
    (queue / "201307151332484442.tmp").symlink_to("../outside/201307151332484447.tmp")
    (queue / "201307151332484443.tmp").symlink_to("nowhere")
    (queue / "linked").symlink_to("../outside")
    (queue / "loop").symlink_to(".")
    os.mkfifo(queue / "201307151332484444.tmp")
    (queue / "201307151332484445.tmp").write_bytes(b"")
    with (queue / "201307151332484446.tmp").open("wb") as sparse:
        sparse.write(b"From: a@b.example\n\nfirst words of a file that is said to be very large\n")
        sparse.truncate(1 << 42)
    seen = same(server, queue)
    assert len(seen) == 13 + 1 + 4 + 1 + 2
    assert seen[b"201307151332484446.tmp"].size_bytes == 1 << 42
    assert sum(each.kind is FileKind.UNREADABLE for each in seen.values()) == 5


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_said(tmp_path: Path, server: Transport) -> None:
    queue = tmp_path / "queue"
    (queue / "shut").mkdir(parents=True)
    (queue / "shut" / "201307151332484441.tmp").write_bytes(b"x")
    (queue / "201307151332484442.tmp").write_bytes(b"x")
    (queue / "201307151332484442.tmp").chmod(0)
    (queue / "shut").chmod(0)
    seen = same(server, queue).values()
    (queue / "shut").chmod(0o700)
    assert {each.path for each in seen} == {b"shut", b"201307151332484442.tmp"}
    assert {each.kind for each in seen} == {FileKind.UNREADABLE}


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path, server: Transport) -> None:
    with pytest.raises(ServerRefused, match="not there"):
        list(scan(server, str(tmp_path / "none")))


def test_an_empty_folder_is_no_fault(tmp_path: Path, server: Transport) -> None:
    (tmp_path / "queue").mkdir()
    assert list(scan(server, str(tmp_path / "queue"))) == []


def test_the_top_folder_may_be_a_link(tmp_path: Path, server: Transport) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "201307151332484441.tmp").write_bytes(b"From: a@b.example\n\nx\n")
    (tmp_path / "_outgoing").symlink_to("real")
    assert [each.path for each in scan(server, f"{tmp_path}/_outgoing")] == [
        b"201307151332484441.tmp"
    ]


def test_hostile_files_cost_little_by_perl(tmp_path: Path) -> None:
    for name, data in zip(names(), HOSTILE.values(), strict=False):
        (tmp_path / name).write_bytes(data)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    same(PERL, tmp_path)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime - before.ru_utime < 3.0 * len(HOSTILE)
    # The greatest of all children ever: those before this test are not its fault.
    assert after.ru_maxrss <= max(before.ru_maxrss, 400_000)


@dataclass(frozen=True)
class Meddler:
    """A way to this machine on which somebody changes some records, or takes them out."""

    change: Callable[[ScriptRecord], ScriptRecord | None]

    def run(self, request: Request, tell: Tell = untold) -> tuple[ScriptRecord, ...]:
        return tuple(self.stream(request, tell))

    def stream(self, request: Request, tell: Tell = untold) -> Iterator[ScriptRecord]:
        changed = (self.change(record) for record in PERL.stream(request, tell))
        return (record for record in changed if record is not None)

    def close(self) -> None: ...


def damaged(record: ScriptRecord) -> ScriptRecord:
    *fields, data = record.fields
    middle = len(data) // 2
    other = "A" if data[middle] != "A" else "B"
    data = data[:middle] + other + data[middle + 1 :]
    return ScriptRecord(record.kind, (*fields, data)) if record.kind == "block" else record


@pytest.mark.parametrize(
    "change",
    [
        lambda record: record if record.kind != "done" else None,
        lambda record: record if record.kind != "block" else None,
        lambda record: record if record.kind != "done" else ScriptRecord("done", ("41", "1")),
        lambda record: record if record.kind != "done" else ScriptRecord("done", ()),
        lambda record: (
            record if record.kind != "block" else ScriptRecord("block", record.fields[1:])
        ),
        lambda record: record if record.kind != "by" else ScriptRecord("by", ("sh",)),
        damaged,
    ],
    ids=["no end", "no block", "other count", "no count", "short", "other language", "damaged"],
)
def test_a_scan_that_is_not_whole_failed(
    tmp_path: Path, change: Callable[[ScriptRecord], ScriptRecord | None]
) -> None:
    for name in islice(names(), 40):
        (tmp_path / name).write_bytes(FILES["parts"])
    with pytest.raises(AnswerUnreadable):
        list(scan(Meddler(change), str(tmp_path)))
    assert len(list(scan(PERL, str(tmp_path)))) == 40


def test_a_block_that_swells_is_refused() -> None:
    bomb = base64.b64encode(gzip.compress(bytes(LIMIT_BYTES + 1))).decode()
    with pytest.raises(AnswerUnreadable, match="longer"):
        Blocks().unpacked(ScriptRecord("block", ("gzip", "base64", "-", bomb)))
