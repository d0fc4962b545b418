"""Which accounts look compromised, and the reasons given."""

import time

import pytest

from playbook.detection.suspects import find_suspects
from playbook.smtplog.sessions import Login, Session, Submission
from playbook.triage.detection import find_campaign
from playbook.triage.domains import SenderDomains
from playbook.triage.history import learn

START_S = 1_373_870_000


def session(
    account: str, address: str, at_s: int, *senders: str, login: Login = Login.ACCEPTED
) -> Session:
    submissions = tuple(Submission(at_s, sender, 5, f"ID{at_s}", "OK") for sender in senders)
    return Session(address, "0A", at_s, at_s + 9, account, login, True, submissions)


def staff() -> list[Session]:
    return [
        session(f"p{n}@d.example", "90.0.0.1", START_S + day * 86_400, f"p{n}@d.example")
        for n in range(6)
        for day in range(4)
    ]


def test_forged_senders_from_many_addresses_stand_out() -> None:
    thief = [
        session("p1@d.example", f"41.2.{n}.9", START_S + 300_000 + n, f"x{n}@gmail.example")
        for n in range(30)
    ]
    first, *others = find_suspects(staff() + thief)
    assert first.account == "p1@d.example"
    assert first.is_strong
    assert (first.forged_senders, first.addresses) == (30, 31)
    assert "30 different, mostly at gmail.example" in first.reasons[0]
    assert "31 addresses, 30 of them new" in first.reasons[1]
    assert all(not other.reasons for other in others)


def test_one_forged_sender_again_and_again_is_enough() -> None:
    thief = [
        session("p1@d.example", "41.2.3.9", START_S + n, "mr@gmail.example") for n in range(40)
    ]
    assert find_suspects(staff() + thief)[0].is_strong


@pytest.mark.parametrize("networks", [1, 2])
@pytest.mark.parametrize("messages", [19, 20])
@pytest.mark.parametrize("is_foremost", [True, False])
def test_the_sorting_and_the_identification_judge_forged_senders_alike(
    networks: int, messages: int, *, is_foremost: bool
) -> None:
    seen = [
        session("p1@d.example", f"41.{n % networks}.3.9", START_S + n, "mr@gmail.example")
        for n in range(messages)
    ]
    if not is_foremost:
        seen += [
            session("p2@d.example", "42.2.3.9", START_S + n, "mr@gmail.example") for n in range(99)
        ]
    found = {each.account: each for each in find_suspects(staff() + seen)}
    domains = SenderDomains(frozenset({"d.example"}), None)
    campaign = find_campaign(learn(staff() + seen).habits, (), domains, has_history=False)
    assert found["p1@d.example"].is_strong is campaign.is_stolen("p1@d.example")


def test_a_newsletter_is_volume_and_no_more() -> None:
    letter = [
        session("news@d.example", "90.0.0.1", START_S + n, "news@d.example") for n in range(400)
    ]
    first = find_suspects(staff() + letter)[0]
    assert first.account == "news@d.example"
    assert not first.is_strong
    assert first.reasons


def test_a_colleague_in_the_senders_domain_is_not_forged() -> None:
    shared = [session("p1@d.example", "90.0.0.1", START_S, f"p{n}@d.example") for n in range(9)]
    assert find_suspects(staff() + shared)[0].forged_senders == 0


def test_refused_logins_say_nothing() -> None:
    guesses = [
        session("p1@d.example", f"41.2.{n}.9", START_S, login=Login.REFUSED) for n in range(99)
    ]
    assert all(not suspect.reasons for suspect in find_suspects(staff() + guesses))


def test_queue_files_count_also_under_a_bare_name() -> None:
    suspects = find_suspects(staff(), {"p1": 900, "p2@d.example": 3, "": 40})
    first = suspects[0]
    assert (first.account, first.queued) == ("p1@d.example", 900)
    assert first.reasons == ("is the original sender of 900 queue files",)
    assert not first.is_strong


def test_no_evidence_is_an_answer() -> None:
    assert find_suspects([]) == ()
    assert [each.reasons for each in find_suspects(staff())] == [()] * 6


def test_linear_in_the_log() -> None:
    def cost_s(count: int) -> float:
        sessions = [
            session(f"p{n % 900}@d.example", f"9.9.{n % 99}.{n % 250}", n, f"x{n}@e.example")
            for n in range(count)
        ]
        started_s = time.perf_counter()
        find_suspects(sessions, {f"p{n}": 1 for n in range(900)})
        return time.perf_counter() - started_s

    cost_s(1000)
    assert cost_s(40_000) < 10 * 3 * max(cost_s(4_000), 0.001)
