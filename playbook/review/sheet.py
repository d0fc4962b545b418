"""The same decisions in a spreadsheet: a line a cluster, out with care and in with suspicion.

Out: no cell begins a formula, whichever delimiter the program takes the file for. UTF-8 with a
byte order mark, because without one Excel reads another character set. In: comma, semicolon or
tab; only the columns `cluster`, `digest` and `verdict` are looked at, and one fault rejects all.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from playbook.incident.manifest.values import Cluster
from playbook.review.facts import ClusterFacts, reasons, rows
from playbook.review.session import ReviewSession
from playbook.review.titles import title
from playbook.text import one_line
from playbook.triage.verdicts import Verdict

COLUMNS: Final = (
    "cluster",
    "digest",
    "verdict",
    "files",
    "name",
    "reasons",
    *(
        "subjects",
        "to",
        "domains",
        "leads to",
        "senders",
        "accounts",
        "from IP",
        "beside",
        "when",
        "sizes",
    ),
)
_READ: Final = ("cluster", "digest", "verdict")
_DELIMITERS: Final = (",", ";", "\t")
MOST_BYTES: Final = 16 * 1024 * 1024
_MOST_IN_CELL: Final = 2_000
# What a spreadsheet takes for the beginning of a formula, at a cell's start and, should the
# program take another delimiter, behind each of those. The wide forms count in some languages.
_FORMULA: Final = re.compile(r"(^|[,;\t|\"])(\s*)(?=[=+\-@\uff1d\uff0b\uff0d\uff20])")
_WORDS: Final = {
    "good": Verdict.GOOD,
    "spam": Verdict.SPAM,
    "later": None,
}


@dataclass(frozen=True)
class Wish:
    """What a line of the sheet asks of a cluster; None takes its decision back."""

    cluster: Cluster
    verdict: Verdict | None


@dataclass(frozen=True)
class Imported:
    """What a sheet asks for, or everything that is wrong with it; never both."""

    wishes: tuple[Wish, ...] = ()
    problems: tuple[str, ...] = ()


def export(session: ReviewSession, delimiter: str = ",") -> bytes:
    """The sheet of a review; what was decided already stands in its column."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    writer.writerow(COLUMNS)
    for cluster in session.clusters():
        writer.writerow(map(harmless, _cells(session, session.facts(cluster))))
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def read(session: ReviewSession, raw: bytes) -> Imported:
    """What a sheet asks for; nothing is decided here."""
    if len(raw) > MOST_BYTES:
        return Imported(problems=(f"The file is larger than {MOST_BYTES:,} bytes.",))
    text = raw.decode("utf-8-sig", "replace")
    known = {each.id: each for each in session.clusters()}
    wishes: list[Wish] = []
    problems: list[str] = []
    lines_of: dict[str, int] = {}
    try:
        for number, key, digest, word in _rows(text):
            found = _wish(session, known, key, digest, word)
            if key in lines_of:
                problems.append(
                    f"Line {number}: {one_line(key, 40)} stands in line {lines_of[key]}."
                )
            elif isinstance(found, str):
                problems.append(f"Line {number}: {found}")
            elif found:
                wishes.append(found)
            lines_of.setdefault(key, number)
    except (csv.Error, ValueError) as error:
        problems.append(f"{error}.")
    return Imported(problems=tuple(problems)) if problems else Imported(tuple(wishes))


def apply(session: ReviewSession, wishes: Iterable[Wish]) -> int:
    """Decide what a sheet asks for, where it is not so already, and count what was decided."""
    made = 0
    for wish in wishes:
        if wish.verdict is wish.cluster.decided:
            continue
        if wish.verdict is None:
            session.reopen(wish.cluster)
        else:
            session.decide(wish.cluster, wish.verdict)
        made += 1
    return made


def harmless(text: str) -> str:
    """A cell that begins no formula: an apostrophe stands before what would."""
    return _FORMULA.sub(r"\1\2'", one_line(text, _MOST_IN_CELL))


def _digest(session: ReviewSession, cluster: Cluster) -> str:
    return f"d-{session.digest(cluster)[:16]}"


def _cells(session: ReviewSession, found: ClusterFacts) -> Iterator[str]:
    cluster = found.cluster
    yield cluster.id
    yield _digest(session, cluster)
    yield cluster.decided.value if cluster.decided else ""
    yield str(cluster.files)
    yield title(cluster)
    yield " | ".join(reasons(found))
    row = dict(rows(found))
    yield from (row[name] for name in COLUMNS[6:])


def _rows(text: str) -> Iterator[tuple[int, str, str, str]]:
    """Line, key, digest and verdict of each row; raises `ValueError` without the columns."""
    head = text.partition("\n")[0]
    for delimiter in _DELIMITERS:
        names = [each.strip().lower() for each in next(csv.reader([head], delimiter=delimiter), [])]
        if all(names.count(name) == 1 for name in _READ):
            break
    else:
        raise ValueError(f"The first line does not name the columns {', '.join(_READ)}")
    places = [names.index(name) for name in _READ]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    next(reader)
    for row in reader:
        if not any(cell.strip() for cell in row):
            continue
        if len(row) <= max(places):
            raise ValueError(f"Line {reader.line_num} has {len(row)} columns")
        key, digest, word = (row[place].strip() for place in places)
        yield reader.line_num, key, digest, word


def _wish(
    session: ReviewSession, known: dict[str, Cluster], key: str, digest: str, word: str
) -> Wish | str | None:
    """What a row asks for, what is wrong with it, or None where its verdict is empty."""
    cluster = known.get(key)
    if cluster is None:
        return f"there is no cluster {one_line(key, 40)!r}."
    if digest != _digest(session, cluster):
        return (
            f"the files of {one_line(title(cluster), 80)} are not those of the sheet: export again."
        )
    if not word:
        return None
    if word.lower() not in _WORDS:
        return f"{one_line(word, 40)!r} is none of {', '.join(_WORDS)}."
    return Wish(cluster, _WORDS[word.lower()])
