"""Check whether blacklists name the server."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from playbook.engine.findings import ListedAddresses
from playbook.engine.inputs import PublicAddresses
from playbook.engine.step import Step
from playbook.exposure.blacklists import Blacklists, Result, Standing, in_words
from playbook.exposure.subjects import Kind, NotAsked, subjects
from playbook.incident.obligations import listing, listing_key
from playbook.mail.server import Reader
from playbook.plan import Obligation, Plan


@dataclass(frozen=True)
class ListingsSeen:
    """How each public address and domain stands with each list, and what no list is asked about."""

    standings: tuple[Standing, ...]
    left_out: tuple[NotAsked, ...]
    resolver: str


@dataclass(frozen=True)
class CheckBlacklists(Step[ListingsSeen, ListedAddresses]):
    """Ask the blacklists about every public address that the server sends from, and its domains.

    Four results: listed, not listed, refused and unreachable; only "not listed" by a list that
    passed its own test is good news (RFC 5782). A listing is owed until its removal: lists that
    do not answer fail nothing. They are asked from this machine, not from the mail server.
    """

    by_hand: ClassVar[tuple[str, ...]] = (
        "look the server's public address up at https://check.spamhaus.org/",
        "ask for removal at each list that names it, once nothing leaves any more",
    )

    lists: Blacklists
    known: PublicAddresses

    def probe(self, server: Reader) -> ListingsSeen:
        """Ask, once a run: what is known of the addresses, then the lists."""
        seen = server.survey()
        found = subjects((*self.known.addresses, *seen.addresses, *seen.domains))
        standings = self.lists.standings(found.asked)
        return ListingsSeen(standings, found.left_out, str(self.lists.resolver))

    def plan(self, seen: ListingsSeen) -> Plan:
        """Nothing is changed: a listing is owed, and one that is seen to be gone is paid."""
        listed = _with(Result.LISTED, seen.standings)
        gone = _with(Result.NOT_LISTED, seen.standings)
        return Plan(
            (), _because(seen), owes=tuple(map(_obligation, listed)), pays=tuple(map(_key, gone))
        )

    def finding(self, before: ListingsSeen, after: ListingsSeen) -> ListedAddresses:
        """What is listed, and which addresses some list answered about."""
        listed = _with(Result.LISTED, after.standings)
        answered = (*listed, *_with(Result.NOT_LISTED, after.standings))
        return ListedAddresses(
            _once(each.subject.text for each in listed),
            _once(each.subject.text for each in answered if each.subject.kind is not Kind.DOMAIN),
        )


def _with(result: Result, standings: Iterable[Standing]) -> tuple[Standing, ...]:
    return tuple(each for each in standings if each.result is result)


def _once(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))


def _because(seen: ListingsSeen) -> str:
    parts = []
    if all(each.subject.kind is Kind.DOMAIN for each in seen.standings):
        parts.append("no public address is known: name it in the inventory (public_addresses)")
    if seen.standings:
        parts.append(f"{in_words(seen.standings)}; asked through {seen.resolver}")
    parts += [f"{each.text} was not asked about: {each.why}" for each in seen.left_out]
    return "; ".join(parts)


def _key(standing: Standing) -> str:
    return listing_key(standing.subject.text, standing.zone)


def _obligation(standing: Standing) -> Obligation:
    return listing(
        standing.subject.text,
        standing.zone,
        f"{standing.subject.text} is listed by {standing.blacklist}: {standing.reason}; "
        f"its removal is asked for at {standing.delisting}",
    )
