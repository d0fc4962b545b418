"""What was there before anything was changed: files with a manifest of their hashes."""

import hashlib
import json
import os
import re
from pathlib import Path
from typing import Final

from playbook.errors import JournalUnwritable
from playbook.mail.survey import Evidence

MANIFEST: Final = "manifest.json"


def keep(evidence: Evidence, folder: Path) -> str:
    """Write each item as a file (mode 0600), then the manifest; returns the manifest's SHA-256.

    Names come from the server and are made harmless; raises `JournalUnwritable`.
    """
    hashes: dict[str, str] = {}
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name, content in evidence.items:
            safe = re.sub(r"[^A-Za-z0-9._@-]", "_", name)[:100].lstrip(".") or "item"
            _write(folder / safe, content)
            hashes[safe] = hashlib.sha256(content).hexdigest()
        manifest = json.dumps(hashes, indent=1, sort_keys=True).encode()
        _write(folder / MANIFEST, manifest)
    except OSError as error:
        raise JournalUnwritable(f"{folder} cannot be written", str(error.strerror)) from error
    return hashlib.sha256(manifest).hexdigest()


def _write(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def altered(folder: Path, manifest_sha256: str) -> tuple[str, ...]:
    """The kept files that are not what was kept, the manifest by the hash that was noted of it."""
    if _sha256(folder / MANIFEST) != manifest_sha256:
        return (MANIFEST,)
    hashes: dict[str, str] = json.loads((folder / MANIFEST).read_bytes())
    return tuple(name for name, wanted in hashes.items() if _sha256(folder / name) != wanted)


def _sha256(path: Path) -> str:
    """The hash of a file, "" where it cannot be read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""
