"""Mailings: nearly equal mails of one sender, wherever he sent them from.

A place is no alibi: an attacker may sit in webmail, on the owner's computer or behind her office's
address. What he cannot hide is that he writes nearly the same to very many. So do newsletters;
what tells them apart is asked of the log, and else of a person (`floods.py`).
"""

import re
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from playbook.triage.attribution import is_within
from playbook.triage.compact import CompactMap
from playbook.triage.features import Features
from playbook.triage.history import Submitter
from playbook.triage.roots import Roots
from playbook.triage.similarity import ValueCounts

MIN_FILES: Final = 4
MIN_LINKED: Final = 3
FLOOD_MESSAGES: Final = 20
_MAX_TRAITS: Final = 1 << 18
_MAX_PLACES: Final = 64
_HOUR_S: Final = 3600
_MANY_SENDERS: Final = 4
_MASK: Final = 0xFFFFFFFF
_MULTIPLIER: Final = 0x9E3779B1
_ANSWER: Final = re.compile(r"\A(?:\s{0,4}[A-Za-z]{1,4}\s?:){1,9}\s{0,4}")

Sent = Callable[[], Iterable[tuple[Features, Submitter]]]
"""Gives the same mails with their submitters each time that it is called."""


@dataclass(slots=True)
class Mailing:
    """The nearly equal mails of one sender: `mark` names it, the same in every run.

    `messages` are told apart by the server's id, `files` are one for each domain they go to;
    `to_known` are files to addresses that the server wrote to, or heard from, before.
    `leading` are files with a link that leads out, `homeward` those with a link to the
    server's own domains. `is_text` tells that the text is alike; else it is no more than a link,
    or attachment and subject. `places` are files by the client's address, up to some; `early` are
    files of before the campaign.
    """

    mark: str
    sender: str
    is_text: bool
    messages: int = 0
    files: int = 0
    to_known: int = 0
    leading: int = 0
    homeward: int = 0
    first_at_s: int = 0
    early: int = 0
    places: dict[str, int] = field(default_factory=dict)

    @property
    def is_flood(self) -> bool:
        """Whether they are many."""
        return self.messages >= FLOOD_MESSAGES


