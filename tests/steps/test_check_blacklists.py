"""The step: what it owes, what it pays, and what it never calls clean."""

import msgspec
import pytest

from playbook.engine.findings import ListedAddresses
from playbook.exposure.blacklists import Result, Standing
from playbook.exposure.subjects import NotAsked, subject
from steps.check_blacklists import ListingsSeen
from tests.support.unasked_resolver import step

ZONES = {"SpamCop": "bl.spamcop.net", "PSBL": "psbl.surriel.com"}


def standing(text: str, blacklist: str, result: Result, reason: str = "") -> Standing:
    found = subject(text)
    assert not isinstance(found, NotAsked)
    return Standing(found, blacklist, ZONES[blacklist], result, reason, "https://off.test/")


ADDRESS = "41.202.24.147"
LISTED = standing(ADDRESS, "SpamCop", Result.LISTED, "spam was reported")
CLEAN = standing(ADDRESS, "PSBL", Result.NOT_LISTED)
SILENT = standing(ADDRESS, "PSBL", Result.UNREACHABLE, "no answer in time")
WELCOME = standing(ADDRESS, "SpamCop", Result.REFUSED, "your resolver is not welcome")
DOMAIN = standing("domaine.fr", "PSBL", Result.NOT_LISTED)
PRIVATE = NotAsked("10.0.0.5", "it is not a public address, so no list knows it")


def seen(*standings: Standing, left_out: tuple[NotAsked, ...] = ()) -> ListingsSeen:
    return ListingsSeen(standings, left_out, "127.0.0.1:5353")


def left(reading: ListingsSeen) -> ListedAddresses:
    finding = step().finding(reading, reading)
    assert finding is not None
    return finding


def test_a_listing_is_owed_with_its_reason_and_where_to_ask() -> None:
    plan = step().plan(seen(LISTED, CLEAN))
    assert (plan.changes, plan.refuses, plan.fails) == ((), None, None)
    (obligation,) = plan.owes
    assert obligation.key == "listed:41.202.24.147:bl.spamcop.net"
    assert obligation.text == (
        "41.202.24.147 is listed by SpamCop: spam was reported; "
        "its removal is asked for at https://off.test/"
    )
    assert plan.pays == ("listed:41.202.24.147:psbl.surriel.com",)
    assert left(seen(LISTED, CLEAN)) == ListedAddresses((ADDRESS,), (ADDRESS,))


@pytest.mark.parametrize("silent", [SILENT, WELCOME])
def test_a_list_that_gives_no_word_owes_and_pays_nothing(silent: Standing) -> None:
    plan = step().plan(seen(silent))
    assert (plan.owes, plan.pays, plan.fails, plan.refuses) == ((), (), None, None)
    assert silent.reason in plan.because
    assert "not listed" not in plan.because
    assert left(seen(silent)) == ListedAddresses((), ())


@pytest.mark.parametrize("standings", [(), (DOMAIN,)])
def test_without_a_public_address_it_says_so(standings: tuple[Standing, ...]) -> None:
    reading = seen(*standings, left_out=(PRIVATE,))
    because = step().plan(reading).because
    assert because.startswith("no public address is known: name it in the inventory")
    assert "10.0.0.5 was not asked about: it is not a public address" in because
    assert left(reading).answered == ()


def test_the_resolver_is_named() -> None:
    assert "asked through 127.0.0.1:5353" in step().plan(seen(CLEAN)).because


def test_a_reading_survives_the_journal() -> None:
    reading = seen(LISTED, DOMAIN, left_out=(PRIVATE,))
    assert msgspec.convert(msgspec.to_builtins(reading), ListingsSeen) == reading
