"""Prints how well triage sorts attacked queues, and what it costs: `python bench/triage.py`.

Each row is one kind of queue over several seeds, made by `playbook/drill/queues`. With the
environment variable `RESPOND_TEST_DATA` the texts are those of the real mails found there, and
its three sample queues are judged too.
"""

import argparse
import json
import os
import sys
import tarfile
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from random import Random
from time import monotonic

from tabulate import tabulate

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from playbook.drill.queues.attack import build_scene
from playbook.drill.queues.generator import write
from playbook.drill.queues.scene import STOLEN, Disguise, Place, Texts, Twist, Wrapping
from playbook.drill.queues.style import BlockStyle, LogTime, Masking, Style
from playbook.mail.icewarp.formats.folder import judge_queue, read_folder
from playbook.triage.clusters import ClusterKey
from playbook.triage.judgement import Judged
from playbook.triage.spool import SpooledFeatures


@dataclass(slots=True)
class Score:
    """What went right and wrong, summed over queues; shares are the worst of one queue."""

    queues: int = 0
    files: int = 0
    good: int = 0
    spam: int = 0
    lost: int = 0
    sent: int = 0
    odd: int = 0
    not_one: int = 0
    doubtful: int = 0
    doubtful_share: float = 0.0
    sent_share: float = 0.0
    decisions: int = 0
    mixed: int = 0
    seconds: float = 0.0
    wrong: list[str] = field(default_factory=list)

    def add(self, labels: dict[bytes, str], judged: list[Judged], seconds: float) -> None:
        """Add the verdicts of one queue."""
        clusters: dict[ClusterKey, set[str]] = defaultdict(set)
        verdicts: Counter[tuple[str, str]] = Counter()
        for each in judged:
            label = labels[each.path]
            verdicts[label, each.verdict.value] += 1
            if each.cluster:
                clusters[each.cluster].add(label)
            if (label, each.verdict.value) in _WRONG:
                self.wrong.append(f"{label}: {each}")
        seen = Counter(each.path for each in judged)
        self.queues += 1
        self.files += len(judged)
        self.good += sum(n for (label, _), n in verdicts.items() if label == "good")
        self.spam += sum(n for (label, _), n in verdicts.items() if label == "spam")
        self.lost += verdicts["good", "spam"]
        self.sent += verdicts["spam", "good"]
        spam = sum(n for (label, _), n in verdicts.items() if label == "spam")
        self.sent_share = max(self.sent_share, verdicts["spam", "good"] / max(spam, 1))
        self.odd += sum(verdicts[pair] for pair in _ODD)
        self.not_one += len(labels.keys() ^ seen.keys()) + sum(n - 1 for n in seen.values())
        doubtful = sum(n for (_, verdict), n in verdicts.items() if verdict == "doubtful")
        self.doubtful += doubtful
        self.doubtful_share = max(self.doubtful_share, doubtful / max(len(judged), 1))
        self.decisions = max(self.decisions, len(clusters))
        self.mixed = max(self.mixed, sum(len(found) > 1 for found in clusters.values()))
        self.seconds += seconds

    def row(self, name: str) -> list[object]:
        """The row of the table."""
        return [
            name,
            self.queues,
            self.files,
            f"{self.lost} / {self.good}",
            f"{self.sent} / {self.spam}",
            f"{100 * self.sent_share:.2f} %",
            self.odd,
            self.not_one,
            f"{100 * self.doubtful / max(self.files, 1):.2f} %",
            f"{100 * self.doubtful_share:.2f} %",
            self.decisions,
            self.mixed,
            f"{self.seconds / max(self.queues, 1):.1f}",
        ]


_ODD = {("other", "good"), ("other", "spam"), ("good", "not-a-message"), ("spam", "not-a-message")}
_WRONG = {("good", "spam"), ("spam", "good"), *_ODD}
_HEADERS = (
    "queues of",
    "n",
    "files",
    "good called spam",
    "spam called good",
    "of the worst queue's",
    "odd files wrong",
    "not one verdict",
    "doubtful, all",
    "doubtful, worst",
    "decisions, worst",
    "mixed clusters, worst",
    "s a queue",
)


