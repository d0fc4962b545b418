"""The two copies of an incident's journal, here and on the mail server: which of them goes on."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from playbook.errors import JournalBroken
from playbook.incident.incident import Incident
from playbook.incident.journal import Journal, Record, parse, verify
from playbook.incident.records import Leased, Opened, Taken
from playbook.incident.store import JOURNAL, folder_of


@dataclass(frozen=True)
class Copies:
    """What both hold alike, and what only one of them does behind that."""

    common: tuple[Record, ...]
    ours: tuple[Record, ...]
    theirs: tuple[Record, ...]

    @property
    def is_fork(self) -> bool:
        """Whether both went on, each by itself."""
        return bool(self.ours and self.theirs)


def read_copy(lines: Iterable[str]) -> tuple[Record, ...]:
    """The mail server's copy, its chain checked; raises `JournalBroken`."""
    records = tuple(map(parse, lines))
    verify(records)
    if not records or not isinstance(records[0].said, Opened):
        raise JournalBroken("The mail server's copy does not begin with an opening")
    return records


def compare(ours: Iterable[Record], theirs: Iterable[Record]) -> Copies:
    """Where two copies part."""
    ours, theirs = tuple(ours), tuple(theirs)
    common = tuple(_while_equal(ours, theirs))
    return Copies(common, ours[len(common) :], theirs[len(common) :])


def _while_equal(ours: Iterable[Record], theirs: Iterable[Record]) -> Iterator[Record]:
    for mine, other in zip(ours, theirs, strict=False):
        if mine.hash != other.hash:
            return
        yield mine


def who_wrote(records: Iterable[Record]) -> tuple[str, ...]:
    """Who took the lease in these records."""
    named = (each.said.who for each in records if isinstance(each.said, Leased))
    return tuple(dict.fromkeys(named))


def take(case: Incident, copies: Copies, reason: str = "") -> None:
    """Go on from the mail server's copy, in an incident that is held.

    Our own records behind the parting are kept in a file beside the journal.
    """
    if case.folder:
        _keep_parted(case.folder, copies.ours)
        _replace(case.folder / JOURNAL, (*copies.common, *copies.theirs))
        case.journal = Journal.open(case.folder / JOURNAL)
    case.journal.sent(len(copies.common) + len(copies.theirs))
    who = who_wrote(copies.theirs)
    case.journal.append(Taken(len(copies.theirs), who, len(copies.ours), reason))


def adopt(name: str, theirs: tuple[Record, ...], under: Path) -> Incident:
    """An incident that only the mail server knows, kept here from now on."""
    folder = folder_of(name, under)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / JOURNAL
    if path.exists():
        path.replace(path.with_name(f"broken-{len(list(folder.glob('broken-*'))) + 1}.jsonl"))
    _replace(path, theirs)
    return Incident(name, Journal.load(path), folder)


def _keep_parted(folder: Path, records: tuple[Record, ...]) -> None:
    if records:
        text = "".join(record.line + "\n" for record in records)
        (folder / f"parted-{records[0].hash[:8]}.jsonl").write_text(text, encoding="ascii")


def _replace(path: Path, records: Iterable[Record]) -> None:
    new = path.with_suffix(".new")
    with new.open("w", encoding="ascii") as file:
        file.writelines(record.line + "\n" for record in records)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
