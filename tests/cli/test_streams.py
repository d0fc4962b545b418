"""Standard error outlasts its reader, and a result that nobody can read is said."""

import os
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TextIO

import pytest

from playbook.cli import output
from playbook.cli.streams import Outlasting
from playbook.errors import Unheard


def without_reader() -> TextIO:
    reading, writing = os.pipe()
    os.close(reading)
    return os.fdopen(writing, "w")


def full() -> TextIO:
    return Path("/dev/full").open("w")


def closed() -> TextIO:
    stream = full()
    stream.close()
    return stream


@pytest.mark.parametrize("make", [without_reader, full, closed])
def test_standard_error_outlasts_its_reader(make: Callable[[], TextIO]) -> None:
    with closing(make()) as beneath:
        stream = Outlasting(beneath)
        for _ in range(3):
            assert stream.write("a line\n") == 7
            stream.flush()
        assert stream.gone
        assert not stream.isatty()


def test_standard_error_that_never_was_there_takes_everything() -> None:
    stream = Outlasting(None)
    stream.write("a line\n")
    stream.flush()
    assert stream.gone


@pytest.mark.parametrize(("make", "error"), [(without_reader, SystemExit), (full, Unheard)])
def test_a_result_that_cannot_be_written_ends_the_command(
    make: Callable[[], TextIO], error: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    with make() as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        with pytest.raises(error):
            output.result("a line\n")


def test_a_result_without_standard_output_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    with pytest.raises(Unheard, match="closed"):
        output.result("a line\n")
