"""Runs that look like their owner: the same mail many times, from wherever she works herself."""

from dataclasses import replace
from typing import Any

import pytest

from playbook.smtplog.sessions import Session
from playbook.triage.features import Features
from playbook.triage.verdicts import Verdict
from tests.support.queue_builders import (
    BEGAN_S,
    COLLEAGUE,
    DAY_S,
    HOME,
    OFFICE,
    OWN,
    PITCH,
    ROAD,
    THIEF,
    VICTIM,
    WEBMAIL,
    judged,
    mail,
    run_of_spam,
    session,
    spam,
    verdicts,
    week,
)

READER = "reader@shop.example"


def past(*more: Session) -> list[Session]:
    """A week of which the log tells whom was written to."""
    return [replace(each, written_to=(READER,)) for each in week()] + list(more)


def flood(
    count: int, account: str | None = VICTIM, address: str = WEBMAIL, **more: Any
) -> list[Features]:
    return [
        mail(2000 + n, account, address, f"{PITCH} {chr(97 + n % 26) * 3}", **more)
        for n in range(count)
    ]


def of(files: list[Features], log: list[Session], **more: Any) -> set[Verdict]:
    return {each.verdict for each in list(judged(files, log, **more))}


@pytest.mark.parametrize("address", [WEBMAIL, OFFICE])
@pytest.mark.parametrize(
    ("unlike", "verdict"),
    [
        ({}, Verdict.SPAM),
        ({"leads": ("evil.example",)}, Verdict.SPAM),
        ({"sketch": (), "subject": "Your parcel"}, Verdict.SPAM),
        ({"recipient": READER}, Verdict.DOUBTFUL),
        ({"leads": ("www.d.example",)}, Verdict.DOUBTFUL),
        ({"message_id": "IDA00001"}, Verdict.DOUBTFUL),
    ],
    ids=["no link", "a link", "no text", "to readers", "a link home", "one message"],
)
def test_a_place_is_no_alibi_for_a_flood_to_strangers(
    address: str, unlike: dict[str, Any], verdict: Verdict
) -> None:
    files = [replace(each, **unlike) for each in flood(60, address=address)]
    assert of(files, past()) == {verdict}


def test_without_a_log_nobody_knows_who_is_a_stranger() -> None:
    assert of(flood(60), []) == {Verdict.DOUBTFUL}


@pytest.mark.parametrize("account", [VICTIM, COLLEAGUE])
def test_a_flood_of_an_account_that_nobody_named_is_a_question(account: str) -> None:
    assert of(flood(60, account), past(), named=()) == {Verdict.DOUBTFUL}


def test_an_account_that_sends_as_many_every_day_is_not_called_a_flood() -> None:
    often = [
        session(VICTIM, OFFICE, BEGAN_S - day * DAY_S + n, VICTIM, f"N{day}{n}")
        for day in range(1, 4)
        for n in range(40)
    ]
    assert of(flood(60), past(*often)) == {Verdict.DOUBTFUL}


def test_a_few_mails_alike_of_her_own_are_good_where_the_attacker_was_outside() -> None:
    few = [mail(n, VICTIM, OFFICE, f"{OWN} {n}") for n in range(1, 9)]
    assert {each.verdict for each in verdicts(*few, log=past())} == {Verdict.GOOD}


def test_the_campaign_begins_at_the_first_mail_of_a_flood() -> None:
    early = [replace(each, at_s=each.at_s - 30 * 3600) for each in flood(30)]
    late = [
        replace(each, message_id=f"L{n}", recipient=f"l{n}@x.example", stem=f"{n:018}")
        for n, each in enumerate(flood(60))
    ]
    assert of([*early, *late], past()) == {Verdict.SPAM}


def test_what_is_alike_is_counted_over_all_places() -> None:
    """Ten mails in webmail and ten at the office are twenty of one sender."""
    files = [
        replace(each, client_address=(WEBMAIL, OFFICE)[number % 2])
        for number, each in enumerate(flood(20))
    ]
    assert of(files, past()) == {Verdict.SPAM}


def test_a_copy_that_the_owner_sent_on_the_road_is_no_spam() -> None:
    copied = mail(1, VICTIM, ROAD, PITCH)
    one, *others = judged([copied, *flood(60)], past())
    assert one.verdict is Verdict.DOUBTFUL
    assert {each.verdict for each in others} == {Verdict.SPAM}


