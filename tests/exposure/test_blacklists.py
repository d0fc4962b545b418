"""The four results, decided from answers alone."""

from collections.abc import Iterable, Mapping

import pytest

from playbook.dns.questions import Answer, Question, Said
from playbook.exposure.blacklists import Blacklist, Blacklists, Result, Standing, in_words, read
from playbook.exposure.subjects import Kind, Subject

LIST = Blacklist(
    "List",
    "list.test",
    (Kind.IP4, Kind.IP6),
    "https://list.test/off",
    "https://list.test/",
    codes={"127.0.0.2": "it sent spam", "127.0.0.3": "it sends still"},
    refusals={"127.0.1.255": "that was an address"},
)
BITS = Blacklist(
    "Bits",
    "bits.test",
    (Kind.DOMAIN,),
    "https://bits.test/off",
    "https://bits.test/",
    bits={"8": "phishing", "64": "spam"},
)
ADDRESS = Subject("41.202.24.147", Kind.IP4)
OWN, HEALTHY, WILD = "147.24.202.41.list.test.", "2.0.0.127.list.test.", "1.0.0.127.list.test."
NOTHING = Answer(Said.NOTHING)


def records(*codes: str) -> Answer:
    return Answer(Said.RECORDS, codes)


class Told:
    """A resolver that knows its answers beforehand, and what it was asked."""

    def __init__(self, answers: Mapping[str, Answer], text: Answer = NOTHING) -> None:
        self.answers = answers
        self.text = text
        self.asked: list[Question] = []

    def ask(self, questions: Iterable[Question]) -> Mapping[Question, Answer]:
        asked = tuple(questions)
        self.asked += asked
        return {
            each: self.text if each.record == "TXT" else self.answers.get(each.name, NOTHING)
            for each in asked
        }


def standing(own: Answer, listed: Answer, unlisted: Answer = NOTHING) -> Standing:
    told = Told({OWN: own, HEALTHY: listed, WILD: unlisted})
    (found,) = Blacklists((LIST, BITS), told).standings([ADDRESS])
    return found


UNREACHABLE = Answer(Said.UNREACHABLE, why="no answer in time")
REFUSED = Answer(Said.REFUSED)


@pytest.mark.parametrize(
    ("answer", "result", "words"),
    [
        (NOTHING, Result.NOT_LISTED, ""),
        (records("127.0.0.2"), Result.LISTED, "it sent spam"),
        (records("127.0.0.2", "127.0.0.3"), Result.LISTED, "it sent spam; it sends still"),
        (records("127.0.0.77"), Result.LISTED, "does not document (127.0.0.77)"),
        (records("127.0.0.1"), Result.REFUSED, "blocks this resolver"),
        (records("127.0.1.255"), Result.REFUSED, "that was an address"),
        (records("127.255.255.252"), Result.REFUSED, "mistyped"),
        (records("127.255.255.254"), Result.REFUSED, "your resolver is not welcome"),
        (records("127.255.255.255"), Result.REFUSED, "asks too much"),
        (records("127.255.255.9"), Result.REFUSED, "an error of the question"),
        (records("127.0.0.2", "127.255.255.254"), Result.REFUSED, "not welcome"),
        (records("192.0.2.80"), Result.REFUSED, "192.0.2.80 is no code of a blacklist"),
        (records(), Result.REFUSED, "without a code"),
        (REFUSED, Result.REFUSED, "refuses the question"),
        (UNREACHABLE, Result.UNREACHABLE, "no answer in time"),
    ],
)
def test_one_answer_has_one_of_four_results(answer: Answer, result: Result, words: str) -> None:
    found, reason = read(LIST, answer)
    assert found is result
    assert words in reason


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("127.0.0.8", "phishing"),
        ("127.0.0.72", "phishing; spam"),
        ("127.0.0.4", "does not document"),
    ],
)
def test_a_list_of_bits_says_what_each_means(code: str, words: str) -> None:
    result, reason = read(BITS, records(code))
    assert result is Result.LISTED
    assert words in reason


LISTING = records("127.0.0.2")


