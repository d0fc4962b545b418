"""The spreadsheet of a review: written, and read back."""

import locale
import os
from pathlib import Path

from playbook.cli.output import note
from playbook.errors import BadInput
from playbook.review import sheet
from playbook.review.session import ReviewSession


def export_sheet(session: ReviewSession, path: Path) -> None:
    """A new file, for its owner alone: one that is there may hold decisions."""
    raw = sheet.export(session, _delimiter())
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(raw)
    except OSError as error:
        raise BadInput(f"{path} cannot be written", str(error.strerror)) from error
    note(f"{path}: fill the column `verdict` with good, spam or later, save it as CSV, then:")
    note(f"  respond review {session.case.name} --import {path}")


def _delimiter() -> str:
    """What a spreadsheet of this language takes: a semicolon where numbers have a comma."""
    before = locale.setlocale(locale.LC_NUMERIC)
    try:
        locale.setlocale(locale.LC_NUMERIC, "")
        return ";" if locale.localeconv()["decimal_point"] == "," else ","
    except locale.Error:
        return ","
    finally:
        locale.setlocale(locale.LC_NUMERIC, before)


def import_sheet(session: ReviewSession, path: Path) -> None:
    """Take the decisions of a filled-in one, all or none."""
    try:
        with path.open("rb") as file:
            raw = file.read(sheet.MOST_BYTES + 1)
    except OSError as error:
        raise BadInput(f"{path} cannot be read", str(error.strerror)) from error
    found = sheet.read(session, raw)
    for problem in found.problems:
        note(problem)
    if found.problems:
        count = len(found.problems)
        raise BadInput(f"Nothing of {path} was applied", f"{count} of its lines are not understood")
    note(f"{sheet.apply(session, found.wishes)} decisions were taken from {path}")
