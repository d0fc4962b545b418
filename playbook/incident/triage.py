"""Sorts the queue folders of a mail server into the manifest of an incident.

All folders are judged together, because the evidence of one tells about the files of another.
Decisions of persons, and what was given back, are laid over the verdicts again: so a sorting can
be done once more, on this machine or another, and doubts nothing that is known already.
"""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import chain
from typing import Final

from playbook.detection.signs import aliases_of
from playbook.incident.manifest.repeating import repeat
from playbook.incident.manifest.store import Manifest
from playbook.incident.misuse import LogTally, misuse_of, read_log
from playbook.incident.records import Said
from playbook.mail.server import Reader
from playbook.mail.survey import Role, SetAside
from playbook.progress import Tell
from playbook.smtplog.reading import LogReading
from playbook.text import one_line
from playbook.triage.features import Features
from playbook.triage.history import LogHistory
from playbook.triage.identities import Identities
from playbook.triage.judgement import judge
from playbook.triage.spool import SpooledFeatures

# A week to learn what is usual, and the days that an attack may have gone on unseen.
LOG_DAYS: Final = 10


@dataclass(frozen=True)
class Sorted:
    """What a sorting found besides the verdicts: compromised accounts, and caveats."""

    stolen: tuple[str, ...]
    caveats: tuple[str, ...]


def sort_queue(
    server: Reader,
    folders: tuple[SetAside, ...],
    accounts: tuple[str, ...],
    manifest: Manifest,
    tell: Tell,
    records: Iterable[Said] = (),
) -> Sorted:
    """Judge every file of the folders, and file the verdicts.

    `records` are those of the incident's journal, with the decisions of earlier reviews. Raises a
    `TransportError`; the manifest is then not whole, and a sorting begins anew.
    """
    manifest.begin()
    log, tally = _read_log(server, tell)
    tell("reading the queue")
    with ExitStack() as stack:
        spooled = (SpooledFeatures(server.queue_files(each.path, tell)) for each in folders)
        queue = _Queues(tuple(map(stack.enter_context, spooled)))
        tell("judging")
        domains = tuple({each.rpartition("@")[2] for each in accounts})
        judgement = judge(queue, log, accounts, domains, told_by(server))
        verdicts = iter(judgement)
        for aside, part in zip(folders, queue.parts, strict=True):
            # The folder's files come first: their end takes no verdict of the next folder.
            manifest.fill(aside.role, aside.path, zip(part, verdicts, strict=False))
        stolen = tuple(each.account for each in judgement.stolen)
        found = Sorted(stolen, judgement.caveats)
        misuse = misuse_of(manifest, judgement, tally)
    # The ledger on the server tells this incident's list what was given back of these files.
    server.reinjected(tuple(Role), 0)
    repeat(manifest, records)
    paths = (each.path for each in folders)
    manifest.seal(found.stolen, found.caveats, paths, misuse)
    return found


def told_by(server: Reader) -> Identities:
    """What a mail server says of its accounts' other names, and of its own addresses."""
    seen = server.survey()
    return Identities(aliases_of(seen.accounts), own_addresses=frozenset(seen.addresses))


def learn_from(server: Reader, tell: Tell) -> LogHistory:
    """What the SMTP logs of a mail server say of the last days; raises a `TransportError`."""
    log, _ = _read_log(server, tell)
    return log


def _read_log(server: Reader, tell: Tell) -> tuple[LogHistory, LogTally]:
    tell("reading the SMTP logs")
    reading = LogReading()
    log, tally = read_log(server.smtp_log(LOG_DAYS, tell, reading))
    log.gaps = tuple(one_line(each, 400) for each in reading.sentences)
    return log, tally


@dataclass(frozen=True)
class _Queues:
    """The features of several folders as one queue, which can be iterated again."""

    parts: tuple[SpooledFeatures, ...]

    def __iter__(self) -> Iterator[Features]:
        return chain.from_iterable(self.parts)
