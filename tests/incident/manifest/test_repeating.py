"""A sorting that is made again, here or on a colleague's machine: what was decided holds."""

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from playbook.incident.manifest import decisions
from playbook.incident.manifest.repeating import repeat
from playbook.incident.manifest.store import Manifest
from playbook.incident.records import Said
from playbook.review.session import ReviewSession
from playbook.review.titles import title
from playbook.triage.features import Features
from playbook.triage.judgement import Judged
from playbook.triage.verdicts import Verdict
from tests.support.doubtful_incident import SORTING, doubtful, opened

Pairs = Iterable[tuple[Features, Judged]]


def decide(session: ReviewSession, name: str, verdict: Verdict) -> None:
    session.decide(next(each for each in session.clusters() if title(each) == name), verdict)


def once(session: ReviewSession) -> None:
    decide(session, "alpha", Verdict.GOOD)


def twice(session: ReviewSession) -> None:
    decide(session, "alpha", Verdict.GOOD)
    decide(session, "alpha", Verdict.SPAM)


def back_to_the_first(session: ReviewSession) -> None:
    twice(session)
    session.undo()


def taken_back(session: ReviewSession) -> None:
    twice(session)
    session.reopen(session.clusters()[0])


def split(session: ReviewSession) -> None:
    session.split(session.clusters()[0], "subject")
    decide(session, "alpha / subject 1: Offer 0", Verdict.GOOD)
    decide(session, "gamma", Verdict.SPAM)


def split_of_a_split(session: ReviewSession) -> None:
    split(session)
    session.split(
        next(each for each in session.clusters() if title(each) == "alpha / subject 2: Offer 1"),
        "day",
    )
    decide(session, "alpha / subject 2: Offer 1 / day 1: 2024-10-04", Verdict.SPAM)


def joined(session: ReviewSession) -> None:
    session.split(session.clusters()[0], "subject")
    decide(session, "alpha / subject 1: Offer 0", Verdict.GOOD)
    session.undo()
    session.undo()
    decide(session, "alpha", Verdict.SPAM)


def sorted_again(session: ReviewSession, pairs: Pairs, path: Path | None = None) -> Manifest:
    manifest = Manifest(path)
    manifest.begin()
    (folder,) = {each.folder for each in session.manifest.files(Verdict.DOUBTFUL)} or {"/queue"}
    manifest.fill("outgoing", folder, pairs)
    repeat(manifest, records(session))
    manifest.seal()
    return manifest


def records(session: ReviewSession) -> tuple[Said, ...]:
    return tuple(each.said for each in session.case.journal.records)


@pytest.mark.parametrize(
    "reviewed", [once, twice, back_to_the_first, taken_back, split, split_of_a_split, joined]
)
def test_another_sorting_of_the_same_files_stands_as_the_first_did(
    tmp_path: Path, reviewed: Callable[[ReviewSession], None]
) -> None:
    session = opened(tmp_path)
    reviewed(session)
    wanted = decisions.clusters(session.manifest)
    again = sorted_again(session, SORTING)
    assert decisions.clusters(again) == wanted
    assert again.digest() == session.manifest.digest()
    repeat(again, records(session))
    assert decisions.clusters(again) == wanted, "repeating is no change"


ONE_IS_ANOTHER = (*SORTING[:3], doubtful(99, "alpha", subject="Offer 1"), *SORTING[4:])


@pytest.mark.parametrize("pairs", [ONE_IS_ANOTHER, SORTING[1:], (*SORTING, doubtful(9, "alpha"))])
def test_other_files_under_the_same_name_are_in_doubt_again(tmp_path: Path, pairs: Pairs) -> None:
    session = opened(tmp_path)
    once(session)
    decide(session, "gamma", Verdict.SPAM)
    again = sorted_again(session, pairs)
    decided = {each.key.kind: each.decided for each in decisions.clusters(again)}
    assert decided == {"alpha": None, "beta": None, "gamma": Verdict.SPAM}


def test_what_was_given_back_is_neither_doubted_nor_counted_twice(tmp_path: Path) -> None:
    session = opened(tmp_path)
    again = sorted_again(session, SORTING)
    again.mark("outgoing", [features.path for features, _ in SORTING[:5]], "published")
    counts = again.counts()
    assert (counts.given, counts.good, counts.doubtful) == (5, 5, 2)
    later = ReviewSession(session.case, again, "bob")
    assert {title(each): each.files for each in later.clusters()} == {"beta": 1, "gamma": 1}
    decide(later, "beta", Verdict.SPAM)
    assert again.counts().given == again.counts().good == 5
