"""The same mail again and again: how a run shows itself where it forges no sender.

From many networks it is a burst; from one new address it may be a newsletter, and is a question,
unless it is a flood that goes to strangers alone.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from playbook.triage.attribution import is_within, network_of
from playbook.triage.features import Features
from playbook.triage.history import Submitter
from playbook.triage.similarity import ValueCounts

_BURST_FILES = 4
_BURST_NETWORKS = 3
_MASS_FILES = 10
_FLOOD_MESSAGES = 20
_MIN_SHARE = 0.6
_MAX_KNOWN_SHARE = 0.05
_MAX_TRAITS = 1 << 18

Trait = int | str | tuple[str, str]
"""A value of a text's sketch; a lead; or another thing with its name."""


@dataclass(slots=True)
class _Flood:
    """The mails of one submitter that are nearly the same, message ids up to some."""

    messages: set[str] = field(default_factory=set)
    files: int = 0
    leading: int = 0
    to_known: int = 0

    def add(self, message_id: str, *, leads: bool, is_known: bool) -> None:
        self.files += 1
        self.leading += leads
        self.to_known += is_known
        if message_id and len(self.messages) < _FLOOD_MESSAGES:
            self.messages.add(message_id)


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


class Bursts:
    """Traits of mail sent by one account from addresses it did not use before, by network.

    ``is_known`` tells whether the server had mail to or from an address before the run.
    """

    def __init__(self, own_domains: frozenset[str], is_known: Callable[[str], bool]) -> None:
        self._own_domains = own_domains
        self._is_known = is_known
        self._counts = ValueCounts()
        self._common: set[Trait] = set()
        self._traits: dict[tuple[str | None, Trait], _Seen] = {}
        self._by_submitter: dict[Submitter, tuple[int, int]] = {}
        self._mass_by_submitter: dict[Submitter, tuple[int, int]] = {}
        self._floods: dict[Submitter, _Flood] = {}

    def count(self, features: Features) -> None:
        """First pass: a file from an address that is not usual for its account."""
        self._counts.add(features.sketch)

    def excuse(self, features: Features) -> None:
        """First pass: a file of before the run; what it leads to is its staff's signature."""
        if len(self._common) < _MAX_TRAITS:
            self._common.update(_plain_traits(features))

    def spread(self, submitter: Submitter, features: Features) -> None:
        """Second pass: note the networks that the file's shared traits come from."""
        network = network_of(submitter.address)
        for trait in self._traits_of(features):
            key = (submitter.account, trait)
            if key in self._traits or len(self._traits) < _MAX_TRAITS:
                known = self._traits.setdefault(key, _Seen())
                known.files += 1
                if len(known.networks) < _BURST_NETWORKS:
                    known.networks.add(network)

    def weigh(self, submitter: Submitter, features: Features) -> None:
        """Third pass: count how many of a submitter's files belong to a burst."""
        account = submitter.account
        known = [(t, self._traits.get((account, t), _Seen())) for t in self._traits_of(features)]
        burst = [trait for trait, seen in known if seen.is_burst]
        mass = [trait for trait, seen in known if seen.is_mass]
        if _is_part(features, mass):
            self._floods.setdefault(submitter, _Flood()).add(
                features.message_id,
                leads=any(isinstance(trait, str) for trait in mass),
                is_known=self._is_known(features.recipient),
            )
        _tally(self._by_submitter, submitter, is_hit=_is_part(features, burst))
        _tally(self._mass_by_submitter, submitter, is_hit=_is_part(features, mass))

    def submitters(self, min_files: int) -> list[Submitter]:
        """Those of whose files at least so many, and most, belong to a burst."""
        return _most(self._by_submitter, min_files)

    def mass_senders(self) -> list[Submitter]:
        """Those most of whose files, at least ten, are nearly the same, if only from there."""
        return _most(self._mass_by_submitter, _MASS_FILES)

    def is_flood(self, submitter: Submitter) -> bool:
        """Whether a submitter sent many messages nearly alike, and to strangers alone.

        A newsletter has readers among them, and one mail in many files is no flood.
        """
        flood = self._floods.get(submitter)
        if flood is None or len(flood.messages) < _FLOOD_MESSAGES:
            return False
        return flood.to_known <= _MAX_KNOWN_SHARE * flood.files

    def leads_out(self, submitter: Submitter) -> bool:
        """Whether most of a submitter's mails that are alike lead to one place outside."""
        flood = self._floods.get(submitter)
        return flood is not None and flood.leading >= _MIN_SHARE * flood.files

    def _traits_of(self, features: Features) -> Iterator[Trait]:
        yield from (v for v in features.sketch if self._counts.of(v) >= _BURST_FILES)
        for trait in _plain_traits(features):
            is_own = isinstance(trait, str) and is_within(trait, self._own_domains)
            if not is_own and trait not in self._common:
                yield trait


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


def _tally(tallies: dict[Submitter, tuple[int, int]], who: Submitter, *, is_hit: bool) -> None:
    hits, files = tallies.get(who, (0, 0))
    tallies[who] = (hits + is_hit, files + 1)


def _most(tallies: dict[Submitter, tuple[int, int]], min_files: int) -> list[Submitter]:
    return [
        who
        for who, (hits, files) in tallies.items()
        if hits >= min_files and hits >= _MIN_SHARE * files
    ]
