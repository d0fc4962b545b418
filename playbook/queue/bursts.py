"""The same mail from many networks: how a run shows itself where it forges no sender."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from playbook.queue.attribution import network_of
from playbook.queue.features import Features
from playbook.queue.history import Submitter
from playbook.queue.similarity import ValueCounts

_MIN_FILES = 10
_MIN_NETWORKS = 3
_MIN_SHARE = 0.6
_MAX_TRAITS = 1 << 18


@dataclass(slots=True)
class _Trait:
    files: int = 0
    networks: set[str] = field(default_factory=set)

    @property
    def is_burst(self) -> bool:
        return self.files >= _MIN_FILES and len(self.networks) >= _MIN_NETWORKS


class Bursts:
    """Traits of mail sent by one account from addresses it did not use before, by network."""

    def __init__(self) -> None:
        self._counts = ValueCounts()
        self._traits: dict[tuple[str | None, int | str], _Trait] = {}
        self._by_submitter: dict[Submitter, tuple[int, int]] = {}

    def count(self, features: Features) -> None:
        """First pass: a file from an address that is not usual for its account."""
        self._counts.add(features.sketch)

    def spread(self, submitter: Submitter, features: Features) -> None:
        """Second pass: note the networks that the file's shared traits come from."""
        network = network_of(submitter.address)
        for trait in self._traits_of(features):
            key = (submitter.account, trait)
            if key in self._traits or len(self._traits) < _MAX_TRAITS:
                known = self._traits.setdefault(key, _Trait())
                known.files += 1
                if len(known.networks) < _MIN_NETWORKS:
                    known.networks.add(network)

    def weigh(self, submitter: Submitter, features: Features) -> None:
        """Third pass: count how many of a submitter's files belong to a burst."""
        hits, files = self._by_submitter.get(submitter, (0, 0))
        is_part = self.is_part(submitter, features)
        self._by_submitter[submitter] = (hits + is_part, files + 1)

    def is_part(self, submitter: Submitter, features: Features) -> bool:
        """Whether a file has a lead of a burst, or a third of its text values."""
        traits = list(self._traits_of(features))
        found = [t for t in traits if self._is_burst(submitter.account, t)]
        texts = sum(1 for trait in found if isinstance(trait, int))
        return len(found) > texts or texts >= max(3, len(features.sketch) // 3)

    def submitters(self, min_files: int) -> list[Submitter]:
        """Those of whose files at least so many, and most, belong to a burst."""
        return [
            who
            for who, (hits, files) in self._by_submitter.items()
            if hits >= min_files and hits >= _MIN_SHARE * files
        ]

    def _is_burst(self, account: str | None, trait: int | str) -> bool:
        known = self._traits.get((account, trait))
        return known is not None and known.is_burst

    def _traits_of(self, features: Features) -> Iterable[int | str]:
        yield from (v for v in features.sketch if self._counts.of(v) >= _MIN_FILES)
        yield from features.leads
