"""Servers that lack something: what their scripts may run is a folder of links."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from playbook.progress import Tell, untold
from playbook.transports.base import Request, Script
from playbook.transports.frame import ScriptRecord
from playbook.transports.local import Local

_PLAIN = (
    "sh", "awk", "base64", "cat", "cksum", "cut", "date", "dd", "df", "find", "grep", "gzip",
    "head", "id", "ls", "od", "sed", "sleep", "sort", "tail", "tee", "tr", "uname", "wc",
)  # fmt: skip
_SYSTEM = "/usr/bin:/bin:/usr/local/bin"
_PATH_LINE = "PATH=$PATH:/usr/sbin:/usr/bin:/sbin:/bin\n"


@dataclass(frozen=True)
class Poor:
    """This machine, where scripts find no other programs than those of a folder."""

    tools: Path

    def run(self, request: Request, tell: Tell = untold) -> tuple[ScriptRecord, ...]:
        return Local(elevate=False).run(self._poorer(request), tell)

    def stream(self, request: Request, tell: Tell = untold) -> Iterator[ScriptRecord]:
        return Local(elevate=False).stream(self._poorer(request), tell)

    def close(self) -> None: ...

    def _poorer(self, request: Request) -> Request:
        text = request.script.text
        assert text.count(_PATH_LINE) == 1
        text = text.replace(_PATH_LINE, f"PATH='{self.tools}'\n")
        return replace(request, script=Script(request.script.name, text))


def having(folder: Path, *more: str, without: tuple[str, ...] = ()) -> Poor:
    """A server with the plain tools and these; skips the test where this machine lacks one."""
    folder.mkdir()
    for name in (*_PLAIN, *more):
        found = shutil.which(name, path=_SYSTEM)
        if found is None:
            pytest.skip(f"{name} is not installed")
        if name not in without:
            (folder / name).symlink_to(found)
    return Poor(folder)


def having_perls_base(folder: Path) -> Poor:
    """A server without gzip, whose perl has no module for base64, as perl's base alone."""
    poor = having(folder, without=("gzip",))
    library = folder / "library" / "MIME"
    library.mkdir(parents=True)
    (library / "Base64.pm").write_text("die 'it is not installed';\n")
    perl = shutil.which("perl", path=_SYSTEM)
    if perl is None:
        pytest.skip("perl is not installed")
    (folder / "perl").write_text(f'#!/bin/sh\nexec {perl} -I"{folder}/library" "$@"\n')
    (folder / "perl").chmod(0o755)
    return poor
