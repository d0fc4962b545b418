"""Verdicts on small queues, each written for one reason."""

from dataclasses import replace

import pytest

from playbook.smtplog.deliveries import Delivery, DeliveryOutcome
from playbook.smtplog.sessions import Login
from playbook.triage.features import Features, FileKind
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


def test_the_thief_is_told_by_where_he_is() -> None:
    (one,) = verdicts(spam(1), log=week())
    assert one.verdict is Verdict.SPAM
    assert one.cluster is None
    said = " ".join(one.reasons)
    assert f"sent as {VICTIM} from {THIEF}, an address not seen for it on the days before" in said
    assert "x1@gmail.example" in said
    assert "about 40 other files of the queue have nearly its text" in said


@pytest.mark.parametrize("address", [OFFICE, WEBMAIL])
def test_the_victims_own_mail_from_where_she_works_is_good(address: str) -> None:
    (one,) = verdicts(mail(1, VICTIM, address), log=week())
    assert one.verdict is Verdict.GOOD


@pytest.mark.parametrize("address", [OFFICE, WEBMAIL])
def test_likeness_alone_makes_doubt(address: str) -> None:
    (one,) = verdicts(mail(1, VICTIM, address, PITCH), log=week())
    assert one.verdict is Verdict.DOUBTFUL
    assert "its text is shared with" in one.reasons[-1]


def test_a_shared_link_makes_doubt_and_a_quoted_one_does_not() -> None:
    one, other = verdicts(
        mail(1, COLLEAGUE, HOME, leads=("evil.example",)),
        mail(2, COLLEAGUE, HOME, quoted_leads=("evil.example",)),
        log=week(),
    )
    assert one.verdict is Verdict.DOUBTFUL
    assert "evil.example" in one.reasons[-1]
    assert other.verdict is Verdict.GOOD


def test_a_link_that_ordinary_mail_has_is_no_sign() -> None:
    ordinary = [mail(n, COLLEAGUE, HOME, leads=("evil.example",)) for n in range(1, 4)]
    assert {each.verdict for each in verdicts(*ordinary, log=week())} == {Verdict.GOOD}


def test_the_victim_on_the_road_is_doubtful_in_one_cluster() -> None:
    one, other = verdicts(mail(1, VICTIM, ROAD), mail(2, VICTIM, ROAD, "x"), log=week())
    assert one.verdict is other.verdict is Verdict.DOUBTFUL
    assert one.cluster == other.cluster is not None


def test_without_a_log_less_is_good_and_nothing_is_guessed() -> None:
    own, colleague = verdicts(mail(1, VICTIM, HOME), mail(2, COLLEAGUE, OFFICE))
    assert own.verdict is Verdict.DOUBTFUL
    assert colleague.verdict is Verdict.GOOD


def test_the_stolen_account_is_found_when_nobody_names_it() -> None:
    judgement = judged(run_of_spam(), week(), named=())
    assert [(each.account, each.was_named) for each in judgement.stolen] == [(VICTIM, False)]
    assert any(VICTIM in caveat for caveat in judgement.caveats)
    assert {each.verdict for each in judgement} == {Verdict.SPAM}


def test_a_second_account_at_the_thiefs_address_is_stolen_too() -> None:
    second = [replace(spam(n), account=COLLEAGUE, sender=COLLEAGUE) for n in range(1, 4)]
    judgement = judged([*run_of_spam(), *second], week())
    assert [each.account for each in judgement.stolen] == [VICTIM, COLLEAGUE]
    assert THIEF in judgement.stolen[1].because
    assert {each.verdict for each in judgement} == {Verdict.SPAM}


def test_an_office_is_not_the_thiefs_though_the_thief_was_there() -> None:
    staff = [
        session(f"s{n}@d.example", OFFICE, BEGAN_S - 3 * DAY_S, f"s{n}@d.example", "")
        for n in (1, 2)
    ]
    files = [spam(n, OFFICE) for n in range(1, 9)] + [mail(20, "s1@d.example", OFFICE)]
    found = verdicts(*files, log=[*week(), *staff])
    assert found[-1].verdict is Verdict.GOOD
    assert Verdict.GOOD not in {each.verdict for each in found[:-1]}


