"""Verdicts where the attacker hides well, or where the honest look like him."""

from dataclasses import replace
from typing import Any

import pytest

from playbook.smtplog.sessions import Login
from playbook.triage.verdicts import Verdict
from tests.support.queue_builders import (
    BEGAN_S,
    COLLEAGUE,
    DAY_S,
    HOME,
    OFFICE,
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


def test_an_account_that_writes_for_customers_all_week_does_not_date_the_run() -> None:
    shop = [
        session("shop@d.example", ROAD, BEGAN_S - day * DAY_S, f"c{day}@gmail.example", f"S{day}")
        for day in range(1, 7)
    ]
    (one,) = verdicts(mail(1, VICTIM, OFFICE), log=[*week(), *shop])
    assert one.verdict is Verdict.GOOD


def test_login_names_without_a_domain_leave_the_other_own_domains_open() -> None:
    own = {"sender": "paul@e.example", "from_address": "paul@e.example"}
    staff = [
        mail(n, "paul", f"86.{n % 2}.1.1", f"{chr(n + 96) * 3} " * 9, **own) for n in range(1, 31)
    ]
    thief = [spam(1000 + n, account="info", recipient=f"r{n}@gmail.example") for n in range(60)]
    found = list(judged([*staff, *thief], week(), (VICTIM,)))
    assert {each.verdict for each in found[:30]} == {Verdict.GOOD}
    assert {each.verdict for each in found[30:]} == {Verdict.SPAM}


def test_a_few_foreign_senders_of_a_login_that_nothing_names_prove_nothing() -> None:
    shop = [
        mail(n, None, ROAD, is_authenticated=True, sender=f"c{n}@gmail.example") for n in range(4)
    ]
    found = verdicts(*shop, log=week())
    assert {each.verdict for each in found} == {Verdict.DOUBTFUL}


def test_webmail_of_the_named_account_is_hers_though_no_block_or_log_names_her() -> None:
    webmail = {"is_authenticated": True, "from_address": VICTIM, "sender": None}
    files = [
        mail(n, None, WEBMAIL, f"{n} " * 30, leads=("new.example",), **webmail)
        for n in range(2001, 2008)
    ]
    thief = [replace(each, account=None) for each in run_of_spam()]
    found = list(judged([*files, *thief]))[: len(files)]
    assert {each.verdict for each in found} == {Verdict.DOUBTFUL}
    assert {each.account for each in found} == {VICTIM}


def test_webmail_that_echoes_even_one_mail_from_an_unusual_address_is_doubtful() -> None:
    files = [
        mail(1, VICTIM, WEBMAIL, f"{PITCH} as agreed", leads=("rare.example",)),
        mail(2, VICTIM, WEBMAIL, "", leads=("rare.example",)),
        mail(3, VICTIM, ROAD, "an unlike text with one link alone", leads=("rare.example",)),
        mail(4, VICTIM, WEBMAIL),
    ]
    found = verdicts(*files, log=week())
    assert {each.verdict for each in found[:3]} == {Verdict.DOUBTFUL}
    assert found[3].verdict is Verdict.GOOD


def test_an_account_that_forges_widely_from_a_new_address_is_stolen_too() -> None:
    forged = [
        mail(n, COLLEAGUE, ROAD, f"{chr(n + 97) * 3} " * 9, sender=f"x{n}@gmail.example")
        for n in range(25)
    ]
    with_past, without = (
        judged([*forged, *run_of_spam()], week()),
        judged([*forged, *run_of_spam()]),
    )
    assert [each.account for each in with_past.stolen] == [VICTIM, COLLEAGUE]
    assert {each.verdict for each in list(with_past)[:25]} == {Verdict.SPAM}
    assert {each.verdict for each in list(without)[:25]} == {Verdict.DOUBTFUL}


def test_the_same_mail_many_times_from_one_new_address_is_a_question() -> None:
    letter = "cher client nos nouveautes de juillet sont dans la boutique du village a bientot"
    new = [mail(n, COLLEAGUE, ROAD, letter) for n in range(1, 13)]
    usual = [mail(n, COLLEAGUE, HOME, letter) for n in range(1, 13)]
    before = [replace(each, at_s=BEGAN_S - 3 * DAY_S) for each in new]
    for files, verdict in ((new, Verdict.DOUBTFUL), (usual, Verdict.GOOD), (before, Verdict.GOOD)):
        found = verdicts(*files, log=week())
        assert {each.verdict for each in found} == {verdict}
        assert len({each.cluster for each in found}) == 1
    one, *_ = verdicts(mail(90, COLLEAGUE, "37.9.9.9"), *new, log=week())
    assert one.verdict is Verdict.DOUBTFUL


@pytest.mark.parametrize(
    ("unlike", "verdict"),
    [
        ({}, Verdict.SPAM),
        ({"client_name": "Durand-PC"}, Verdict.DOUBTFUL),
        ({"client_name": ""}, Verdict.DOUBTFUL),
        ({"client_address": "86.1.9.9"}, Verdict.DOUBTFUL),
        ({"message_id": "IDA00001"}, Verdict.DOUBTFUL),
        ({"leads": ("news.d.example",)}, Verdict.DOUBTFUL),
        ({"account": "other@d.example"}, Verdict.DOUBTFUL),
        ({"recipient": "customer@shop.example"}, Verdict.DOUBTFUL),
        ({"recipient": "enquirer@shop.example"}, Verdict.DOUBTFUL),
    ],
    ids=[
        "strange",
        "own computer",
        "no name",
        "own network",
        "one message",
        "own link",
        "no past",
        "a customer",
        "an enquirer",
    ],
)
def test_a_flood_to_strangers_from_a_strange_computer_in_a_strange_network_is_the_thief(
    unlike: dict[str, Any], verdict: Verdict
) -> None:
    past = [
        replace(each, client_name="durand-pc", written_to=("customer@shop.example",))
        for each in week()
    ]
    sender = "enquirer@shop.example"
    past.append(session("", "217.1.1.1", BEGAN_S - 2 * DAY_S, sender, "IN1"))
    prize = "felicitations vous avez gagne un bon pour vos achats cliquez avant minuit"
    flood = [
        replace(
            mail(n, COLLEAGUE, "41.7.7.7", f"{prize} {n}", leads=("prize.example",)),
            **{"client_name": "User", **unlike},
        )
        for n in range(2001, 2031)
    ]
    found = verdicts(*flood, log=past)
    assert {each.verdict for each in found} == {verdict}


@pytest.mark.parametrize(
    ("unlike", "verdict"),
    [
        ({}, Verdict.SPAM),
        ({"client_name": "info-pc"}, Verdict.SPAM),
        ({"recipient": "customer@shop.example"}, Verdict.DOUBTFUL),
        ({"message_id": "IDA00001"}, Verdict.DOUBTFUL),
    ],
    ids=["strangers", "own computer", "a customer", "one message"],
)
def test_a_flood_of_the_stolen_account_from_one_address_is_the_thief(
    unlike: dict[str, Any], verdict: Verdict
) -> None:
    past = [
        replace(each, client_name="info-pc", written_to=("customer@shop.example",))
        for each in week()
    ]
    flood = [
        replace(mail(n, VICTIM, ROAD, "", subject="Your parcel"), **unlike)
        for n in range(2001, 2041)
    ]
    assert {each.verdict for each in judged(flood, past)} == {verdict}
    last_days = [each for each in past if (each.first_at_s or 0) >= BEGAN_S - 3 * DAY_S]
    assert {each.verdict for each in judged(flood, last_days)} == {Verdict.DOUBTFUL}


@pytest.mark.parametrize(
    ("client_name", "verdict"), [("durand-pc", Verdict.DOUBTFUL), ("User", Verdict.SPAM)]
)
def test_the_thief_who_copies_a_newsletter_does_not_make_a_thief_of_its_author(
    client_name: str, verdict: Verdict
) -> None:
    past = [replace(each, client_name="durand-pc") for each in week()]
    newsletter = [
        mail(n, COLLEAGUE, "78.9.9.9", PITCH, leads=("evil.example",), client_name=client_name)
        for n in range(1, 9)
    ]
    copies = [spam(n) for n in range(3001, 3061)]
    found = verdicts(*newsletter, *copies, log=past)
    assert {each.verdict for each in found[:8]} == {verdict}


@pytest.mark.parametrize(
    ("client_name", "address", "days", "verdict"),
    [
        ("User", "41.7.7.7", 2, Verdict.DOUBTFUL),
        ("User", "41.7.7.7", 3, Verdict.GOOD),
        ("User", "90.12.7.7", 2, Verdict.GOOD),
        ("info-pc", "41.7.7.7", 2, Verdict.GOOD),
    ],
)
def test_where_a_stranger_tried_the_password_on_two_days_is_not_where_its_owner_works(
    client_name: str, address: str, days: int, verdict: Verdict
) -> None:
    past = [replace(each, client_name="info-pc") for each in week()]
    tried = [
        session(VICTIM, address, BEGAN_S - day * DAY_S, VICTIM, f"TRY{day}")
        for day in range(1, days + 1)
    ]
    past += [replace(each, client_name=client_name.lower()) for each in tried]
    (one,) = verdicts(mail(1, VICTIM, address, client_name=client_name), log=past)
    assert one.verdict is verdict


@pytest.mark.parametrize(
    ("client_name", "address", "verdict"),
    [
        ("info-pc", "90.12.200.9", Verdict.GOOD),
        ("User", "90.12.200.9", Verdict.DOUBTFUL),
        ("info-pc", "41.7.7.7", Verdict.DOUBTFUL),
    ],
)
def test_her_computer_at_a_renewed_address_of_her_provider_is_usual(
    client_name: str, address: str, verdict: Verdict
) -> None:
    renewed = [
        replace(
            session(VICTIM, f"90.12.{day}.9", BEGAN_S - day * DAY_S, VICTIM, f"HOME{day}"),
            client_name="info-pc",
        )
        for day in range(1, 5)
    ]
    (one,) = verdicts(mail(1, VICTIM, address, client_name=client_name), log=[*week(), *renewed])
    assert one.verdict is verdict


def test_where_the_run_came_from_her_network_too_her_computers_name_is_no_proof() -> None:
    past = [replace(each, client_name="info-pc") for each in week()]
    near = [spam(3000 + n, "90.12.99.9") for n in range(5)]
    mine = mail(1, VICTIM, "90.12.200.9", client_name="info-pc")
    one, *_ = verdicts(mine, *near, log=past)
    assert one.verdict is Verdict.DOUBTFUL
    (one,) = verdicts(mine, log=past)
    assert one.verdict is Verdict.GOOD


def test_a_few_mails_alike_from_three_new_networks_are_a_question() -> None:
    letter = "votre colis attend au depot merci de regler les frais de douane avant ce soir"
    files = [mail(n, COLLEAGUE, f"{50 + n}.9.1.1", letter) for n in range(4)]
    assert {each.verdict for each in verdicts(*files, log=week())} == {Verdict.DOUBTFUL}
    assert {each.verdict for each in verdicts(*files[:2], log=week())} == {Verdict.GOOD}


@pytest.mark.parametrize("lead", ["www.d.example", "social.example"])
def test_a_signature_seen_from_many_networks_proves_nothing(lead: str) -> None:
    files = [
        mail(n, VICTIM, f"{60 + n % 5}.9.1.1", f"{chr(n + 96) * 3} " * 9, leads=(lead,))
        for n in range(1, 25)
    ]
    earlier = replace(files[0], at_s=BEGAN_S - 2 * DAY_S)
    found = verdicts(*files, earlier, log=week())
    assert {each.verdict for each in found} == {Verdict.DOUBTFUL}


def test_nameless_forgers_of_the_same_mail_in_many_networks_are_the_thief() -> None:
    files = [
        spam(n, f"{60 + n // 6}.9.1.1", account=None, is_authenticated=True, leads=())
        for n in range(30)
    ]
    files = [replace(each, recipient="r@gmail.example") for each in files]
    assert {each.verdict for each in judged(files)} == {Verdict.SPAM}


def test_webmail_without_text_is_held_against_the_subjects_of_the_run() -> None:
    queue = [mail(n, VICTIM, WEBMAIL, "", subject=s) for n, s in ((1, "You won"), (2, "Re: plans"))]
    queue += [replace(each, subject="You won") for each in run_of_spam()]
    queue += [mail(n, VICTIM, a, "", subject="Taxes") for n, a in ((3, WEBMAIL), (4, ROAD))]
    one, other, *_, third, _ = judged(queue, week())
    assert (one.verdict, other.verdict) == (Verdict.DOUBTFUL, Verdict.GOOD)
    assert third.verdict is Verdict.DOUBTFUL


def test_mail_of_a_list_makes_no_own_domain_a_foreign_one() -> None:
    own: dict[str, Any] = {
        "sender": None,
        "is_authenticated": True,
        "from_address": "p@e.example",
    }
    posts = [
        mail(n, "", WEBMAIL, sender=None, from_address="w@gmail.example", recipient="l@e.example")
        for n in range(1, 9)
    ]
    staff = [mail(n, None, WEBMAIL, **own) for n in range(20, 23)]
    staff += [mail(n, None, HOME, f"{chr(n + 67)} {n}", **own) for n in range(30, 55)]
    thief = [
        spam(1000 + n, account=None, is_authenticated=True, recipient="r@gmail.example")
        for n in range(40)
    ]
    found = list(judged([*posts, *staff, *thief]))
    assert {each.verdict for each in found[: len(posts)]} == {Verdict.GOOD}
    assert Verdict.SPAM not in {each.verdict for each in found[len(posts) : -len(thief)]}
    assert {each.verdict for each in found[-len(thief) :]} == {Verdict.SPAM}


def test_the_victim_who_forwards_the_spam_from_the_road_is_not_the_thief() -> None:
    forwarded = [mail(n, VICTIM, ROAD, f"look {PITCH}", leads=("evil.example",)) for n in range(4)]
    found = verdicts(*forwarded, mail(9, VICTIM, ROAD), log=week())
    assert {each.verdict for each in found} == {Verdict.DOUBTFUL}


def test_an_address_in_use_before_the_run_is_usual_though_names_are_masked() -> None:
    past = [
        replace(session("", HOME, BEGAN_S - day * DAY_S, VICTIM, f"M{day}"), login=Login.ACCEPTED)
        for day in range(1, 6)
    ]
    during = [
        replace(
            session("", THIEF, BEGAN_S + n, f"x{n}@gmail.example", f"IDA{n:05}"),
            login=Login.ACCEPTED,
        )
        for n in range(1, 9)
    ]
    files = [mail(1001, VICTIM, HOME), *(spam(n) for n in range(1, 9))]
    one, *others = judged(files, [*past, *during])
    assert one.verdict is Verdict.GOOD
    assert {each.verdict for each in others} == {Verdict.SPAM}


def test_an_account_that_forges_from_three_new_networks_is_stolen_too() -> None:
    forged = [
        mail(
            n, COLLEAGUE, f"{50 + n % 3}.9.1.1", f"{chr(n + 97) * 3} " * 9, sender=f"x{n}@g.example"
        )
        for n in range(9)
    ]
    found = verdicts(*forged, log=week())
    assert {each.verdict for each in found} == {Verdict.SPAM}


def test_a_nameless_login_that_came_with_the_run_and_only_forged_is_the_thief() -> None:
    one_mail_in_many_files = [
        mail(n, None, ROAD, "", sender=f"x{n % 4}@gmail.example", message_id=f"IDA9000{n % 4}")
        for n in range(30)
    ]
    log = [
        replace(
            session("", ROAD, BEGAN_S + 60, f"x{n}@gmail.example", f"IDA9000{n}"),
            login=Login.ACCEPTED,
        )
        for n in range(4)
    ]
    files = [replace(each, is_authenticated=True) for each in one_mail_in_many_files]
    for past, verdict in ((week(), Verdict.SPAM), ([], Verdict.DOUBTFUL)):
        found = list(judged([*files, *run_of_spam()], [*past, *log]))
        assert {each.verdict for each in found[:30]} == {verdict}
