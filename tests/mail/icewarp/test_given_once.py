"""What was given back is the server's knowledge: no incident gives it back once more."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from playbook.mail.survey import Role
from tests.support.script_sandbox import LANGUAGES, Place, begin

FIRST, SECOND = "20261124-021837-4dfe", "20261125-101010-bbbb"


def kinds(place: Place, files: list[Path]) -> list[str]:
    return [each.kind for each in place.give(files)]


def set_aside_again(place: Place, incident: str) -> list[Path]:
    """The live queue set aside by another incident, whose mails are what was given back."""
    aside = place.root / "mail" / f"_{place.role}.{incident}"
    place.live.rename(aside)
    place.live.mkdir()
    begin(place, incident)
    return sorted(aside.glob("*.tmp"))


def the_same_folder_again(place: Place, files: list[Path]) -> tuple[list[Path], int]:
    begin(place, SECOND, aside=place.aside)
    return files, 2


def the_folder_under_another_name(place: Place, files: list[Path]) -> tuple[list[Path], int]:
    moved = place.aside.rename(place.root / "mail" / "found-by-a-colleague")
    begin(place, SECOND, aside=moved)
    return [moved / each.name for each in files], 2


def a_copy_of_the_folder(place: Place, files: list[Path]) -> tuple[list[Path], int]:
    copy = shutil.copytree(place.aside, place.root / "mail" / "copied")
    begin(place, SECOND, aside=copy)
    return [copy / each.name for each in files], 2


def copies_that_wait_set_aside(place: Place, files: list[Path]) -> tuple[list[Path], int]:
    """They did not leave: once each from the new folder, and never again from the old one."""
    return set_aside_again(place, SECOND), 2


def the_old_folder_after_the_copies(place: Place, files: list[Path]) -> tuple[list[Path], int]:
    assert kinds(place, set_aside_again(place, SECOND)) == ["published"] * 2
    begin(place, "20261126-101010-cccc", aside=place.root / "mail" / f"_{place.role}.{FIRST}")
    return files, 2


def copies_of_copies_set_aside(place: Place, files: list[Path]) -> tuple[list[Path], int]:
    assert kinds(place, set_aside_again(place, SECOND)) == ["published"] * 2
    return set_aside_again(place, "20261126-101010-cccc"), 2


def after_the_first_was_closed(place: Place, files: list[Path]) -> tuple[list[Path], int]:
    place.ask("change/forget_incident")
    begin(place, SECOND, aside=place.aside)
    return files, 2


CASES = [
    (the_same_folder_again, "already"),
    (the_folder_under_another_name, "already"),
    (a_copy_of_the_folder, "already"),
    (copies_that_wait_set_aside, "published"),
    (the_old_folder_after_the_copies, "already"),
    (copies_of_copies_set_aside, "published"),
    (after_the_first_was_closed, "already"),
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("again", "said"), CASES, ids=[each.__name__ for each, _ in CASES])
def test_what_was_given_back_is_not_given_again(
    tmp_path: Path,
    again: Callable[[Place, list[Path]], tuple[list[Path], int]],
    said: str,
    language: str,
) -> None:
    place = Place(tmp_path / "place", language)
    files = [path for path in place.mails(2) if path.parent == place.aside]
    assert kinds(place, files) == ["published"] * 2
    there, count = again(place, files)
    before = len(list(place.delivered()))
    assert kinds(place, there) == [said] * count
    assert len(list(place.delivered())) - before == (count if said == "published" else 0)
    assert kinds(place, there) == [said] * count
    assert all(path.exists() for path in there)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_languages_know_what_another_gave_back(tmp_path: Path, language: str) -> None:
    place = Place(tmp_path / "place", language)
    files = place.mails(2)
    kinds(place, files)
    begin(place, SECOND, aside=place.aside)
    for other in LANGUAGES:
        place.language = other
        records = place.give(files)
        assert {(each.kind, each.fields[1]) for each in records} == {("already", FIRST)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_two_files_of_one_content_in_one_folder_are_two(tmp_path: Path, language: str) -> None:
    place = Place(tmp_path / "place", language)
    files = place.mails(2)
    files[1].write_bytes(files[0].read_bytes())
    assert kinds(place, files) == ["published"] * 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_pairs_of_one_message_with_two_envelopes_are_two(tmp_path: Path, language: str) -> None:
    place = Place(tmp_path / "place", language, Role.INCOMING)
    files = place.mails(1)
    assert kinds(place, files) == ["published"]
    begin(place, SECOND)
    other = place.aside / files[0].name
    other.write_bytes(files[0].read_bytes())
    other.with_suffix(".dat").write_bytes(b"another envelope")
    assert kinds(place, [other]) == ["published"]
    other.with_suffix(".dat").write_bytes(files[0].with_suffix(".dat").read_bytes())


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_was_written_down_and_never_made_ready_is_not_given_back(
    tmp_path: Path, language: str
) -> None:
    place = Place(tmp_path / "place", language)
    files = place.mails(1)
    kinds(place, files)
    lines = [each for each in place.ledger.read_text().splitlines() if "ready" not in each]
    place.ledger.write_text("\n".join([each for each in lines if "published" not in each]) + "\n")
    for path in place.live.iterdir():
        path.unlink()
    assert kinds(place, files) == ["published"]


def test_what_lay_in_staging_at_the_end_was_not_given_back(tmp_path: Path) -> None:
    place = Place(tmp_path / "place", "perl")
    files = place.mails(2)
    kinds(place, files)
    # As a cut between "ready" and the rename leaves it.
    next(place.live.glob("*0001.tmp")).rename(place.staging / "2")
    place.drop_lines("published 2")
    place.ask("change/forget_incident")
    assert not place.staging.exists()
    begin(place, SECOND, aside=place.aside)
    assert kinds(place, files) == ["already", "published"]
