"""The two steps that give mail back, on readings made by hand."""

from dataclasses import replace

import pytest

from playbook.engine.findings import (
    AccountsClosed,
    CompromisedAccounts,
    ListedAddresses,
    QueueInOrder,
    QueuesSetAside,
)
from playbook.engine.inputs import ClosedElsewhere, Pace
from playbook.incident.manifest.store import Manifest
from playbook.incident.manifest.values import Counts
from playbook.mail.actions import EmptyFolderRemoved, MailReinjected
from playbook.mail.reinjection import Answered, ReinjectionState
from playbook.mail.survey import Role
from playbook.plan import Irreversible
from steps.reinject_good_mail import GoodMailState, ReinjectGoodMail
from steps.repair_incoming import IncomingMailState, RepairIncoming
from steps.shared.reinjection import GoodQueue

ASIDE, RETRY = "/srv/mail/_outgoing.CASE", "/var/retry.CASE"
CLOSED = AccountsClosed((("info@domaine.example", "password"),))
BLOCKED = "554 5.7.1 Service unavailable; Client host [192.0.2.7] blocked using a list"


def step(**more: object) -> ReinjectGoodMail:
    made = ReinjectGoodMail(QueuesSetAside(()), Manifest(), Pace(), CLOSED, None, None, None)
    return replace(made, **more)  # type: ignore[arg-type]


def state(left: int = 90, retry: int = 30, **given: object) -> GoodMailState:
    return GoodMailState(
        running=True,
        folder="/srv/mail/_outgoing",
        whole=True,
        digest="d" * 64,
        queues=(
            GoodQueue(Role.OUTGOING, ASIDE, 100, left),
            GoodQueue(Role.RETRY, RETRY, 30, retry),
        ),
        given=ReinjectionState(**given),  # type: ignore[arg-type]
    )


def actions(plan_of: GoodMailState, made: ReinjectGoodMail | None = None) -> list[MailReinjected]:
    changes = (made or step()).plan(plan_of).changes
    assert all(isinstance(each.undo, Irreversible) for each in changes)
    return [each.do for each in changes if isinstance(each.do, MailReinjected)]


def test_ten_go_first() -> None:
    (canary,) = actions(state(left=100))
    assert (canary.count, canary.canary, canary.aside) == (10, True, ASIDE)
    assert "Give 10 good mails" in str(canary)
    assert "(list dddddddddddd)" in str(canary)


def test_a_canary_that_was_cut_is_filled_up() -> None:
    assert [each.count for each in actions(state(left=96, published=4, accepted=4))] == [6]


def test_the_rest_goes_when_the_first_were_answered() -> None:
    rest = actions(state(published=10, accepted=4, deferred=1, untried=5))
    assert [(each.count, each.aside, each.per_minute) for each in rest] == [
        (90, ASIDE, 60),
        (30, RETRY, 60),
    ]


def test_a_canary_that_nobody_took_stops_it() -> None:
    plan = step().plan(state(published=10, accepted=4, untried=6))
    assert plan.changes == ()
    assert plan.fails
    assert "Of the first 10 mails 4 were answered" in plan.fails.what


def test_three_refusals_of_our_address_stop_it_with_their_texts() -> None:
    said = tuple(Answered(str(n), f"192.0.2.{n}", BLOCKED, of_us=True) for n in range(3))
    other = Answered("9", "192.0.2.9", "550 5.1.1 User unknown", of_us=False)
    two = step().plan(state(published=10, accepted=7, refused=3, refusals=(*said[:2], other)))
    assert two.changes
    plan = step().plan(state(published=10, accepted=7, refused=3, refusals=said))
    assert plan.changes == ()
    assert plan.fails
    assert BLOCKED in plan.fails.what


def test_after_a_person_went_on_the_first_ones_go_again() -> None:
    (canary,) = actions(state(published=10, accepted=2, refused=8, refused_before=8))
    assert (canary.count, canary.canary) == (8, True)
    again = state(left=80, published=18, accepted=9, refused=9, refused_before=8)
    assert [each.canary for each in actions(again)] == [False, False]


