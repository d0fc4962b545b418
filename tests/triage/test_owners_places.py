"""A place with a past of its own that the attacker uses too: a flood proves nothing but itself."""

from dataclasses import replace
from typing import Any

import pytest

from playbook.smtplog.sessions import Session
from playbook.triage.features import Features
from playbook.triage.judgement import Judged
from playbook.triage.verdicts import Verdict
from tests.support.queue_builders import (
    BEGAN_S,
    COLLEAGUE,
    DAY_S,
    PITCH,
    ROAD,
    THIEF,
    VICTIM,
    judged,
    mail,
    run_of_spam,
    session,
    spam,
    week,
)

READER = "reader@shop.example"


def past(days: int, address: str = ROAD) -> list[Session]:
    """A week at her own computer, and some days before at a place strange to it."""
    mine = [replace(each, client_name="info-pc", written_to=(READER,)) for each in week()]
    seen = [
        session(VICTIM, address, BEGAN_S - day * DAY_S, VICTIM, f"SEEN{day}")
        for day in range(1, days + 1)
    ]
    return [*mine, *(replace(each, client_name="pc-7") for each in seen)]


def hers(address: str = ROAD) -> list[Features]:
    """Three mails that are like no others, and eight of a small mailing of her own."""
    words = "ordre du jour de la reunion du conseil avec les comptes et le budget de la salle"
    lone = [
        mail(n, VICTIM, address, " ".join(f"{chr(96 + n)}{chr(96 + k)}mot" for k in range(1, 20)))
        for n in range(1, 4)
    ]
    alike = [mail(10 + n, VICTIM, address, f"{words} bonjour {n * 'y'}") for n in range(8)]
    return [replace(each, client_name="PC-7") for each in (*lone, *alike)]


def flood(count: int, places: tuple[str, ...] = (ROAD,), **more: Any) -> list[Features]:
    """Nearly the same to strangers, with her own sender."""
    return [
        mail(
            2000 + n,
            VICTIM,
            places[n % len(places)],
            f"{PITCH} {chr(97 + n % 26) * 3}",
            **{"client_name": "PC-7", **more},
        )
        for n in range(count)
    ]


def parted(files: list[Features], days: int, **more: Any) -> tuple[list[Judged], list[Judged]]:
    """The verdicts of her own mails, and those of the rest."""
    own = hers()
    found = list(judged([*own, *files], past(days), **more))
    return found[: len(own)], found[len(own) :]


def kinds(found: list[Judged]) -> set[Verdict]:
    return {each.verdict for each in found}


RUNS = {
    "one flood": flood(90),
    "with a link": flood(90, leads=("evil.example",)),
    "several networks": flood(90, (ROAD, "52.9.1.1", "53.9.1.1", "54.9.1.1")),
    "like a forged run": [
        *flood(60, leads=("evil.example",), subject="You won"),
        *run_of_spam(),
    ],
    "forged from there": [
        replace(each, client_address=ROAD, client_name="PC-7") for each in run_of_spam()
    ],
}


@pytest.mark.parametrize("days", [1, 2])
@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_mail_unlike_the_run_is_no_spam_at_a_place_used_before(
    run: list[Features], days: int
) -> None:
    own, others = parted(run, days)
    assert Verdict.SPAM not in kinds(own)
    assert kinds(others) == {Verdict.SPAM}


def test_nor_where_nobody_named_the_account() -> None:
    own, others = parted(flood(90, leads=("evil.example",)), 2, named=())
    assert Verdict.SPAM not in kinds(own)
    assert Verdict.GOOD not in kinds(others)


def test_what_she_writes_there_asks_few_questions_and_says_why() -> None:
    own, _ = parted(flood(90), 1)
    assert kinds(own) == {Verdict.DOUBTFUL}
    assert len({each.cluster for each in own}) == 1
    assert all("used it on a day before" in each.reasons[-1] for each in own)


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_a_place_without_a_past_still_tells_by_itself(run: list[Features]) -> None:
    own, others = parted(run, 0)
    assert Verdict.GOOD not in kinds([*own, *others])
    assert kinds(others) == {Verdict.SPAM}


def test_what_has_the_run_s_words_there_is_a_question() -> None:
    """She may send on, as her own words, what she got."""
    copied = mail(50, VICTIM, ROAD, PITCH[: len(PITCH) // 2], client_name="PC-7")
    rest = " ".join(f"mot{chr(97 + n)}" for n in range(12))
    passed_on = mail(51, VICTIM, ROAD, f"{rest} {PITCH}", client_name="PC-7")
    forged = [spam(3000 + n, ROAD, client_name="PC-7") for n in range(40)]
    files = [copied, passed_on, *hers(), *forged]
    found = list(judged(files, past(1)))
    assert Verdict.SPAM not in kinds(found[:13])
    assert Verdict.GOOD not in kinds(found[:2])
    assert kinds(found[13:]) == {Verdict.SPAM}


def test_a_colleague_s_past_at_the_place_is_not_hers() -> None:
    seen = [session(COLLEAGUE, THIEF, BEGAN_S - DAY_S, COLLEAGUE, "SEEN")]
    mine = mail(60, VICTIM, THIEF)
    found = list(judged([mine, *run_of_spam()], [*week(), *seen]))
    assert kinds(found) == {Verdict.SPAM}