def test_her_different_mails_beside_a_flood_from_her_webmail_are_good() -> None:
    mine = [
        mail(n, VICTIM, OFFICE, " ".join(f"{chr(96 + n)}{chr(96 + k)}wort" for k in range(1, 20)))
        for n in range(1, 6)
    ]
    found = list(judged([*mine, *flood(60)], past()))
    assert {each.verdict for each in found[:5]} == {Verdict.GOOD}


def test_very_many_different_mails_to_strangers_are_a_question() -> None:
    files = [
        mail(
            n,
            VICTIM,
            WEBMAIL,
            " ".join(f"w{chr(97 + n % 26)}{chr(97 + n // 26)}{chr(97 + k)}" for k in range(20)),
        )
        for n in range(40)
    ]
    known = replace(files[0], recipient=READER)
    found = list(judged([*files[1:], known], past()))
    assert {each.verdict for each in found[:-1]} == {Verdict.DOUBTFUL}
    assert found[-1].verdict is Verdict.GOOD
    assert len({each.cluster for each in found[:-1]}) == 1


def test_closing_lines_that_a_whole_company_has_make_no_mailing() -> None:
    closing = " ".join(f"clause{chr(97 + n)}" for n in range(26))
    files = [
        mail(
            100 * who + n,
            f"p{who}@d.example",
            HOME,
            f"{chr(97 + n) * 4} {chr(98 + who) * 3} {closing}",
        )
        for who in range(6)
        for n in range(8)
    ]
    mine = [replace(each, account=VICTIM, sender=VICTIM) for each in files[:4]]
    found = verdicts(*files, *[replace(each, client_address=OFFICE) for each in mine], log=past())
    assert {each.verdict for each in found} == {Verdict.GOOD}


@pytest.mark.parametrize(("has_log", "verdict"), [(True, Verdict.SPAM), (False, Verdict.DOUBTFUL)])
def test_an_address_that_several_people_use_proves_nothing_against_them(
    has_log: bool, verdict: Verdict
) -> None:
    """The worm on one computer of an office sends from the address of all."""
    staff = [
        mail(n, f"{name}@d.example", THIEF, f"{chr(97 + n) * 4} " * 9)
        for n, name in enumerate(("paul", "anna", "jean"), 1)
    ]
    mine = mail(9, VICTIM, THIEF, "tout autre chose pour le devis de madame martin et les plans")
    queue = [*staff, mine, *run_of_spam()]
    judgement = judged(queue, past() if has_log else [])
    found = list(judgement)
    assert Verdict.SPAM not in {each.verdict for each in found[:4]}
    assert {each.verdict for each in found[4:]} == {verdict}
    assert [each.account for each in judgement.stolen] == [VICTIM]


def test_witnesses_who_differ_on_an_address_of_which_the_same_follows_are_no_conflict() -> None:
    logged = session(COLLEAGUE, "86.1.1.2", BEGAN_S + 61, COLLEAGUE, "IDA00001")
    (one,) = verdicts(mail(1, COLLEAGUE, HOME), log=past(logged))
    assert one.verdict is Verdict.GOOD
    assert any("86.1.1.2" in reason for reason in one.reasons)
    logged = session(VICTIM, THIEF, BEGAN_S + 61, VICTIM, "IDA00001")
    (one,) = verdicts(mail(1, VICTIM, OFFICE), log=past(logged))
    assert one.verdict is Verdict.DOUBTFUL


def test_a_few_mails_from_a_strange_network_make_the_same_ones_in_webmail_a_question() -> None:
    named = [replace(each, client_name="durand-pc") for each in past()]
    text = "votre colis attend au depot merci de regler les frais de douane avant ce soir"
    files = [mail(n, COLLEAGUE, WEBMAIL, text) for n in range(1, 6)]
    strange = mail(9, COLLEAGUE, "41.7.7.7", text, client_name="User")
    assert {each.verdict for each in verdicts(*files, log=named)} == {Verdict.GOOD}
    found = verdicts(*files, strange, log=named)
    assert {each.verdict for each in found} == {Verdict.DOUBTFUL}


def test_reasons_count_messages_and_not_files() -> None:
    """One message with thirty recipients lies in the queue as thirty files."""
    files = [spam(1, recipient=f"r{n}@x{n}.example") for n in range(30)]
    files += [spam(5000 + n) for n in range(5)]
    queue = [replace(each, path=f"{n}.tmp".encode()) for n, each in enumerate(files)]
    found = list(judged(queue, past()))
    assert {each.verdict for each in found} == {Verdict.SPAM}
    assert any("6 messages with a sender of another domain" in why for why in found[0].reasons)
