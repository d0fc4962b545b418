"""What a command says: its result on standard output, notes on standard error."""

import errno
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TextIO

from playbook.cli.streams import lead_nowhere
from playbook.errors import ExitCode, Unheard
from playbook.text import one_line, printable


def out(text: str) -> None:
    """A text for a person, without what a terminal would obey; no line is wrapped."""
    result(printable(text) + "\n")


def result(text: str) -> None:
    """Write a text to standard output, at once; raises `Unheard` where nobody can read it."""
    results((text,))


def results(texts: Iterable[str]) -> None:
    """Write one text after another, as they come; raises `Unheard` where nobody can read them."""
    for text in texts:
        with _to_stdout() as stream:
            stream.write(text)
    with _to_stdout() as stream:
        stream.flush()


@contextmanager
def _to_stdout() -> Iterator[TextIO]:
    if sys.stdout is None:
        raise Unheard("Standard output cannot be written", "it is closed")
    try:
        yield sys.stdout
    except OSError as error:
        lead_nowhere(sys.stdout)
        if error.errno == errno.EPIPE:  # whoever read it had enough
            raise SystemExit(ExitCode.RED) from error
        raise Unheard("Standard output cannot be written", str(error.strerror)) from error


def note(text: str) -> None:
    """A line on standard error, bounded and harmless."""
    sys.stderr.write(one_line(text, 2_000) + "\n")