@pytest.mark.parametrize(
    ("own", "listed", "unlisted", "result", "words"),
    [
        (NOTHING, LISTING, NOTHING, Result.NOT_LISTED, ""),
        (LISTING, LISTING, NOTHING, Result.LISTED, "it sent spam"),
        (LISTING, LISTING, LISTING, Result.REFUSED, "it lists anything"),
        (NOTHING, LISTING, LISTING, Result.REFUSED, "it lists anything"),
        (NOTHING, NOTHING, NOTHING, Result.REFUSED, "its own test entry"),
        (NOTHING, REFUSED, NOTHING, Result.REFUSED, "its test entry"),
        (NOTHING, UNREACHABLE, NOTHING, Result.UNREACHABLE, "its test entry"),
        (LISTING, UNREACHABLE, UNREACHABLE, Result.LISTED, "it sent spam"),
        (LISTING, NOTHING, NOTHING, Result.LISTED, "it sent spam"),
        (UNREACHABLE, LISTING, LISTING, Result.UNREACHABLE, "no answer in time"),
    ],
)
def test_only_a_list_that_passes_its_test_calls_anybody_clean(
    own: Answer, listed: Answer, unlisted: Answer, result: Result, words: str
) -> None:
    found = standing(own, listed, unlisted)
    assert found.result is result
    assert words in found.reason


def test_the_text_is_asked_for_where_listed_only_and_is_made_harmless() -> None:
    text = records("see \x1b]0;gotcha\x07\u202e https://list.test/?" + "x" * 1000)
    told = Told({OWN: LISTING, HEALTHY: LISTING}, text)
    (found,) = Blacklists((LIST,), told).standings([ADDRESS])
    assert found.reason.startswith("it sent spam (see <1B>]0;gotcha<07><U+202E>")
    assert found.reason.isprintable()
    assert len(found.reason) < 250
    assert [each.name for each in told.asked if each.record == "TXT"] == [OWN]
    clean = Told({HEALTHY: LISTING}, text)
    Blacklists((LIST,), clean).standings([ADDRESS])
    assert all(each.record == "A" for each in clean.asked)


def test_a_list_is_asked_only_about_its_kind_and_tested_once() -> None:
    told = Told({})
    subjects = [ADDRESS, Subject("8.8.8.8", Kind.IP4), Subject("domaine.fr", Kind.DOMAIN)]
    found = Blacklists((LIST, BITS), told).standings(subjects)
    assert [(each.subject.text, each.blacklist) for each in found] == [
        ("41.202.24.147", "List"),
        ("8.8.8.8", "List"),
        ("domaine.fr", "Bits"),
    ]
    names = [each.name for each in told.asked]
    assert len(names) == len(set(names)) == 7
    assert {"domaine.fr.bits.test.", "test.bits.test.", "invalid.bits.test."} < set(names)


def test_ipv6_has_its_own_test_entries() -> None:
    told = Told({})
    Blacklists((LIST,), told).standings([Subject("2a01:e0a::25", Kind.IP6)])
    assert [each.name for each in told.asked] == [
        f"5.2.{'0.' * 22}a.0.e.0.1.0.a.2.list.test.",
        f"2.0.0.0.0.0.f.7.f.f.f.f.{'0.' * 20}list.test.",
        f"1.0.0.0.0.0.f.7.f.f.f.f.{'0.' * 20}list.test.",
    ]


def test_nobody_is_asked_about_nothing() -> None:
    told = Told({})
    assert Blacklists((LIST,), told).standings([]) == ()
    assert told.asked == []


def test_the_words_name_every_list_with_its_reason() -> None:
    def row(name: str, result: Result, reason: str) -> Standing:
        return Standing(ADDRESS, name, f"{name}.test", result, reason, "https://off.test/")

    rows = [
        row("A", Result.UNREACHABLE, "no answer in time"),
        row("B", Result.NOT_LISTED, ""),
        row("C", Result.LISTED, "spam"),
        row("D", Result.UNREACHABLE, "no answer in time"),
        row("E", Result.REFUSED, "not welcome"),
        row("F", Result.NOT_LISTED, ""),
    ]
    assert in_words(rows) == (
        "41.202.24.147: listed by C (spam), not listed by B, F, refused by E (not welcome), "
        "unreachable: A, D (no answer in time)"
    )