def test_two_accounts_seen_only_during_the_run_make_no_office() -> None:
    log = [
        *week(),
        *(session(f"s{n}@d.example", THIEF, BEGAN_S, f"s{n}@d.example", "") for n in (1, 2)),
    ]
    (one,) = verdicts(spam(1), log=log)
    assert one.verdict is Verdict.SPAM


def test_the_same_mail_from_many_networks_is_the_thief_without_a_forged_sender() -> None:
    files = [
        spam(n, f"{60 + n % 5}.9.1.1", sender=VICTIM, from_address=VICTIM, leads=())
        for n in range(1, 41)
    ]
    judgement = judged(files, week())
    assert {each.verdict for each in judgement} == {Verdict.SPAM}


def test_a_webmail_full_of_one_link_is_doubtful() -> None:
    files = [
        mail(n, VICTIM, WEBMAIL, f"{n} " * 30, leads=("new.example",)) for n in range(2001, 2008)
    ]
    forwarded = mail(2020, COLLEAGUE, HOME, leads=("new.example",))
    found = verdicts(*files, forwarded, log=week())
    assert [each.verdict for each in found] == [Verdict.DOUBTFUL] * 7 + [Verdict.GOOD]
    assert len({each.cluster for each in found[:7]}) == 1


def report(recipient: str, failed: str) -> Features:
    """A notification that the server wrote."""
    plain = mail(1, "", WEBMAIL, recipient=recipient, failed=(failed,), is_report=True)
    return replace(plain, from_address="mailer-daemon@m.example", sketch=())


@pytest.mark.parametrize(
    ("recipient", "failed", "subject", "verdict"),
    [
        ("x1000@gmail.example", "gone@far.example", "", Verdict.SPAM),
        ("x1000@gmail.example", "gone@d.example", "", Verdict.GOOD),
        ("writer@far.example", "gone@d.example", "", Verdict.GOOD),
        ("writer@far.example", "gone@far.example", "", Verdict.DOUBTFUL),
        ("writer@far.example", "gone@far.example", "You won", Verdict.DOUBTFUL),
    ],
)
def test_reports(recipient: str, failed: str, subject: str, verdict: Verdict) -> None:
    queue = [replace(report(recipient, failed), returned_subject=subject)]
    queue += [replace(each, subject="You won") for each in run_of_spam()]
    assert next(iter(judged(queue, week()))).verdict is verdict


def test_a_report_about_spam_that_left_is_known_from_the_log() -> None:
    left = session(VICTIM, THIEF, BEGAN_S + 9, "gone@gmail.example", "IDX00001")
    (one,) = verdicts(report("gone@gmail.example", "a@far.example"), log=[*week(), left])
    assert one.verdict is Verdict.SPAM


@pytest.mark.parametrize("named_in_log", [COLLEAGUE, VICTIM])
def test_two_witnesses_that_disagree_make_doubt(named_in_log: str) -> None:
    entry = session(named_in_log, HOME, BEGAN_S + 61, COLLEAGUE, "IDA00001")
    (one,) = verdicts(mail(1, COLLEAGUE, HOME), log=[*week(), entry])
    assert (one.verdict is Verdict.GOOD) is (named_in_log == COLLEAGUE)
    if one.verdict is not Verdict.GOOD:
        assert VICTIM in one.reasons[0]
        assert COLLEAGUE in one.reasons[0]


def test_a_message_id_used_again_on_another_day_is_no_witness() -> None:
    entry = session(VICTIM, THIEF, BEGAN_S - 3 * DAY_S, VICTIM, "IDA00001")
    (one,) = verdicts(mail(1, COLLEAGUE, HOME), log=[*week(), entry])
    assert one.verdict is Verdict.GOOD


