"""Mail for which nobody logged in: trusted hosts that send floods, and forwarding."""

from dataclasses import replace
from typing import Any

import pytest

from playbook.triage.clusters import ClusterKey
from playbook.triage.features import Features
from playbook.triage.verdicts import Verdict
from tests.support.queue_builders import (
    BEGAN_S,
    DAY_S,
    HOME,
    OWN,
    judged,
    mail,
    run_of_spam,
    session,
    week,
)

WEB, WWW = "198.51.100.5", "www@d.example"
BOX = "collector@freemail.example"


def different(number: int) -> str:
    """A text of its own for each number; digits in words do not count."""
    mark = "".join(chr(ord("a") + int(digit)) for digit in str(number))
    return " ".join(f"{word}{mark}" for word in OWN.split())


def from_web(number: int, text: str = "", **more: Any) -> Features:
    text = text or f"write to our agent for your prize and the fee of the bank order {number}"
    return mail(number, "", WEB, text, from_address=WWW, sender=WWW, **more)


@pytest.mark.parametrize("has_log", [True, False])
@pytest.mark.parametrize("text", ["", "hi"])
def test_a_flood_from_a_trusted_host_is_a_question_and_no_stolen_account(
    text: str, has_log: bool
) -> None:
    flood = [from_web(number, text, subject="Your prize") for number in range(120)]
    found = judged([*flood, *run_of_spam()], week() if has_log else None)
    verdicts = list(found)[:120]
    assert {each.verdict for each in verdicts} == {Verdict.DOUBTFUL}
    assert {each.cluster for each in verdicts} == {verdicts[0].cluster}
    assert "a trusted host sends" in verdicts[0].reasons[-1]
    assert WWW not in [each.account for each in found.stolen]


def test_a_trusted_host_that_writes_to_customers_or_differently_is_none() -> None:
    customers = [
        session("", HOME, BEGAN_S - day * DAY_S, f"r{number}@elsewhere.example", f"C{number}")
        for number in range(60)
        for day in (1, 2)
    ]
    bills = [from_web(number) for number in range(60)]
    found = judged([*bills, *run_of_spam()], [*week(), *customers])
    assert {each.verdict for each in list(found)[:60]} == {Verdict.GOOD}
    notes = [from_web(number, different(number)) for number in range(60)]
    found = judged([*notes, *run_of_spam()], week())
    assert {each.verdict for each in list(found)[:60]} == {Verdict.GOOD}


def came_in(number: int, box: str = BOX, **more: Any) -> Features:
    sender = f"client{number}@partner.example"
    plain = mail(number, "", "192.0.2.30", different(number), from_address=sender, sender=sender)
    return replace(plain, recipient=box, **more)


@pytest.mark.parametrize("more", [{}, {"account": "info@d.example"}, {"account": None}])
def test_what_comes_in_and_goes_on_to_one_box_outside_is_named_as_forwarded(
    more: dict[str, Any],
) -> None:
    forwarded = [came_in(number, **more) for number in range(9)]
    found = list(judged([*forwarded, *run_of_spam()], week()))[:9]
    assert {each.verdict for each in found} == {Verdict.DOUBTFUL}
    assert {each.cluster for each in found} == {ClusterKey("forwarded", family=BOX)}
    assert BOX in found[0].reasons[0]


def test_a_mail_to_each_of_many_boxes_is_no_forwarding() -> None:
    mails = [came_in(number, f"box{number}@freemail.example") for number in range(9)]
    found = list(judged([*mails, *run_of_spam()], week()))[:9]
    assert {each.verdict for each in found} == {Verdict.GOOD}
