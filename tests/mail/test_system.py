"""Paths of a server are written as its system writes them."""

import pytest

from playbook.mail.system import LINUX, System

OTHER = System("other", "\\")


@pytest.mark.parametrize(
    ("system", "folder", "path", "whole"),
    [
        (LINUX, "/mail/_outgoing.x", b"retry/a.tmp", b"/mail/_outgoing.x/retry/a.tmp"),
        (LINUX, "/", b"a.tmp", b"/a.tmp"),
        (LINUX, "/m\udce9", b"\xff.tmp", b"/m\xe9/\xff.tmp"),
        (OTHER, "C:\\mail", b"a.tmp", b"C:\\mail\\a.tmp"),
    ],
)
def test_a_file_below_a_folder_and_back(
    system: System, folder: str, path: bytes, whole: bytes
) -> None:
    assert system.below(folder, path) == whole
    assert system.within(folder, whole) == path


@pytest.mark.parametrize("whole", [b"/mail/_outgoing.xy/a.tmp", b"/mail/_outgoing.x", b"a.tmp"])
def test_a_file_elsewhere_is_not_within(whole: bytes) -> None:
    assert LINUX.within("/mail/_outgoing.x", whole) is None


def test_parts_of_a_path_are_joined() -> None:
    assert LINUX.joined("/a/", "b", "c") == "/a/b/c"
    assert OTHER.joined("C:\\logs", "s1.log") == "C:\\logs\\s1.log"