@dataclass(frozen=True, slots=True)
class Mailings:
    """All mailings of a queue; made by `find_mailings`, then only asked.

    `totals` are the messages of each sender since the campaign began; `lone` those of them that
    are like no others and go to strangers.
    """

    mailings: dict[int, Mailing]
    totals: dict[str, int]
    lone: dict[str, int]
    _traits: "_Traits"

    def of(self, features: Features, who: Submitter) -> Mailing | None:
        """The mailing that a mail belongs to."""
        traits, _ = self._traits.shared(features, who)
        return self.mailings.get(self._traits.roots.of(traits[0])) if traits else None

    def is_core(
        self, features: Features, who: Submitter, mailing: Mailing, *, is_home: bool
    ) -> bool:
        """Whether a mail has most of what its mailing has, not closing lines or a subject alone.

        Nor where next to none came from there, and it is no place of the account: the owner on the
        road may have sent a copy.
        """
        if not is_home and mailing.places.get(who.address, 0) < MIN_FILES:
            return False
        if not mailing.is_text:
            return not features.sketch or bool(features.attachments)
        common = max(mailing.files // 4, MIN_FILES)
        return 2 * self._traits.common(features, who, common) > len(features.sketch)


def sender_key(who: Submitter) -> str:
    """What the mails of one sender are counted under: the account, else the address."""
    return who.account or f"@{who.address}"


def find_mailings(
    sent: Sent,
    own_domains: frozenset[str],
    is_settled: Callable[[Submitter], bool],
    is_known: Callable[[str], bool],
    is_during: Callable[[int], bool],
) -> Mailings:
    """The mailings among the mails that `sent` gives, in three passes over them.

    Mails of submitters of whom all is settled only count among the totals.
    """
    traits = _Traits(own_domains)
    for features, who in sent():
        if not is_settled(who):
            traits.count(features, who)
    for features, who in sent():
        if not is_settled(who):
            traits.roots.unite(traits.shared(features, who)[0])
    tally = _Tally(traits, is_known, is_during)
    for features, who in sent():
        tally.add(features, who, is_settled=is_settled(who))
    return Mailings(tally.mailings, tally.totals, tally.lone, traits)


class _Tally:
    """The third pass: what each mailing, and each sender, comes to."""

    def __init__(
        self,
        traits: "_Traits",
        is_known: Callable[[str], bool],
        is_during: Callable[[int], bool],
    ) -> None:
        self.mailings: dict[int, Mailing] = {}
        self.totals: dict[str, int] = {}
        self.lone: dict[str, int] = {}
        self._traits = traits
        self._is_known = is_known
        self._is_during = is_during
        self._seen = CompactMap()

    def add(self, features: Features, who: Submitter, *, is_settled: bool) -> None:
        key = sender_key(who)
        is_new = self._is_new_message(features)
        is_counted = is_new and self._is_during(features.at_s)
        self.totals[key] = self.totals.get(key, 0) + is_counted
        if is_settled:
            return
        is_known = bool(features.recipient) and self._is_known(features.recipient)
        traits, is_text = self._traits.shared(features, who)
        if not traits:
            self.lone[key] = self.lone.get(key, 0) + (is_counted and not is_known)
            return
        root = self._traits.roots.of(traits[0])
        mailing = self.mailings.get(root)
        if mailing is None:
            mailing = self.mailings[root] = Mailing(f"mailing-{root:08x}", key, is_text)
        mailing.messages += is_new
        mailing.to_known += is_known
        self._describe(mailing, features, who)

    def _describe(self, mailing: Mailing, features: Features, who: Submitter) -> None:
        leads_out = bool(self._traits.leads_out(features))
        mailing.files += 1
        mailing.leading += leads_out
        mailing.homeward += self._traits.leads_home(features)
        mailing.early += not self._is_during(features.at_s)
        if features.at_s:
            mailing.first_at_s = min(mailing.first_at_s or features.at_s, features.at_s)
        if who.address in mailing.places or len(mailing.places) < _MAX_PLACES:
            mailing.places[who.address] = mailing.places.get(who.address, 0) + 1

    def _is_new_message(self, features: Features) -> bool:
        if not features.message_id:
            return True
        key = (features.message_id, features.at_s // _HOUR_S)
        is_new = key not in self._seen
        self._seen.set(key, 1)
        return is_new


class _Traits:
    """What mails of a sender share, as 32-bit numbers into which the sender is mixed."""

    def __init__(self, own_domains: frozenset[str]) -> None:
        self.roots = Roots(_MAX_TRAITS)
        self._own_domains = own_domains
        self._counts = ValueCounts()
        self._senders = ValueCounts()

    def count(self, features: Features, who: Submitter) -> None:
        salt = _salt(who)
        for value in (*features.sketch, *self._others(features)):
            mixed = _mix(value, salt)
            self._counts.add((mixed,))
            if self._counts.of(mixed) == 1:
                self._senders.add((value,))

    def shared(self, features: Features, who: Submitter) -> tuple[list[int], bool]:
        """The traits that at least some mails of this sender have, and whether they are of text.

        Texts that several senders have, like a company's closing lines, are no trait.
        """
        salt = _salt(who)
        texts = self._of_some(features.sketch, salt, MIN_FILES)
        if len(texts) >= max(3, len(features.sketch) // 3):
            return texts, True
        return self._of_some(self._others(features), salt, MIN_LINKED), False

    def common(self, features: Features, who: Submitter, files: int) -> int:
        """How many values of its text at least so many files of this sender have."""
        salt = _salt(who)
        return sum(self._counts.of(_mix(value, salt)) >= files for value in features.sketch)

    def leads_out(self, features: Features) -> list[str]:
        return [lead for lead in features.leads if not is_within(lead, self._own_domains)]

    def leads_home(self, features: Features) -> bool:
        return any(is_within(lead, self._own_domains) for lead in features.leads)

    def _of_some(self, values: Iterable[int], salt: int, files: int) -> list[int]:
        found = [value for value in values if self._senders.of(value) < _MANY_SENDERS]
        mixed = [_mix(value, salt) for value in found]
        return [value for value in mixed if self._counts.of(value) >= files]

    def _others(self, features: Features) -> list[int]:
        """Links, attachments, and the subject, whatever it answers."""
        others = [f"lead {lead}" for lead in self.leads_out(features)]
        others += [f"attachment {mark}" for mark in features.attachments]
        subject = _ANSWER.sub("", features.subject)
        others += [f"subject {subject}"] if subject else []
        return [zlib.crc32(each.encode("utf-8", "replace")) for each in others]


def _salt(who: Submitter) -> int:
    return zlib.crc32(sender_key(who).encode("utf-8", "replace"))


def _mix(value: int, salt: int) -> int:
    mixed = ((value ^ salt) * _MULTIPLIER) & _MASK
    return mixed ^ (mixed >> 15)
