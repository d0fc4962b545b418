"""Mail for which nobody logged in, and which all the same is a question.

A host that the server trusts, a web form on it say, may send an attacker's mail by the hundred; and
a rule of an account may forward what comes in to a box outside, where an attacker reads it.
"""

import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from playbook.triage.attribution import Attribution, attribute, domain_of, is_loopback
from playbook.triage.clusters import ClusterKey
from playbook.triage.features import Features, FileKind
from playbook.triage.history import LogHistory
from playbook.triage.similarity import ValueCounts
from playbook.triage.verdicts import Ruling, Verdict

_ALIKE_FILES: Final = 10
_FLOOD_FILES: Final = 20
_MIN_SHARE: Final = 0.6
_MAX_KNOWN_SHARE: Final = 0.05
_FORWARDED_FILES: Final = 3
_MOST_NAMES: Final = 1 << 14


@dataclass(frozen=True, slots=True)
class Origins:
    """Hosts that sent many mails nearly alike to strangers, and boxes that mail is forwarded to.

    Both with the number of files; `own_domains` are the server's.
    """

    hosts: Mapping[str, int]
    boxes: Mapping[str, int]
    own_domains: frozenset[str]

    def objection(self, features: Features, known: Attribution) -> Ruling | None:
        """Why a file that is good by all else is a question."""
        if not _came_without_login(features, known):
            return None
        box, host = features.recipient, known.submitter.address
        if box in self.boxes and _is_passed_on(features, self.own_domains):
            return Ruling(
                Verdict.DOUBTFUL,
                ClusterKey("forwarded", family=box),
                (
                    f"it came in from {host or 'outside'} without login and goes on to {box}",
                    f"{self.boxes[box]:,} files do: somebody's forwarding sends them there",
                ),
            )
        if host in self.hosts:
            return Ruling(
                Verdict.DOUBTFUL,
                ClusterKey("nobody logged in, the same mail many times", address=host),
                (
                    f"sent without login from {host}",
                    f"{self.hosts[host]:,} mails from there are nearly the same, to strangers",
                    "this is no stolen account: a trusted host sends",
                ),
            )
        return None


def trace_origins(
    queue: Iterable[Features], log: LogHistory, own_domains: frozenset[str], began_at_s: int
) -> Origins:
    """Find both in a queue, in two passes over it."""
    values, boxes, hosts = ValueCounts(), Counter[str](), Counter[str]()
    for features, known in _without_login(queue, log):
        values.add(_traits_of(features))
        host, box = known.submitter.address, features.recipient
        if _is_passed_on(features, own_domains) and (box in boxes or len(boxes) < _MOST_NAMES):
            boxes[box] += 1
        if host and not is_loopback(host) and (host in hosts or len(hosts) < _MOST_NAMES):
            hosts[host] += 1
    busy = {host: files for host, files in hosts.items() if files >= _FLOOD_FILES}
    return Origins(
        hosts=_floods(queue, log, busy, values, began_at_s) if busy else {},
        boxes={box: files for box, files in boxes.items() if files >= _FORWARDED_FILES},
        own_domains=own_domains,
    )


def _floods(
    queue: Iterable[Features],
    log: LogHistory,
    busy: Mapping[str, int],
    values: ValueCounts,
    began_at_s: int,
) -> dict[str, int]:
    """Of the hosts that sent much without login, those most of whose mail is the same."""
    alike, to_known = Counter[str](), Counter[str]()
    for features, known in _without_login(queue, log):
        host = known.submitter.address
        if host in busy:
            alike[host] += _is_one_of_many(features, values)
            to_known[host] += log.knew(features.recipient, began_at_s)
    return {
        host: alike[host]
        for host, files in busy.items()
        if alike[host] >= max(_FLOOD_FILES, _MIN_SHARE * files)
        and to_known[host] <= _MAX_KNOWN_SHARE * files
    }


def _without_login(
    queue: Iterable[Features], log: LogHistory
) -> Iterator[tuple[Features, Attribution]]:
    for features in queue:
        if features.kind is FileKind.MESSAGE and not features.is_authenticated:
            known = attribute(features, log)
            if _came_without_login(features, known):
                yield features, known


def _came_without_login(features: Features, known: Attribution) -> bool:
    is_nobody = known.submitter.account == "" or (known.conflict and not features.is_authenticated)
    return bool(is_nobody) and not features.is_report and not features.is_incoming


def _is_passed_on(features: Features, own_domains: frozenset[str]) -> bool:
    """Whether somebody outside wrote what goes to somebody outside."""
    writer, reader = domain_of(features.from_address), domain_of(features.recipient)
    return bool(writer and reader) and not {writer, reader} & own_domains


def _traits_of(features: Features) -> tuple[int, ...]:
    """The values of its text, or of its subject where it says next to nothing."""
    return features.sketch or (zlib.crc32(features.subject.encode("utf-8", "replace")),)


def _is_one_of_many(features: Features, values: ValueCounts) -> bool:
    traits = _traits_of(features)
    shared = sum(1 for value in traits if values.of(value) >= _ALIKE_FILES)
    return shared >= max(min(3, len(traits)), len(traits) // 3)
