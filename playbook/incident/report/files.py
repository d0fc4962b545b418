"""The files of the report in the incident's folder."""

import json
import os
from pathlib import Path
from typing import Final

from playbook.incident.incident import Incident
from playbook.incident.manifest.removal import sums
from playbook.incident.manifest.store import Manifest
from playbook.incident.report.facts import as_json
from playbook.incident.report.markdown import as_markdown

REPORT: Final = "report.md"


SUMS: Final = "removed.sha256"


def _write_sums(path: Path, manifest: Manifest) -> None:
    """The SHA-256 of every file that was removed, as `sha256sum` writes them."""
    lines = [f"{sha256}  {folder}/{os.fsdecode(name)}" for sha256, folder, name in sums(manifest)]
    if lines:
        path.write_text("\n".join(lines) + "\n", encoding="utf-8", errors="surrogateescape")


def write(incident: Incident, manifest: Manifest | None = None) -> Path | None:
    """Write `report.md` and `report.json` into the incident's folder, and say where."""
    if not incident.folder:
        return None
    path = incident.folder / REPORT
    path.write_text(as_markdown(incident, manifest), encoding="utf-8")
    text = json.dumps(as_json(incident, manifest), indent=1)
    path.with_suffix(".json").write_text(text + "\n", encoding="ascii")
    if manifest:
        _write_sums(incident.folder / SUMS, manifest)
    return path
