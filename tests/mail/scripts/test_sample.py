"""A sample from a server: the script reads the beginning of one file, and follows nothing."""

import os
from pathlib import Path

import pytest

from playbook.errors import ServerRefused
from playbook.hosts.host import IceWarpOverrides
from playbook.mail.icewarp.reader import IceWarpReader
from playbook.mail.server import SAMPLE_BYTES
from playbook.transports.base import ReadOnly
from playbook.transports.local import Local

BODY = bytes(range(256)) * 300


@pytest.fixture
def server() -> IceWarpReader:
    return IceWarpReader(ReadOnly(Local(elevate=False)), IceWarpOverrides())


def test_it_reads_the_beginning_of_a_file_of_any_name(
    server: IceWarpReader, tmp_path: Path
) -> None:
    folder = tmp_path / "_outgoing.$(touch never) 'x'"
    for path in (b"a.tmp", b"retry/b.tmp", b"-n", b"\\0101%s $(id)\n`id`;\xff\x1b ' \"\n"):
        full = os.fsencode(folder) + b"/" + path
        Path(os.fsdecode(full)).parent.mkdir(parents=True, exist_ok=True)
        Path(os.fsdecode(full)).write_bytes(path + BODY)
        assert server.text_of(str(folder), path) == (path + BODY)[:SAMPLE_BYTES]
    assert not (tmp_path / "never").exists()
    (folder / "empty").touch()
    assert server.text_of(str(folder), b"empty") == b""


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        (b"../secret", "path"),
        (b"/etc/passwd", "path"),
        (b"retry/../../secret", "path"),
        (b"retry//a.tmp", "path"),
        (b"retry/", "path"),
        (b"", "path"),
        (b"link.tmp", "link"),
        (b"up/secret", "link"),
        (b"retry", "gone"),
        (b"pipe", "gone"),
        (b"missing/a.tmp", "gone"),
        (b"missing.tmp", "gone"),
    ],
)
def test_it_leaves_the_folder_for_nothing(
    server: IceWarpReader, tmp_path: Path, path: bytes, reason: str
) -> None:
    folder = tmp_path / "queue"
    (folder / "retry").mkdir(parents=True)
    (tmp_path / "secret").write_bytes(b"secret")
    (folder / "link.tmp").symlink_to(tmp_path / "secret")
    (folder / "up").symlink_to(tmp_path)
    os.mkfifo(folder / "pipe")
    with pytest.raises(ServerRefused) as refused:
        server.text_of(str(folder), path)
    assert refused.value.reason == reason


def test_a_folder_that_is_gone_is_said(server: IceWarpReader, tmp_path: Path) -> None:
    with pytest.raises(ServerRefused, match="not there"):
        server.text_of(str(tmp_path / "gone"), b"a.tmp")
