"""Prints verdicts beside those of bogofilter and SpamAssassin: ``python bench/filters.py``.

The same queue goes to all: made by ``playbook/drill/queues`` with texts of the real mails found
by the environment variable ``RESPOND_TEST_DATA``. One half of them stands in the queue, on the
other half both filters are trained. They get each message as the recipient would, without the
envelope block. SpamAssassin asks no network (``-L``) and gets a sample, because it is slow. A tool
that is not installed is left out, and said.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from time import monotonic

from tabulate import tabulate

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.triage import corpus_texts
from playbook.drill.queues.generator import generate
from playbook.drill.queues.scene import STOLEN
from playbook.drill.queues.style import Style
from playbook.mail.icewarp.formats.folder import triage_folder

_HEADERS = (
    "judge",
    "messages",
    "good: good / doubtful / spam",
    "spam: good / doubtful / spam",
    "ms a message",
)
_ANSWERS = {"H": "good", "U": "doubtful", "S": "spam"}


@dataclass(frozen=True, slots=True)
class Sample:
    """A message of the queue: what it is, and where it lies without its envelope block."""

    label: str
    file: Path


Answers = list[tuple[str, str]]


def bogofilter(folder: Path, corpus: Path, samples: list[Sample]) -> tuple[Answers, float]:
    """Label and answer of each message, and the seconds that all of them took."""
    base = ["bogofilter", "-d", str(folder)]
    for kind, flag in (("ham", "-n"), ("spam", "-s")):
        _run([*base, flag, "-b"], "".join(f"{file}\n" for file in _files(corpus / kind)))
    started_s = monotonic()
    said = _run([*base, "-b", "-T"], "".join(f"{each.file}\n" for each in samples))
    seconds = monotonic() - started_s
    answers = dict(line.rsplit(" ", 2)[:2] for line in said.splitlines())
    return [(each.label, _ANSWERS[answers[str(each.file)]]) for each in samples], seconds


def spamassassin(folder: Path, corpus: Path, samples: list[Sample]) -> tuple[Answers, float]:
    """The same of SpamAssassin: local rules and its own trained Bayes filter, threshold 5."""
    settings = ["-L", *(f"--cf={line}" for line in _settings(folder))]
    for kind in ("ham", "spam"):
        _run(["sa-learn", f"--{kind}", *settings, str(corpus / kind)], "")
    box = folder / "sample.mbox"
    with box.open("wb") as out:
        for each in samples:
            text = each.file.read_bytes().replace(b"\r\n", b"\n").replace(b"\nFrom ", b"\n>From ")
            out.write(b"From x@y.example Mon Jul 15 06:51:31 2013\n" + text + b"\n\n")
    started_s = monotonic()
    said = _run(["spamassassin", *settings, "--mbox", str(box)], "")
    seconds = monotonic() - started_s
    states = [line for line in said.splitlines() if line.startswith("X-Spam-Status: ")]
    if len(states) != len(samples):
        raise SystemExit(f"spamassassin answered {len(states)} of {len(samples)} messages")
    answers = ["spam" if line[15:].startswith("Yes") else "good" for line in states]
    return [(each.label, said) for each, said in zip(samples, answers, strict=True)], seconds


def ours(folder: Path) -> tuple[dict[bytes, str], float]:
    """The verdict of each file by its path, and the seconds that all of them took."""
    started_s = monotonic()
    judged = triage_folder(folder / "mail", (STOLEN,), (folder / "logs",))
    return {each.path: each.verdict.value for each in judged}, monotonic() - started_s


def row(name: str, answers: Answers, seconds: float) -> list[object]:
    """The row of one judge."""
    counts = Counter(answers)
    cells = [
        " / ".join(str(counts[label, answer]) for answer in _ANSWERS.values())
        for label in ("good", "spam")
    ]
    return [name, len(answers), *cells, f"{1000 * seconds / max(len(answers), 1):.2f}"]


def rows(queue: Path, corpus: Path, options: argparse.Namespace) -> list[list[object]]:
    """All rows for one queue; filters that are missing are named on stderr."""
    known, unknown = (_half(corpus, queue / name, odd) for odd, name in enumerate(("a", "b")))
    texts = corpus_texts(unknown)
    truth = generate(queue, options.seed, options.level, options.size, Style(), texts)
    verdicts, seconds = ours(queue)
    labels = {path: each.label for path, each in truth.items() if each.label in {"good", "spam"}}
    table = [row("respond", [(labels[path], verdicts[path]) for path in labels], seconds)]
    samples = _without_blocks(queue, labels)
    few = _some(samples, options.sample, options.seed)
    judges: list[
        tuple[str, Callable[[Path, Path, list[Sample]], tuple[Answers, float]], list[Sample]]
    ]
    judges = [("bogofilter", bogofilter, samples), ("spamassassin", spamassassin, few)]
    for name, judge, given in judges:
        if shutil.which(name) is None:
            print(f"{name} is not installed: left out", file=sys.stderr)
            continue
        with tempfile.TemporaryDirectory() as trained:
            table.append(row(name, *judge(Path(trained), known, given)))
    return table


def _half(corpus: Path, folder: Path, odd: int) -> Path:
    """A corpus of every other file of this one."""
    for kind in ("ham", "spam"):
        (folder / kind).mkdir(parents=True)
        for file in _files(corpus / kind)[odd::2]:
            (folder / kind / file.name).symlink_to(file.resolve())
    return folder


def _some(samples: list[Sample], count: int, seed: int) -> list[Sample]:
    """So many messages, good and spam in like number where there are enough."""
    drawn = Random(seed).sample(samples, len(samples))
    good = [each for each in drawn if each.label == "good"][: count // 2]
    spam = [each for each in drawn if each.label == "spam"]
    return good + spam[: count - len(good)]


def _without_blocks(queue: Path, labels: dict[bytes, str]) -> list[Sample]:
    samples: list[Sample] = []
    bare = queue / "bare"
    bare.mkdir()
    for number, (path, label) in enumerate(labels.items()):
        data = (queue / "mail" / os.fsdecode(path)).read_bytes()
        file = bare / f"{number:06}.eml"
        file.write_bytes(data[max(data.find(b"Received: "), 0) :])
        samples.append(Sample(label, file))
    return samples


def _files(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


def _settings(folder: Path) -> list[str]:
    return ["use_bayes 1", "use_auto_whitelist 0", f"bayes_path {folder}/bayes"]


def _run(command: list[str], given: str) -> str:
    done = subprocess.run(command, input=given.encode(), capture_output=True, check=False)
    if done.returncode > 2:
        raise SystemExit(f"{command[0]} failed: {done.stderr.decode(errors='replace')[:500]}")
    return done.stdout.decode("utf-8", "replace")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--level", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1000)
    parser.add_argument("--size", type=int, default=1200, help="about so many files")
    parser.add_argument("--sample", type=int, default=200, help="messages for SpamAssassin")
    options = parser.parse_args()
    data = os.environ.get("RESPOND_TEST_DATA", "")
    if not data:
        print("RESPOND_TEST_DATA names no folder with a corpus to train on: nothing to compare")
        return
    with tempfile.TemporaryDirectory() as name:
        print(tabulate(rows(Path(name), Path(data) / "corpus", options), headers=_HEADERS))


if __name__ == "__main__":
    main()
