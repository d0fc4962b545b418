"""The data file: six lists that can be asked, and a strict reader."""

import pytest

from playbook.dns.questions import Answer, Said
from playbook.errors import BadInput
from playbook.exposure import lists
from playbook.exposure.blacklists import Blacklist, Result, read
from playbook.exposure.subjects import Kind

KNOWN = lists.known()

ONE = """
[[blacklist]]
name = "List"
zone = "list.test"
kinds = ["ip4"]
delisting = "https://list.test/off"
source = "https://list.test/"
codes = { "127.0.0.2" = "spam" }
"""

# Lists that died; one of them lists the world (source: facts of blacklists that ended).
DEAD = ("sorbs.net", "manitu.net", "ahbl.org", "ordb.org", "njabl.org", "dsbl.org", "abuseat.org")


def test_there_are_six_for_every_kind_of_subject() -> None:
    assert len({each.zone for each in KNOWN}) == len({each.name for each in KNOWN}) == 6
    assert {kind for each in KNOWN for kind in each.kinds} == set(Kind)
    assert not [each.zone for each in KNOWN if each.zone.endswith(DEAD)]


@pytest.mark.parametrize("blacklist", KNOWN, ids=lambda each: each.zone)
def test_a_list_says_what_it_means_and_where_to_ask(blacklist: Blacklist) -> None:
    assert blacklist.delisting.startswith("https://")
    assert blacklist.source.startswith("https://")
    for kind in blacklist.kinds:
        listed, unlisted = blacklist.tests(kind)
        assert listed != unlisted
        assert listed.endswith(f".{blacklist.zone}.")
    codes = blacklist.codes or {f"127.0.0.{bit}": words for bit, words in blacklist.bits.items()}
    for code, words in codes.items():
        assert read(blacklist, Answer(Said.RECORDS, (code,))) == (Result.LISTED, words)
    for code, words in blacklist.refusals.items():
        assert read(blacklist, Answer(Said.RECORDS, (code,))) == (Result.REFUSED, words)


def test_the_lists_of_a_policy_and_of_domains_are_told_apart() -> None:
    by_zone = {each.zone: each for each in KNOWN}
    assert "no guilt" in by_zone["zen.spamhaus.org"].codes["127.0.0.11"]
    assert by_zone["dbl.spamhaus.org"].tests(Kind.DOMAIN) == (
        "test.dbl.spamhaus.org.",
        "invalid.dbl.spamhaus.org.",
    )


def test_a_file_is_read() -> None:
    (found,) = lists.parse(ONE)
    assert (found.name, found.kinds, found.codes) == ("List", (Kind.IP4,), {"127.0.0.2": "spam"})


@pytest.mark.parametrize(
    ("changed", "into"),
    [
        ('name = "List"', 'nmae = "List"'),
        ('name = "List"', 'name = "List"\nweight = 3'),
        ('name = "List"', 'name = ""'),
        ("[[blacklist]]", "[[blacklists]]"),
        ('list.test"\nkinds', 'list test"\nkinds'),
        ('list.test"\nkinds', 'list.test."\nkinds'),
        ('["ip4"]', '["ipv4"]'),
        ('["ip4"]', "[]"),
        ('"127.0.0.2"', '"10.0.0.2"'),
        ('"127.0.0.2" = "spam"', '"127.0.0.2" = 2'),
        ('{ "127.0.0.2" = "spam" }', "{}"),
        ("codes =", 'bits = { 8 = "x" }\ncodes ='),
        ("codes = {", "bits = { 3 = 'x',"),
        ("https://list.test/off", "http://list.test/off"),
        ("https://list.test/off", "https://list.test/\\u001b[0m"),
        ("codes = {", "codes = {{"),
    ],
)
def test_a_slip_is_an_error(changed: str, into: str) -> None:
    text = ONE.replace(changed, into)
    assert text != ONE
    with pytest.raises(BadInput, match="file of blacklists"):
        lists.parse(text)
