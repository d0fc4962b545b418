"""The remote helper is killed after each of its acts, while the server consumes at once.

Whatever it is written in and wherever it dies: run again, every mail is there exactly once. What
`kill -9` leaves is what is on the disk at that instant, so one traced run is photographed after
every act, and taken up again from each photograph; for each language one kill is a real one.
"""

import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from playbook.mail.survey import Role
from tests.support import killing_tracer
from tests.support.script_sandbox import COMMAND, LANGUAGES, MAIL, Place, encode

FILES = 3


def sight(place: Place) -> tuple[object, ...]:
    """All that an act of the helper can change."""
    folders = (place.staging, place.live, place.sink)
    ledger = place.ledger.stat().st_size if place.ledger.exists() else -1
    return ledger, *(tuple(sorted(entries(folder))) for folder in folders)


def entries(folder: Path) -> Iterator[tuple[str, int, int]]:
    """Name, size and mode of what lies in a folder, where there is one."""
    try:
        with os.scandir(folder) as found:
            for each in found:
                there = each.stat(follow_symlinks=False)
                yield each.name, there.st_size, there.st_mode
    except FileNotFoundError:
        return


def give(place: Place, files: list[Path], after_act: Callable[[int], bool]) -> int:
    """One call of the script; `after_act` is told each act's number and says whether to go on.

    After each act the server consumes what is ready. Returns how many acts there were.
    """
    seen, acts = sight(place), 0

    def goes_on() -> bool:
        nonlocal seen, acts
        if sight(place) == seen:
            return True
        acts += 1
        if not after_act(acts):
            return False
        place.consume()
        seen = sight(place)
        return True

    request = place.request(files)
    given = encode(request)
    try:
        killing_tracer.run(COMMAND, given, place.root.parent, goes_on)
    except (killing_tracer.CannotTrace, PermissionError):
        pytest.skip("this system does not let a process trace its own children")
    return acts


def assert_once(place: Place, files: list[Path], when: object) -> None:
    """Taken up again, every mail is there once, nothing is left over, and the originals stay."""
    place.consume()
    place.give(files)
    place.consume()
    wanted = Counter(MAIL % (number, number) for number in range(FILES))
    assert Counter(place.delivered()) == wanted, when
    assert len(place.entries()) == FILES
    assert not list(place.staging.iterdir())
    assert Counter(path.read_bytes() for path in files) == wanted


@pytest.mark.slow
@pytest.mark.parametrize("role", [Role.OUTGOING, Role.INCOMING])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_mail_is_there_once_after_each_act(tmp_path: Path, language: str, role: Role) -> None:
    place = Place(tmp_path / "place", language, role)
    files = place.mails(FILES)

    def photograph(act: int) -> bool:
        shutil.copytree(place.root, tmp_path / f"act-{act}", symlinks=True)
        return True

    acts = give(place, files, photograph)
    # Each file is begun, copied, written down, renamed, written down again.
    assert acts >= 4 * FILES
    assert_once(place, files, "whole")
    for act in range(1, acts + 1):
        shutil.rmtree(place.root)
        (tmp_path / f"act-{act}").rename(place.root)
        assert_once(place, files, act)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.slow
def test_every_mail_is_there_once_after_a_real_kill_behind_a_rename(
    tmp_path: Path, language: str
) -> None:
    place = Place(tmp_path / "place", language)
    files = place.mails(FILES)
    give(place, files, lambda act: not list(place.live.iterdir()))
    assert len(list(place.live.iterdir())) == 1
    assert_once(place, files, "killed")
