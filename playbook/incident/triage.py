"""Sorts the queue folders of a mail server into the manifest of an incident.

All folders are judged together, because the evidence of one tells about the files of another.
Decisions of persons are laid over the verdicts again, so that a sorting can be done once more.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Final

from playbook.detection.signs import aliases_of
from playbook.incident.manifest.store import Manifest
from playbook.mail.server import Reader
from playbook.mail.survey import SetAside
from playbook.progress import Tell
from playbook.smtplog.reading import LogReading
from playbook.text import one_line
from playbook.triage.features import Features
from playbook.triage.history import LogHistory, learn
from playbook.triage.identities import Identities
from playbook.triage.judgement import Judged, judge
from playbook.triage.spool import SpooledFeatures

# A week to learn what is usual, and the days that an attack may have gone on unseen.
LOG_DAYS: Final = 10


@dataclass(frozen=True)
class Sorted:
    """What a sorting found, besides the verdicts in the manifest: stolen accounts, and caveats."""

    stolen: tuple[str, ...]
    caveats: tuple[str, ...]


def sort_queue(
    server: Reader,
    folders: tuple[SetAside, ...],
    accounts: tuple[str, ...],
    manifest: Manifest,
    tell: Tell,
) -> Sorted:
    """Judge every file of the folders, and file the verdicts.

    Raises a `TransportError`; the manifest is then not whole, and a sorting begins anew.
    """
    manifest.begin()
    log = learn_from(server, tell)
    tell("reading the queue")
    with SpooledFeatures(_files(server, folders, tell)) as queue:
        tell("judging")
        domains = tuple({each.rpartition("@")[2] for each in accounts})
        judgement = judge(queue, log, accounts, domains, told_by(server))
        for number, group in groupby(zip(queue, judgement, strict=True), _folder_of):
            aside = folders[number]
            manifest.fill(aside.role, aside.path, map(_within_folder, group))
        stolen = tuple(each.account for each in judgement.stolen)
        found = Sorted(stolen, judgement.caveats)
    manifest.seal(found.stolen, found.caveats)
    return found


def told_by(server: Reader) -> Identities:
    """What a mail server says of its accounts' other names, and of its own addresses."""
    seen = server.survey()
    return Identities(aliases_of(seen.accounts), own_addresses=frozenset(seen.addresses))


def learn_from(server: Reader, tell: Tell) -> LogHistory:
    """What the SMTP logs of a mail server say of the last days; raises a `TransportError`."""
    tell("reading the SMTP logs")
    reading = LogReading()
    log = learn(server.smtp_log(LOG_DAYS, tell, reading))
    log.gaps = tuple(one_line(each, 400) for each in reading.sentences)
    return log


def _files(server: Reader, folders: tuple[SetAside, ...], tell: Tell) -> Iterator[Features]:
    """The files of all folders, each with the number of its folder before its path."""
    for number, folder in enumerate(folders):
        for features in server.queue_files(folder.path, tell):
            yield replace(features, path=b"%d/%s" % (number, features.path))


def _folder_of(pair: tuple[Features, Judged]) -> int:
    return int(pair[1].path.partition(b"/")[0])


def _within_folder(pair: tuple[Features, Judged]) -> tuple[Features, Judged]:
    features, judged = pair
    return features, replace(judged, path=judged.path.partition(b"/")[2])
