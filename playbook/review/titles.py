"""Clusters in words for a person: made here from their fields, and made harmless."""

from collections.abc import Iterator
from typing import Final

from playbook.incident.manifest.values import Cluster, Part
from playbook.review.mail import header_text
from playbook.text import one_line
from playbook.triage.clusters import UNNAMED

_MOST: Final = 60


def title(cluster: Cluster) -> str:
    """The cluster in a line, with what a person split it by."""
    return one_line(" / ".join((cluster.key.title, *map(_part, cluster.parts))), 300)


def label(cluster: Cluster) -> tuple[str, str]:
    """Two short lines: whose it is, or what it is a part by; and what tells it from others."""
    if cluster.parts:
        last = cluster.parts[-1]
        return _heading(last), _value(last)
    first, *others = _fields(cluster)
    return first, ", ".join(others)


def short(cluster: Cluster) -> str:
    """Both lines in one of at most 60 characters."""
    return one_line(", ".join(filter(None, label(cluster))), _MOST)


def _fields(cluster: Cluster) -> Iterator[str]:
    key = cluster.key
    account = UNNAMED if key.account is None else key.account
    found = [each for each in (account, key.kind, key.address, key.family) if each]
    yield from (one_line(each, 300) for each in found or ["?"])


def _part(part: Part) -> str:
    return f"{_heading(part)}: {_value(part)}"


def _heading(part: Part) -> str:
    return part.by if part.value is None else f"{part.by} {part.number}"


def _value(part: Part) -> str:
    if part.value is None:
        return "the others"
    return one_line(header_text(part.value), _MOST) or "(none)"
