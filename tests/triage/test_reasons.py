"""What verdicts give as their reasons is held against the files and the log themselves."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from playbook.drill.queues.attack import build_scene
from playbook.drill.queues.generator import write
from playbook.drill.queues.scene import DOMAINS, STOLEN, Disguise, Place, Texts, Twist
from playbook.drill.queues.style import Style
from playbook.mail.icewarp.formats.folder import judge_queue, read_folder
from playbook.mail.icewarp.formats.log_files import read_log_files
from playbook.smtplog.reading import LogReading
from playbook.smtplog.sessions import DAY_S, Session
from playbook.triage.features import Features
from playbook.triage.judgement import Judged


@dataclass
class Seen:
    """What queue and log hold, counted without the sorting's help."""

    days: dict[tuple[str, str], set[int]] = field(default_factory=lambda: defaultdict(set))
    forged: dict[tuple[str, str], set[str]] = field(default_factory=lambda: defaultdict(set))
    written_to: dict[str, int] = field(default_factory=dict)
    messages: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    files: list[Features] = field(default_factory=list)


def look(queue: list[Features], sessions: list[Session]) -> Seen:
    seen = Seen(files=queue)
    for session in sessions:
        for submission in session.submissions:
            who = session.account, session.address
            seen.days[who].add((submission.at_s or 0) // DAY_S)
            note(seen, who, submission.sender, submission.message_id)
        for address in session.written_to:
            day = (session.first_at_s or 0) // DAY_S
            seen.written_to[address] = min(day, seen.written_to.get(address, day))
    for each in queue:
        if each.account:
            note(seen, (each.account, each.client_address), each.sender or "", each.message_id)
            seen.messages[each.account].add(each.message_id)
    return seen


def note(seen: Seen, who: tuple[str, str], sender: str, message_id: str) -> None:
    if sender and sender.partition("@")[2] not in DOMAINS:
        seen.forged[who].add(message_id)


def number(text: str) -> int:
    return int(text.replace(",", ""))


def proofs(seen: Seen, file: Features, judged: Judged) -> Iterator[tuple[str, Callable[..., bool]]]:
    """Patterns of reasons, each with what must be so where one is given."""
    who = (judged.account, judged.address)
    day = file.at_s // DAY_S
    before = {each for each in seen.days[who] if each < day}
    yield (
        r"(probably )?sent as (\S+) from ([\d.]+)",
        lambda unsure, account, address: (
            (account in {file.account, "an"} or bool(unsure) or not file.account)
            and address in {file.client_address, "an"}
        ),
    )
    yield (
        r"([\d,]+) messages with a sender of another domain",
        lambda n: number(n) == len(seen.forged[who]) or who not in seen.forged,
    )
    yield (
        r"with the (?:foreign )?sender (\S+?)(?:,|$)",
        lambda sender: (
            sender in {file.sender, file.from_address} and sender.partition("@")[2] not in DOMAINS
        ),
    )
    yield (
        r"an address in use on (\d+) days? before",
        lambda n: int(n) <= len(before) + 1 or not file.account,
    )
    yield r"an address not seen for it on the days before", lambda: len(before) <= 1
    yield (
        r"one of ([\d,]+) messages that are nearly the same, ([\d,]+) of ([\d,]+) files",
        lambda m, k, n: (
            number(m) <= number(n)
            and number(k) <= number(n)
            and (not file.account or number(m) <= len(seen.messages[file.account]) + 50)
        ),
    )
    yield (
        r"to an address that the log of the days before knows",
        lambda: seen.written_to.get(file.recipient, day) < day,
    )
    yield (
        r"with a sender of its own domain",
        lambda: (file.sender or file.from_address).partition("@")[2] in DOMAINS,
    )
    yield (
        r"a report to (\S+), a sender that the campaign forged",
        lambda sender: (
            any(
                sender in {each.sender, each.from_address}
                for each in seen.files
                if not each.is_report
            )
            or not any(each.sender == sender for each in seen.files)
        ),
    )
    yield r"webmail", lambda: file.client_address == "127.0.0.1"


TWISTS = {
    "level 2": (2, Twist()),
    "level 4": (4, Twist()),
    "owner in webmail": (3, Twist(disguise=Disguise(Place.WEBMAIL, has_links=False))),
    "owner at the office": (2, Twist(disguise=Disguise(Place.OFFICE))),
}


@pytest.mark.parametrize(("level", "twist"), TWISTS.values(), ids=TWISTS.keys())
def test_every_reason_is_so_in_file_and_log(tmp_path: Path, level: int, twist: Twist) -> None:
    scene = build_scene(31, level, 300, Texts(), twist=twist)
    write(tmp_path, scene, 31, Style())
    queue = list(read_folder(tmp_path / "mail"))
    entries = read_log_files((tmp_path / "logs",), LogReading())
    sessions = [each for each in entries if isinstance(each, Session)]
    seen = look(queue, sessions)
    files = {each.path: each for each in queue}
    found: dict[str, int] = defaultdict(int)
    for judged in judge_queue(queue, (STOLEN,), (tmp_path / "logs",)):
        said = "; ".join(judged.reasons)
        for pattern, is_so in proofs(seen, files[judged.path], judged):
            match = re.search(pattern, said)
            if match is not None:
                found[pattern] += 1
                assert is_so(*match.groups()), (pattern, judged, files[judged.path])
    assert len(found) >= 4, found
