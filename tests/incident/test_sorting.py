"""Sorting into the manifest: folder by folder, and cut anywhere, begun anew."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import cast

import pytest

from playbook.errors import LineLost
from playbook.incident.manifest import decisions
from playbook.incident.manifest.questions import digest_of_cluster
from playbook.incident.manifest.store import Manifest
from playbook.incident.records import Decided, Said
from playbook.incident.triage import sort_queue
from playbook.mail.reinjection import ReinjectionState
from playbook.mail.server import Reader
from playbook.mail.survey import Role, SetAside
from playbook.progress import untold
from playbook.triage.features import Features, FileKind
from playbook.triage.verdicts import Verdict

FOLDERS = (SetAside(Role.OUTGOING, "/a"), SetAside(Role.RETRY, "/b"), SetAside(Role.RETRY, "/c"))
FILES = {
    "/a": [
        Features(b"1.tmp", FileKind.MESSAGE, 10, is_reserved=True),
        Features(b"2.tmp", FileKind.EMPTY, 0),
    ],
    "/b": [],
    "/c": [
        Features(b"1.tmp", FileKind.FOREIGN, 30),
        Features(b"2.tmp", FileKind.MESSAGE, 40, is_reserved=True),
    ],
}


@dataclass
class Server:
    """A mail server whose ledger gave some files back, and whose line is lost at one question."""

    manifest: Manifest
    given: list[bytes] = field(default_factory=list)
    lost_at: str = ""

    def survey(self) -> object:
        self._asked("survey")
        return SimpleNamespace(accounts=(), addresses=())

    def smtp_log(self, *_: object) -> Iterator[object]:
        self._asked("log")
        return iter(())

    def queue_files(self, folder: str, _: object) -> Iterator[Features]:
        self._asked(folder)
        return iter(FILES[folder])

    def reinjected(self, _: object, __: int) -> ReinjectionState:
        self._asked("ledger")
        self.manifest.mark("outgoing", self.given, "published", "/a")
        return ReinjectionState()

    def _asked(self, what: str) -> None:
        if what == self.lost_at:
            raise LineLost("The line was lost", "a test")


def sort(server: Server, records: tuple[Said, ...] = ()) -> None:
    reader = cast("Reader", server)
    sort_queue(reader, FOLDERS, (), server.manifest, untold, records)


def rulings(manifest: Manifest) -> set[tuple[str, bytes, int, Verdict]]:
    return {
        (each.folder, each.path, each.size_bytes, verdict)
        for verdict in Verdict
        for each in manifest.files(verdict)
    }


SORTED = {
    ("/a", b"1.tmp", 10, Verdict.DOUBTFUL),
    ("/a", b"2.tmp", 0, Verdict.NOT_A_MESSAGE),
    ("/c", b"1.tmp", 30, Verdict.NOT_A_MESSAGE),
    ("/c", b"2.tmp", 40, Verdict.DOUBTFUL),
}


def test_each_folder_has_its_own_files_though_their_names_are_the_same() -> None:
    manifest = Manifest()
    sort(Server(manifest))
    assert rulings(manifest) == SORTED
    assert manifest.is_sorted


def decided(manifest: Manifest) -> tuple[Said, ...]:
    """What a journal says of a review of this sorting."""
    sort(Server(manifest))
    (only,) = decisions.clusters(manifest)
    digest = digest_of_cluster(manifest, only.id)
    return (Decided(only.id, "in work", Verdict.SPAM, None, only.files, digest, "ada"),)


@pytest.mark.parametrize("lost_at", ["survey", "log", "/a", "/c", "ledger"])
@pytest.mark.parametrize("anew", [Manifest, None], ids=["elsewhere", "here"])
def test_a_sorting_that_is_cut_is_not_whole_and_begun_anew_it_keeps_what_was_decided(
    lost_at: str, anew: Callable[[], Manifest] | None
) -> None:
    first = Manifest()
    records = decided(first)
    manifest = anew() if anew else first
    with pytest.raises(LineLost):
        sort(Server(manifest, lost_at=lost_at), records)
    assert not manifest.is_sorted
    sort(Server(manifest), records)
    assert manifest.is_sorted
    counts = manifest.counts()
    assert (counts.spam, counts.doubtful) == (2, 0)


def test_what_the_ledger_gave_back_is_good_on_a_machine_that_never_saw_it() -> None:
    manifest = Manifest()
    sort(Server(manifest, [b"1.tmp"]))
    counts = manifest.counts()
    assert (counts.given, counts.good, counts.doubtful) == (1, 1, 1)
