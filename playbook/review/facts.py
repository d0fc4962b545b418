"""What speaks for and against the files of a cluster, counted, and written in words."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from playbook.incident.manifest.questions import (
    Span,
    Spread,
    beside,
    examples,
    span_of,
    spread_of,
)
from playbook.incident.manifest.store import Manifest
from playbook.incident.manifest.values import Cluster, QueuedFile, Trait
from playbook.review.mail import header_text
from playbook.text import one_line

SAMPLES: Final = 3


@dataclass(frozen=True)
class ClusterFacts:
    """A cluster, how its files differ in each trait, and a few of them to look at.

    `beside` counts by verdict the files outside of it that the same account sent from the same
    address; it is empty for a cluster of several accounts or addresses.
    """

    cluster: Cluster
    spreads: dict[Trait, Spread]
    span: Span
    beside: tuple[tuple[str, int], ...]
    examples: tuple[QueuedFile, ...]

    @property
    def submitters(self) -> int:
        """How many accounts its files were sent as."""
        return self.spreads[Trait.ACCOUNT].different


def facts_of(manifest: Manifest, cluster: Cluster) -> ClusterFacts:
    """Ask the manifest; time is linear in the files of the cluster."""
    spreads = {trait: spread_of(manifest, cluster.id, trait) for trait in Trait}
    accounts, addresses = spreads[Trait.ACCOUNT], spreads[Trait.ADDRESS]
    is_one = accounts.different == addresses.different == 1
    who = (accounts.values[0][0], addresses.values[0][0]) if is_one else None
    return ClusterFacts(
        cluster,
        spreads,
        span_of(manifest, cluster.id),
        beside(manifest, cluster.id, *who) if who else (),
        examples(manifest, cluster.id, SAMPLES),
    )


def reasons(found: ClusterFacts) -> Iterator[str]:
    """Why the sorting doubts, the most frequent first, counted where not all files share it."""
    for text, files in found.spreads[Trait.REASON].values:
        share = "" if files == found.cluster.files else f" ({files:,} of them)"
        yield f"{one_line(text, 300)}{share}"


_ROWS: Final = (
    ("subjects", Trait.SUBJECT),
    ("leads to", Trait.LEAD),
    ("to", Trait.RECIPIENT),
    ("domains", Trait.RECIPIENT_DOMAIN),
    ("senders", Trait.SENDER),
    ("accounts", Trait.ACCOUNT),
    ("from IP", Trait.ADDRESS),
)


def rows(found: ClusterFacts, most: int = 20) -> Iterator[tuple[str, str]]:
    """The rest in rows, a name and a value: what differs, with counts, and when and how large."""
    for name, trait in _ROWS:
        yield name, _counted(found.spreads[trait], most)
    others = ", ".join(f"{files:,} {ruling}" for ruling, files in found.beside)
    yield "beside", f"{others} by the same account and IP" if others else "none"
    yield "when", _times(found.span)
    yield "sizes", _sizes(found.span)


def brief_rows(found: ClusterFacts) -> Iterator[tuple[str, str]]:
    """The rows that help to decide: what the reasons say already, and what is none, is left out."""
    row = dict(rows(found, most=3))
    to = found.spreads[Trait.RECIPIENT].different
    domains = found.spreads[Trait.RECIPIENT_DOMAIN].different
    if to > 1 and domains > 1:
        names = row["domains"].removeprefix(f"{domains:,} different: ")
        row["to"] = f"{to:,} addresses, {domains:,} domains: {names}"
    elif to > 1:
        row["to"] = f"{to:,} addresses at {row['domains']}"
    del row["domains"]
    for name, trait in (("accounts", Trait.ACCOUNT), ("from IP", Trait.ADDRESS)):
        if found.spreads[trait].different == 1:
            del row[name]
    if row["senders"] == _counted(found.spreads[Trait.ACCOUNT], 3):
        del row["senders"]
    yield from ((name, value) for name, value in row.items() if value != "none")


def _counted(spread: Spread, most: int) -> str:
    if not spread.values:
        return "none"
    if spread.different == 1:
        return _value(spread.values[0][0])
    parts = [f"{_value(value)} ({files:,})" for value, files in spread.values[:most]]
    more = spread.different - len(parts)
    count = f"{spread.different:,} different: " if more > 0 else ""
    return count + ", ".join(parts) + (f", {more:,} more" if more > 0 else "")


def _value(text: str) -> str:
    return one_line(header_text(text), 100) or "(none)"


def _times(span: Span) -> str:
    if span.first_s is None or span.last_s is None:
        return "no time is told"
    first, last = (datetime.fromtimestamp(each, UTC) for each in (span.first_s, span.last_s))
    if first == last:
        return f"{first:%Y-%m-%d %H:%M} (server's clock)"
    end = f"{last:%H:%M}" if first.date() == last.date() else f"{last:%Y-%m-%d %H:%M}"
    return f"{first:%Y-%m-%d %H:%M} to {end} (server's clock)"


def _sizes(span: Span) -> str:
    if span.smallest_bytes == span.largest_bytes:
        return f"{span.smallest_bytes:,} bytes"
    return f"{span.smallest_bytes:,} to {span.largest_bytes:,} bytes"