_USUAL, _PLAIN = Style(), Twist()
_SECOND, _HALF_GOOD = Twist(with_second=True), Twist(good_share=0.5)


@dataclass(frozen=True, slots=True)
class Kind:
    """One row: a level, how it is written, and whether the account is named.

    `size` is that of its queues, 0 for the one asked for.
    """

    name: str
    level: int
    style: Style = _USUAL
    is_named: bool = True
    size: int = 0
    twist: Twist = _PLAIN


def kinds() -> Iterator[Kind]:
    """The rows, from the easy to the poor in evidence, then those that look like the owner."""
    for level in (1, 2, 3, 4):
        for is_named in (True, False):
            for has_logs in (True, False):
                name = f"level {level}{'' if is_named else ', not named'}"
                style = Style(has_logs=has_logs)
                yield Kind(name + ("" if has_logs else ", no logs"), level, style, is_named)
    for block in (BlockStyle.EQUALS, BlockStyle.BLANK, BlockStyle.NONE):
        for has_logs in (True, False):
            name = f"level 3, block {block.value}{'' if has_logs else ', no logs'}"
            yield Kind(name, 3, Style(block=block, has_logs=has_logs))
    for time in (LogTime.SCIENTIFIC, LogTime.RFC822, LogTime.DETAILED):
        yield Kind(
            f"level 3, stem ids, log time {time.name.lower()}",
            3,
            Style(time=time, has_stem_ids=True),
        )
    for masking in (Masking.PASSWORD, Masking.LOGIN):
        yield Kind(f"level 3, {masking.value}", 3, Style(masking=masking))
    poor = Style(BlockStyle.NONE, LogTime.CLOCK, Masking.LOGIN, has_logs=False)
    yield Kind("level 3, no block, no logs, not named", 3, poor, is_named=False)
    yield Kind("level 4, no block", 4, Style(block=BlockStyle.NONE))
    yield from _small_and_mixed()
    yield from _owner_kinds()


def _small_and_mixed() -> Iterator[Kind]:
    """Queues of 300 files, some with a second account, and queues of which half is good mail."""
    for level in (1, 2, 3, 4):
        yield Kind(f"small, level {level}", level, size=300)
        yield Kind(f"small, second account, level {level}", level, size=300, twist=_SECOND)
        yield Kind(f"half good, level {level}", level, twist=_HALF_GOOD)
    no_logs = Style(has_logs=False)
    for level in (2, 3):
        name = f"small, second account, level {level}, no logs"
        yield Kind(name, level, no_logs, size=300, twist=_SECOND)


def _owner_kinds() -> Iterator[Kind]:
    """The run looks like its owner: by place, level and name, then by what its mails look like."""
    no_logs = Style(has_logs=False)
    for place in Place:
        for level in (1, 2, 3, 4):
            name = f"owner, {place.value}, level {level}"
            for links, plain in ((", no links", False), ("", True)):
                disguise = Disguise(place, has_links=plain)
                yield Kind(name + links, level, twist=Twist(disguise=disguise))
                yield Kind(
                    f"{name}{links}, not named",
                    level,
                    is_named=False,
                    twist=Twist(disguise=disguise),
                )
        bare = Disguise(place, has_links=False)
        yield Kind(
            f"owner, {place.value}, level 3, no links, no logs",
            3,
            no_logs,
            twist=Twist(disguise=bare),
        )
        yield Kind(f"owner, {place.value}, small, level 3", 3, size=300, twist=Twist(disguise=bare))
        yield Kind(
            f"owner, {place.value}, half good, level 3",
            3,
            twist=Twist(disguise=bare, good_share=0.5),
        )
        for mode in ("exact", "bust", "attached"):
            disguise = Disguise(place, mode, has_links=False, per_mail=1)
            yield Kind(f"owner, {place.value}, {mode}, one each", 2, twist=Twist(disguise=disguise))
        for wrapping in Wrapping:
            disguise = Disguise(place, "personal", wrapping, has_links=False)
            yield Kind(
                f"owner, {place.value}, wrapped in {wrapping.value}",
                2,
                twist=Twist(disguise=disguise),
            )
        disguise = Disguise(place, "bust", Wrapping.QUOTE_BLOCK, has_links=False)
        yield Kind(
            f"owner, {place.value}, two accounts, not named",
            2,
            is_named=False,
            twist=Twist(with_second=True, disguise=disguise),
        )


