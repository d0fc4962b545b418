"""The files of the report in the incident's folder."""

import os
from pathlib import Path
from typing import Final

from playbook.incident.incident import Incident
from playbook.incident.manifest.removal import sums
from playbook.incident.manifest.store import Manifest
from playbook.incident.report.as_json import as_json
from playbook.incident.report.facts import gather
from playbook.incident.report.markdown import as_markdown

REPORT: Final = "report.md"
SUMS: Final = "removed.sha256"


def write(incident: Incident, manifest: Manifest | None = None) -> Path | None:
    """Write `report.md` and `report.json` into the incident's folder, and say where."""
    if not incident.folder:
        return None
    facts = gather(incident, manifest)
    path = incident.folder / REPORT
    _write(path, as_markdown(facts))
    _write(path.with_suffix(".json"), as_json(facts))
    if manifest:
        _write_sums(incident.folder / SUMS, manifest)
    return path


def _write_sums(path: Path, manifest: Manifest) -> None:
    """The SHA-256 of every file that was removed, as `sha256sum` writes them.

    Where none is known here, what an earlier report wrote stays.
    """
    lines = [f"{sha256}  {folder}/{os.fsdecode(name)}" for sha256, folder, name in sums(manifest)]
    if lines:
        _write(path, "\n".join(lines) + "\n")


def _write(path: Path, text: str) -> None:
    """Write a file for its owner alone, whole or not at all."""
    new = path.with_suffix(path.suffix + ".new")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8", errors="surrogateescape") as file:
        file.write(text)
    new.replace(path)
