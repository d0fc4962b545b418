"""An incident with a manifest whose doubtful mail waits for a person, and its files on disk."""

from collections.abc import Iterable
from pathlib import Path

from playbook.incident import store
from playbook.incident.incident import Incident
from playbook.incident.journal import Journal
from playbook.incident.manifest.store import MANIFEST, Manifest
from playbook.incident.obligations import DOUBTFUL
from playbook.incident.records import Opened, Owed
from playbook.plan import Obligation
from playbook.review.session import ReviewSession
from playbook.triage.clusters import ClusterKey
from playbook.triage.features import Features, FileKind
from playbook.triage.judgement import Judged
from playbook.triage.verdicts import Verdict

DAY_S = 86_400
START_S = 20_000 * DAY_S


def doubtful(  # noqa: PLR0917 - a file has that many traits
    number: int,
    cluster: str,
    sender: str = "info@b.example",
    subject: str = "Offer",
    account: str = "info@b.example",
    address: str = "192.0.2.1",
    reasons: tuple[str, ...] = ("sent as info@b.example", "but its text is shared"),
    path: bytes = b"",
) -> tuple[Features, Judged]:
    raw = path or b"retry/%d.tmp" % number
    features = Features(
        raw,
        FileKind.MESSAGE,
        1000 + number,
        at_s=START_S + number * DAY_S // 2,
        sender=sender,
        recipient=f"r{number}@elsewhere.example",
        subject=subject,
        leads=("lure.example",),
    )
    return features, Judged(raw, Verdict.DOUBTFUL, ClusterKey(cluster), reasons, account, address)


SORTING = (
    *(doubtful(n, "alpha", subject=f"Offer {n % 2}") for n in range(4)),
    *(doubtful(n, "beta", sender=f"s{n}@b.example", address=f"192.0.2.{n}") for n in (10, 11)),
    doubtful(20, "gamma"),
)
MAIL = (
    b"original sender: info@b.example\nsender: <info@b.example>\nrecipient: <r@elsewhere.example>\n"
    b"Received: from pc ([192.0.2.1]) by mail (IceWarp) with ASMTP id X; now\n"
    b"From: Ada <info@b.example>\nTo: r@elsewhere.example\nSubject: Offer\n\n%s\n"
)


def opened(
    home: Path, sorting: Iterable[tuple[Features, Judged]] = SORTING, body: bytes = b"Hello there"
) -> ReviewSession:
    """A new incident, its files below `home/queue`, and a review of it."""
    case = store.create("20260101-030000-test", "mail1", home)
    case.journal.append(Opened("r", (), "ada"))
    obligation = Obligation(DOUBTFUL, "mail is doubtful", "respond review")
    case.journal.append(Owed((obligation,)), "triage_queue")
    manifest = Manifest((case.folder or home) / MANIFEST)
    pairs = list(sorting)
    manifest.fill("outgoing", str(home / "queue"), pairs)
    manifest.seal()
    for features, _ in pairs:
        path = home / "queue" / features.path.decode("utf-8", "surrogateescape")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(MAIL % body)
    return ReviewSession(case, manifest, "ada@desk")


def in_memory() -> ReviewSession:
    """The same without a disk, for many examples."""
    manifest = Manifest()
    manifest.fill("outgoing", "/queue", SORTING)
    return ReviewSession(Incident("case", Journal("mail1")), manifest, "ada@desk")


def again(home: Path) -> ReviewSession:
    """The review as a later process finds it."""
    case: Incident = store.load("", home)
    case.journal = Journal.open((case.folder or home) / store.JOURNAL)
    return ReviewSession(case, Manifest((case.folder or home) / MANIFEST), "bob@desk")


def undone(session: ReviewSession) -> tuple[str, str] | None:
    """Take the last act of a review back: the title of its cluster, and what was said."""
    found = session.undo()
    return (found[0].title, found[1]) if found else None
