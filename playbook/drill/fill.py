"""Fills the attacked server's queues and its log, and tells the hidden truth of each message."""

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from random import Random

from playbook.drill.faults import Fault
from playbook.drill.history import write_ordinary_days, write_sessions
from playbook.drill.layout import Layout
from playbook.drill.mails import ATTACK_S, Post, Queued, bounce, good, queued, seeded
from playbook.drill.queuefile import write_all
from playbook.drill.queues.generator import RETRY, Clerk, Filed
from playbook.drill.queues.scene import Scene
from playbook.drill.queues.style import Style
from playbook.drill.scenario import Scenario
from playbook.drill.smtplog import append
from playbook.drill.truth import Truth, TruthFile

FULL_INCOMING_PAIRS = 5_200
INCOMING_PAIRS = 12
MESSAGES_LOGGED = 20_000
BATCH = 5_000


def fill_plainly(layout: Layout, scenario: Scenario, now: float) -> None:
    """Level 1, of any size: the messages are written as they are made up."""
    write_ordinary_days(layout, scenario, now)
    truth = TruthFile(layout.truth)
    found = queued(scenario, now)
    written = 0
    while batch := list(islice(found, BATCH)):
        truth.tell(
            Truth(item.text.identity, item.text.good, item.mail.account, item.mail.at)
            for item in batch
        )
        write_all(_files(layout, scenario, batch))
        if written < MESSAGES_LOGGED:
            write_sessions(layout, scenario, [item.mail for item in batch])
        written += len(batch)


def fill_with(layout: Layout, scene: Scene, scenario: Scenario) -> None:
    """Write a scene down; files that are no whole messages have no truth."""
    clerk = Clerk(scene, Style(has_stem_ids=True, is_local=True), Random(scenario.seed))  # noqa: S311
    truth = TruthFile(layout.truth)
    found = clerk.files()
    while batch := list(islice(found, BATCH)):
        truth.tell(
            Truth(filed.identity, filed.mail.label == "good", filed.mail.login, filed.mail.at_s)
            for filed in batch
            if filed.mail is not None
        )
        write_all((_place(layout, filed), filed.content) for filed in batch)
    for name, lines in clerk.daybook.files():
        text = lines.decode("latin-1")
        append(layout.logs / "smtp" / name, text, odd=scenario.has(Fault.ODD_LOG))


def fill_incoming(layout: Layout, scenario: Scenario, now: float, pairs: int) -> None:
    """Put pairs into the incoming queue: bounces for the stolen account, and good mail."""
    random = seeded("incoming", scenario.seed)
    truths, files = [], []
    for number in range(pairs):
        at = now - ATTACK_S + number * ATTACK_S / pairs
        text = bounce(random, at)
        if number % 12 == 0:
            sender, recipient = random.sample(scenario.accounts[2:], 2)
            text = good(random, at, sender, recipient)
        mail = Post("", "212.27.42.6", "PC-0PFK9Z", text).submitted(at)
        content, envelope = mail.incoming_pair(scenario.version)
        truths.append(Truth(text.identity, good=True, account="", accepted_at=at))
        files.append((layout.incoming / f"{mail.stem}.tmp", content))
        files.append((layout.incoming / f"{mail.stem}.dat", envelope))
    TruthFile(layout.truth).tell(truths)
    write_all(files)


def _place(layout: Layout, filed: Filed) -> Path:
    folder, _, name = filed.path.rpartition("/")
    if folder == RETRY:
        return layout.retry / name
    top, _, below = folder.partition("/")
    return (layout.incoming if top == "_incoming" else layout.outgoing / below) / name


def _files(
    layout: Layout, scenario: Scenario, found: Iterable[Queued]
) -> Iterator[tuple[Path, bytes]]:
    outgoing, retry = layout.outgoing, layout.retry
    for item in found:
        folder = retry if item.folder == "retry" else outgoing / item.folder
        yield folder / f"{item.mail.stem}.tmp", item.mail.queue_file(scenario.version)