def measure(kind: Kind, seed: int, size: int, texts: Texts, score: Score) -> None:
    """Make one queue, judge it, add it to the score."""
    scene = build_scene(
        seed,
        kind.level,
        kind.size or size,
        texts,
        twist=kind.twist,
    )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        truth = write(folder, scene, seed, kind.style)
        labels = {path: each.label for path, each in truth.items()}
        logs = (folder / "logs",) if kind.style.has_logs else ()
        accounts = (STOLEN,) if kind.is_named else ()
        score.add(labels, *_judged(folder / "mail", accounts, logs))


def _judged(
    folder: Path, accounts: tuple[str, ...], logs: tuple[Path, ...]
) -> tuple[list[Judged], float]:
    started_s = monotonic()
    with SpooledFeatures(read_folder(folder)) as queue:
        judged = list(judge_queue(queue, accounts, logs))
    return judged, monotonic() - started_s


def corpus_texts(corpus: Path) -> Texts:
    """Texts of real mail instead of made-up ones."""

    def drawer(folder: str) -> Callable[[Random], str]:
        files = sorted((corpus / folder).iterdir())

        def draw(rng: Random) -> str:
            return _text_of(message_from_bytes(rng.choice(files).read_bytes()))[:20_000]

        return draw

    return Texts(drawer("ham"), drawer("spam"))


def _text_of(message: Message) -> str:
    for part in message.walk():
        if part.get_content_maintype() == "text":
            payload = part.get_payload(decode=True)
            if isinstance(payload, bytes):
                return payload.decode("utf-8", "replace")
    return "no text"


def sample_rows(archives: Path) -> Iterator[list[object]]:
    """The rows of the sample queues: named or not, with logs or without."""
    for archive in sorted(archives.glob("level*.tar.xz")):
        with tempfile.TemporaryDirectory() as name, tarfile.open(archive) as packed:
            packed.extractall(name, filter="data")
            root = next(Path(name).iterdir())
            rows = [json.loads(line) for line in (root / "truth.jsonl").read_text().splitlines()]
            labels = {row["path"].removeprefix("mail/").encode(): row["label"] for row in rows}
            for accounts in ((STOLEN,), ()):
                for logs in ((root / "logs",), ()):
                    score = Score()
                    score.add(labels, *_judged(root / "mail", accounts, logs))
                    _complain(score)
                    named = "" if accounts else ", not named"
                    yield score.row(
                        f"sample {archive.name[:6]}{named}{'' if logs else ', no logs'}"
                    )


def _complain(score: Score) -> None:
    for line in score.wrong[:5]:
        print("wrong:", line[:400], file=sys.stderr)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=10, help="queues a row")
    parser.add_argument("--first-seed", type=int, default=1000)
    parser.add_argument("--size", type=int, default=1200, help="about so many files a queue")
    parser.add_argument("--only", default="", help="rows whose name begins so, or so|or so")
    options = parser.parse_args()
    data = os.environ.get("RESPOND_TEST_DATA", "")
    texts = corpus_texts(Path(data) / "corpus") if data else Texts()
    table: list[list[object]] = []
    for kind in kinds():
        if any(kind.name.startswith(only) for only in options.only.split("|")):
            score = Score()
            for seed in range(options.first_seed, options.first_seed + options.seeds):
                measure(kind, seed, options.size, texts, score)
            _complain(score)
            table.append(score.row(kind.name))
    if data and not options.only:
        table += sample_rows(Path(data) / "queues")
    print(tabulate(table, headers=_HEADERS))


if __name__ == "__main__":
    main()
