"""What the campaign's mails have in common: families of near-duplicate texts, leads, attachments.

Only what several files of the attacker share counts, and nothing that ordinary mail has too: a link
to a well-known site, or a staff's common signature, is no sign of the attacker.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Final, TypeVar

from playbook.triage.attribution import is_within
from playbook.triage.features import Features
from playbook.triage.roots import Roots
from playbook.triage.similarity import ValueCounts

Key = TypeVar("Key")
_SHARED_BY: Final = 3
_MAX_LEADS: Final = 1 << 16
_MAX_FAMILY_VALUES: Final = 1 << 18
_ORDINARY_FROM: Final = 2
_CLEARLY_SPAM: Final = 20


class Kinship(Enum):
    """In what a file resembles the campaign."""

    TEXT = "its text"
    LEAD = "a link or address it leads to"
    ATTACHMENT = "an attachment"
    QUOTED = "a link or address in the text it quotes"


@dataclass(frozen=True, slots=True)
class Likeness:
    """In what a file resembles the campaign, the family's name, and how many files share it."""

    kinship: Kinship
    family: str
    others: int
    detail: str


class Part(Enum):
    """What a mail is to the families: the attacker's, ordinary, or of one who may be the attacker.

    What is open was sent as a compromised account from an address not usual and not proved.
    """

    SPAM = "spam"
    ORDINARY = "ordinary"
    OPEN = "open"
    NONE = "none"


def find_families(
    mails: Callable[[], Iterable[tuple[Features, Part]]], local_domains: frozenset[str]
) -> "Families":
    """The traits that the attacker's mails share, in two passes over what `mails` gives."""
    families = Families(local_domains)
    for features, part in mails():
        families._add(features, part)  # noqa: SLF001
    for features, part in mails():
        if part in {Part.SPAM, Part.OPEN}:
            families._unite(features)  # noqa: SLF001
    return families


class Families:
    """The shared traits of the attacker's mails; made by `find_families`, then only asked."""

    def __init__(self, local_domains: frozenset[str]) -> None:
        self._local_domains = local_domains
        self._values = ValueCounts()
        self._ordinary_values = ValueCounts()
        self._leads: Counter[str] = Counter()
        self._ordinary_leads: Counter[str] = Counter()
        self._attachments: Counter[int] = Counter()
        self._ordinary_attachments: set[int] = set()
        self._open_values = ValueCounts()
        self._open_leads: Counter[str] = Counter()
        self._roots = Roots(_MAX_FAMILY_VALUES)

    def _add(self, features: Features, part: Part) -> None:
        match part:
            case Part.SPAM:
                self._values.add(features.sketch)
                _count(self._leads, features.leads)
                _count(self._attachments, features.attachments)
            case Part.ORDINARY:
                self._ordinary_values.add(features.sketch)
                _count(self._ordinary_leads, features.leads)
                if len(self._ordinary_attachments) < _MAX_LEADS:
                    self._ordinary_attachments.update(features.attachments)
            case Part.OPEN:
                self._open_values.add(features.sketch)
                _count(self._open_leads, features.leads)
            case Part.NONE:
                pass

    def _unite(self, features: Features) -> None:
        self._roots.unite([value for value in features.sketch if self._is_open(value)])

    def likeness(self, features: Features) -> Likeness | None:
        """How a file resembles the campaign, the strongest sign first, or `None`."""
        return (
            self._text_likeness(features.sketch)
            or self._attachment_likeness(features.attachments)
            or self._lead_likeness(features.leads, Kinship.LEAD)
            or self._lead_likeness(features.quoted_leads, Kinship.QUOTED)
        )

    def echo(self, features: Features) -> Likeness | None:
        """How a file resembles even one that may be the attacker's, for where he hides best."""
        shared = [value for value in features.sketch if self._is_open(value)]
        if len(shared) >= max(3, len(features.sketch) // 3):
            root = min(self._roots.of(value) for value in shared)
            return Likeness(Kinship.TEXT, f"text-{root:08x}", self._most(shared), "")
        for lead in features.leads:
            others = self._leads[lead] + self._open_leads[lead]
            if others and not self.is_ordinary_lead(lead):
                return Likeness(Kinship.LEAD, f"lead-{lead}", others, lead)
        return None

    def _most(self, values: list[int]) -> int:
        return max(self._values.of(value) + self._open_values.of(value) for value in values)

    def _is_open(self, value: int) -> bool:
        count = self._open_values.of(value)
        return self._is_shared(value) or (count > 0 and self._ordinary_values.of(value) == 0)

    def _text_likeness(self, sketch: tuple[int, ...]) -> Likeness | None:
        shared = [value for value in sketch if self._is_shared(value)]
        if not shared or len(shared) < max(3, len(sketch) // 3):
            return None
        root = min(self._roots.of(value) for value in shared)
        others = max(self._values.of(value) for value in shared)
        return Likeness(Kinship.TEXT, f"text-{root:08x}", others, "")

    def _attachment_likeness(self, attachments: tuple[int, ...]) -> Likeness | None:
        for mark in attachments:
            count = self._attachments[mark]
            if count >= _SHARED_BY and mark not in self._ordinary_attachments:
                return Likeness(Kinship.ATTACHMENT, f"attachment-{mark:x}", count, "")
        return None

    def _lead_likeness(self, leads: tuple[str, ...], kinship: Kinship) -> Likeness | None:
        for lead in leads:
            if self._leads[lead] >= _SHARED_BY and not self.is_ordinary_lead(lead):
                return Likeness(kinship, f"lead-{lead}", self._leads[lead], lead)
        return None

    def _is_shared(self, value: int) -> bool:
        count = self._values.of(value)
        return count >= _SHARED_BY and self._ordinary_values.of(value) * 10 <= count

    def is_rare_beside(self, lead: str, count: int) -> bool:
        """Whether ordinary mail has a lead, not an own one, seldom: a colleague who forwards it."""
        return not is_within(lead, self._local_domains) and self._ordinary_leads[lead] * 3 <= count

    def is_ordinary_lead(self, lead: str) -> bool:
        """Whether a lead is the server's own, or one that ordinary mail has too."""
        if is_within(lead, self._local_domains):
            return True
        ordinary = self._ordinary_leads[lead]
        return ordinary >= _ORDINARY_FROM or (ordinary > 0 and self._leads[lead] < _CLEARLY_SPAM)


def _count(counter: Counter[Key], keys: Iterable[Key]) -> None:
    for key in keys:
        if key in counter or len(counter) < _MAX_LEADS:
            counter[key] += 1