def test_what_waits_and_what_was_kept_is_owed_until_it_is_not() -> None:
    some = state(left=0, retry=0, published=129, accepted=126, untried=3, waiting=("1.tmp",))
    plan = step().plan(replace(some, given=replace(some.given, kept=1, kept_why=("2: changed",))))
    assert [each.key for each in plan.owes] == ["given-back:waiting", "given-back:kept"]
    plan = step().plan(state(left=0, retry=0, published=130, accepted=130))
    assert (plan.changes, plan.owes) == ((), ())
    assert plan.pays == ("given-back:waiting", "given-back:kept")
    assert "130 of 130 good mails are given back: 130 accepted" in plan.because


@pytest.mark.parametrize(
    ("made", "seen", "words"),
    [
        (step(), replace(state(), running=False), "SMTP is not up"),
        (step(), replace(state(), whole=False), "not sorted"),
        (step(closed=None), state(), "not closed"),
        (step(listed=ListedAddresses(("192.0.2.7 on zen",), ())), state(), "192.0.2.7 on zen"),
    ],
)
def test_it_refuses(made: ReinjectGoodMail, seen: GoodMailState, words: str) -> None:
    plan = made.plan(seen)
    assert plan.refuses
    assert words in plan.refuses.what


def test_another_stolen_account_is_not_owed_once_its_own_incident_closed_it() -> None:
    made = step(elsewhere=ClosedElsewhere(("Compta@domaine.example",)))
    for seen in (state(left=0, retry=0, published=130, accepted=130), replace(state(), queues=())):
        assert "suspect:compta@domaine.example" in made.plan(seen).pays
    assert step().plan(replace(state(), queues=())).pays == ()


def test_nothing_to_give_back_holds() -> None:
    none = replace(state(), queues=())
    assert step().plan(none).refuses is None
    assert step().plan(none).changes == ()


def incoming(left: int, *, empty: bool = False) -> IncomingMailState:
    aside = "/srv/mail/_incoming.CASE"
    return IncomingMailState(
        running=True,
        folder="/srv/mail/_incoming",
        whole=True,
        digest="d" * 64,
        queues=(GoodQueue(Role.INCOMING, aside, 5, left),),
        empty=(aside,) if empty else (),
        orphans=2,
        orphan_names=("1.dat", "2.tmp"),
        given=ReinjectionState(5 - left, 5 - left),
    )


def test_pairs_go_back_and_halves_are_listed() -> None:
    repair = RepairIncoming(QueuesSetAside(()), Manifest(), Pace(), CLOSED)
    (change,) = repair.plan(incoming(5)).changes
    assert str(change.do).startswith("Give 5 good pairs")
    done = repair.plan(incoming(0))
    assert done.changes == ()
    assert "5 good pairs are given back; 2 halves stay aside (1.dat, 2.tmp)" in done.because


def test_the_removal_of_an_empty_folder_is_only_offered() -> None:
    repair = RepairIncoming(QueuesSetAside(()), Manifest(), Pace(), CLOSED)
    (change,) = repair.plan(incoming(0, empty=True)).changes
    assert isinstance(change.do, EmptyFolderRemoved)
    assert change.offered


def test_a_stolen_account_that_nobody_named_is_said_before_anything_goes_back() -> None:
    named = CompromisedAccounts(("info@domaine.example",))
    found = QueueInOrder(Counts(), ("INFO@domaine.example", "compta@domaine.example"))
    plan = step(stolen=named, sorted=found).plan(state())
    assert plan.refuses
    assert plan.refuses.overridable
    assert "compta@domaine.example looks stolen too" in plan.refuses.what
    assert (
        step(stolen=named, sorted=QueueInOrder(Counts(), named.addresses)).plan(state()).refuses
        is None
    )