def test_a_file_without_a_block_is_known_by_the_log() -> None:
    entry = session(COLLEAGUE, HOME, BEGAN_S + 61, COLLEAGUE, "IDA00001")
    bare = mail(1, None, HOME, is_authenticated=True, sender=None, from_address=COLLEAGUE)
    (one,) = verdicts(bare, log=[*week(), entry])
    assert one.verdict is Verdict.GOOD
    assert COLLEAGUE in one.reasons[0]


def test_a_file_without_any_witness_is_doubtful() -> None:
    bare = mail(1, None, "", sender=None, from_address=COLLEAGUE)
    (one,) = verdicts(bare, log=week())
    assert one.verdict is Verdict.DOUBTFUL


def test_good_mail_that_may_have_left_is_held_back() -> None:
    delivered = Delivery(BEGAN_S + 70, "", f"{2:018}", "9.9.9.9", DeliveryOutcome.ACCEPTED)
    tried = Delivery(BEGAN_S + 70, "", f"{3:018}", "9.9.9.9", DeliveryOutcome.NOT_ACCEPTED)
    files = [
        mail(1, COLLEAGUE, HOME, is_reserved=True),
        mail(2, COLLEAGUE, HOME),
        mail(3, COLLEAGUE, HOME),
        mail(4, COLLEAGUE, HOME, is_cut=True),
        spam(5, is_reserved=True),
    ]
    found = verdicts(*files, log=[*week(), delivered, tried])
    wanted = [Verdict.DOUBTFUL, Verdict.DOUBTFUL, Verdict.GOOD, Verdict.DOUBTFUL, Verdict.SPAM]
    assert [each.verdict for each in found] == wanted


def test_a_device_and_an_automatic_reply_are_good() -> None:
    device = mail(1, "", "193.251.1.1", sender="erp@d.example")
    reply = mail(2, "", WEBMAIL, from_address=VICTIM)
    assert {each.verdict for each in verdicts(device, reply, log=week())} == {Verdict.GOOD}


@pytest.mark.parametrize("kind", [kind for kind in FileKind if kind is not FileKind.MESSAGE])
def test_what_is_no_message(kind: FileKind) -> None:
    (one,) = verdicts(Features(b"x", kind, 0), log=week())
    assert (one.verdict, one.reasons) == (Verdict.NOT_A_MESSAGE, (kind.value,))


def test_missing_evidence_is_said() -> None:
    assert "no SMTP log" in " ".join(judged(run_of_spam()).caveats)
    assert "no ordinary days" in " ".join(judged(run_of_spam(), week()[:1]).caveats)
    masked = session("", THIEF, BEGAN_S, VICTIM, "")
    log = [replace(masked, login=Login.ACCEPTED)]
    assert "masked" in " ".join(judged(run_of_spam(), log).caveats)
    assert "none stands out" in " ".join(judged([mail(1, COLLEAGUE, HOME)], [], ()).caveats)


def test_an_empty_queue_has_no_verdicts() -> None:
    assert list(judged([])) == []


@pytest.mark.parametrize("name", ["nobody@d.example", "info@elsewhere.example"])
def test_a_wrong_name_does_not_hide_the_stolen_account(name: str) -> None:
    judgement = judged(run_of_spam(), week(), (name,))
    assert {each.verdict for each in judgement} == {Verdict.SPAM}
    assert VICTIM in [each.account for each in judgement.stolen]


def test_an_account_that_forges_from_one_place_is_a_question_and_never_good() -> None:
    forged = [
        mail(number, COLLEAGUE, ROAD, f"{OWN} {number}", sender=f"x{number}@gmail.example")
        for number in range(5)
    ]
    found = verdicts(*forged, log=week())
    assert {each.verdict for each in found} == {Verdict.DOUBTFUL}
    assert len({each.cluster for each in found}) == 1
