"""The same mail again and again: how a campaign shows itself where it forges no sender.

From many networks it is a burst; from one new address it may be a newsletter, and is a question,
unless it is a flood that goes to strangers alone.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from playbook.triage.attribution import is_within, network_of
from playbook.triage.features import Features
from playbook.triage.history import Submitter
from playbook.triage.similarity import ValueCounts

_BURST_FILES: Final = 4
_BURST_NETWORKS: Final = 3
_MASS_FILES: Final = 10
_FLOOD_MESSAGES: Final = 20
_MIN_SHARE: Final = 0.6
_MAX_KNOWN_SHARE: Final = 0.05
_MAX_TRAITS: Final = 1 << 18

Trait = int | str | tuple[str, str]
"""A value of a text's sketch; a lead; or another thing with its name."""
Sent = Callable[[], Iterable[tuple[Features, Submitter]]]
"""Gives the same mails with their submitters each time that it is called."""


@dataclass(frozen=True, slots=True)
class Bursts:
    """Submitters at unusual addresses who sent the same mail again and again.

    `from_networks` are those of whose files some, and most, belong to a burst, with how many;
    `many_files` those most of whose files, at least ten, are nearly the same; `floods` those who
    sent many messages nearly alike to strangers alone, for a newsletter has readers among them,
    and one mail in many files is no flood; `leading` those most of whose mails that are alike
    lead to one place outside.
    """

    from_networks: dict[Submitter, int]
    many_files: tuple[Submitter, ...]
    floods: frozenset[Submitter]
    leading: frozenset[Submitter]


def find_bursts(
    before: Iterable[Features],
    during: Sent,
    own_domains: frozenset[str],
    is_known: Callable[[str], bool],
) -> Bursts:
    """The bursts among the mails that `during` gives, in three passes over them.

    What the mails of `before` the campaign lead to is the staff's signature, and no sign.
    `is_known` tells whether the server had mail to or from an address before the campaign.
    """
    traits = _Traits(own_domains)
    for features in before:
        traits.excuse(features)
    for features, _ in during():
        traits.counts.add(features.sketch)
    for features, who in during():
        traits.spread(who, features)
    tallies: dict[Submitter, _Tally] = {}
    for features, who in during():
        _weigh(tallies.setdefault(who, _Tally()), traits, who, features, is_known)
    return _conclude(tallies)


@dataclass(slots=True)
class _Seen:
    """How many files of an account have a trait, and from how many networks."""

    files: int = 0
    networks: set[str] = field(default_factory=set)

    @property
    def is_mass(self) -> bool:
        return self.files >= _MASS_FILES

    @property
    def is_burst(self) -> bool:
        return self.files >= _BURST_FILES and len(self.networks) >= _BURST_NETWORKS


@dataclass(slots=True)
class _Tally:
    """The files of one submitter, and of those that are nearly the same message ids up to some."""

    files: int = 0
    in_bursts: int = 0
    alike: int = 0
    messages: set[str] = field(default_factory=set)
    leading: int = 0
    to_known: int = 0

    @property
    def is_flood(self) -> bool:
        is_many = len(self.messages) >= _FLOOD_MESSAGES
        return is_many and self.to_known <= _MAX_KNOWN_SHARE * self.alike


class _Traits:
    """Traits of mails by account, and in how many networks each was seen."""

    def __init__(self, own_domains: frozenset[str]) -> None:
        self.counts = ValueCounts()
        self._own_domains = own_domains
        self._common: set[Trait] = set()
        self._seen: dict[tuple[str | None, Trait], _Seen] = {}

    def excuse(self, features: Features) -> None:
        if len(self._common) < _MAX_TRAITS:
            self._common.update(_plain_traits(features))

    def spread(self, submitter: Submitter, features: Features) -> None:
        network = network_of(submitter.address)
        for trait in self._traits_of(features):
            key = (submitter.account, trait)
            if key in self._seen or len(self._seen) < _MAX_TRAITS:
                known = self._seen.setdefault(key, _Seen())
                known.files += 1
                if len(known.networks) < _BURST_NETWORKS:
                    known.networks.add(network)

    def known(self, submitter: Submitter, features: Features) -> Iterator[tuple[Trait, _Seen]]:
        for trait in self._traits_of(features):
            yield trait, self._seen.get((submitter.account, trait), _Seen())

    def _traits_of(self, features: Features) -> Iterator[Trait]:
        yield from (v for v in features.sketch if self.counts.of(v) >= _BURST_FILES)
        for trait in _plain_traits(features):
            is_own = isinstance(trait, str) and is_within(trait, self._own_domains)
            if not is_own and trait not in self._common:
                yield trait


def _weigh(
    tally: _Tally,
    traits: _Traits,
    submitter: Submitter,
    features: Features,
    is_known: Callable[[str], bool],
) -> None:
    known = list(traits.known(submitter, features))
    mass = [trait for trait, seen in known if seen.is_mass]
    tally.files += 1
    tally.in_bursts += _is_part(features, [trait for trait, seen in known if seen.is_burst])
    if not _is_part(features, mass):
        return
    tally.alike += 1
    tally.leading += any(isinstance(trait, str) for trait in mass)
    tally.to_known += is_known(features.recipient)
    if features.message_id and len(tally.messages) < _FLOOD_MESSAGES:
        tally.messages.add(features.message_id)


def _conclude(tallies: dict[Submitter, _Tally]) -> Bursts:
    def share(part: int, whole: int) -> bool:
        return part >= max(_MIN_SHARE * whole, 1)

    return Bursts(
        {who: t.in_bursts for who, t in tallies.items() if share(t.in_bursts, t.files)},
        tuple(
            who for who, t in tallies.items() if t.alike >= _MASS_FILES and share(t.alike, t.files)
        ),
        frozenset(who for who, t in tallies.items() if t.is_flood),
        frozenset(who for who, t in tallies.items() if share(t.leading, t.alike)),
    )


def _plain_traits(features: Features) -> Iterator[Trait]:
    """What a file leads to and carries; its subject where it has no text of its own."""
    yield from features.leads
    yield from (("attachment", str(mark)) for mark in features.attachments)
    if not features.sketch and features.subject:
        yield "subject", features.subject


def _is_part(features: Features, traits: list[Trait]) -> bool:
    """Whether a file has one of the traits that are not of its text, or a third of its values."""
    texts = sum(1 for trait in traits if isinstance(trait, int))
    return len(traits) > texts or texts >= max(3, len(features.sketch) // 3)
