"""A watch reads the log whole, remembers what it saw, and says what it could not see."""

import base64
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from playbook.detection.signs import logins, nameless_logins
from playbook.hosts.host import IceWarpOverrides
from playbook.mail.icewarp.reader import IceWarpReader
from playbook.mail.icewarp.variables import service_values
from playbook.mail.icewarp.watching import Watch
from playbook.mail.survey import Activity
from playbook.transports.base import ReadOnly, Value
from playbook.transports.frame import ScriptRecord
from playbook.transports.local import Local
from tests.support.surveys import ACCOUNT, SURVEY

NAME = base64.b64encode(ACCOUNT.encode())
NOISE = b"198.51.100.7 [0B] 10:00:00 <<< RCPT TO:<somebody@else.example>\r\n" * 1000


def login(name: bytes = NAME) -> bytes:
    """The lines of a session that logs in."""
    said = (
        b"Connected",
        b"<<< EHLO there",
        b"<<< AUTH LOGIN",
        b">>> 334 VXNlcm5hbWU6",
        b"<<< " + name,
        b">>> 334 UGFzc3dvcmQ6",
        b"<<< ***",
        b">>> 235 2.0.0 Authentication successful",
        b"Disconnected",
    )
    return b"".join(b"203.0.113.9 [0A] 10:00:01 %s\r\n" % each for each in said)


class Place:
    """The logs and the queue of a server, and a watch over them."""

    def __init__(self, root: Path) -> None:
        self.log = root / "logs" / "smtp" / "s20260101-00.log"
        self.log.parent.mkdir(parents=True)
        self.log.write_bytes(NOISE)
        self.queue = root / "_outgoing"
        self.queue.mkdir()
        self.seen = replace(
            SURVEY,
            logs=str(root / "logs"),
            folders=(replace(SURVEY.folders[0], target=str(self.queue)),),
        )

    def watch(self, *between: Callable[[], object]) -> Activity:
        """The first look, and a slice after each of what happens in between."""
        overrides = IceWarpOverrides(smtp_port=1)
        reader = IceWarpReader(ReadOnly(Local(elevate=False)), overrides)
        watch = Watch(reader.ask, self.seen, service_values(self.seen, overrides), ("", "0"))
        watch.slice(0)
        for happens in between:
            happens()
            watch.slice(0)
        return watch.seen(90, skipped=False)

    def grows(self, *pieces: bytes, log: Path | None = None) -> None:
        with (log or self.log).open("ab") as file:
            file.writelines(pieces)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def names(seen: Activity) -> int:
    return len(logins(seen.sessions, (ACCOUNT,)))


def test_a_login_in_a_log_that_grows_is_seen_and_nothing_is_hidden(place: Place) -> None:
    seen = place.watch(lambda: place.grows(login()), lambda: place.grows(NOISE))
    assert (names(seen), seen.blind) == (1, ())


def test_a_flood_between_two_looks_is_read_whole(place: Place) -> None:
    seen = place.watch(lambda: place.grows(NOISE * 60, login(), NOISE * 60))
    assert (names(seen), seen.blind) == (1, ())


def test_a_log_that_is_rotated_is_read_to_its_end_and_the_new_one_too(place: Place) -> None:
    new = place.log.with_name("s20260101-01.log")

    def rotates() -> None:
        place.grows(login())
        place.grows(login(), log=new)

    seen = place.watch(rotates, lambda: place.grows(login(), log=new))
    assert (names(seen), seen.blind) == (3, ())


def test_a_log_that_is_shorter_than_it_was_is_a_gap(place: Place) -> None:
    seen = place.watch(lambda: place.log.write_bytes(login()))
    assert names(seen) == 1
    assert [each.partition(" ")[2] for each in seen.blind] == [
        "bytes of the SMTP log could not be read"
    ]


def test_a_log_that_is_gone_is_a_gap(place: Place) -> None:
    seen = place.watch(place.log.unlink)
    assert any("could not be read" in each for each in seen.blind)


@pytest.mark.parametrize("is_there", [True, False])
def test_a_log_that_does_not_grow_shows_nothing(place: Place, is_there: bool) -> None:
    if not is_there:
        place.log.unlink()
    seen = place.watch(lambda: None)
    assert seen.blind == ("the SMTP log did not grow, though SMTP was connected to",)


@pytest.mark.parametrize("kind", ["0", "2"])
def test_a_log_without_logins_shows_nothing_though_it_grows(place: Place, kind: str) -> None:
    place.seen = replace(place.seen, settings=(("c_system_log_services_smtp", kind),))
    seen = place.watch(lambda: place.grows(NOISE))
    assert len(seen.blind) == 1
    assert f"c_system_log_services_smtp is {kind}" in seen.blind[0]


def test_a_masked_login_is_counted_though_it_is_nobodys(place: Place) -> None:
    seen = place.watch(lambda: place.grows(login(b"***")))
    assert (names(seen), nameless_logins(seen.sessions)) == (0, 1)


def test_a_queue_file_that_was_sent_before_the_next_look_is_remembered(place: Place) -> None:
    mail = place.queue / "1.tmp"
    letter = f"original sender: {ACCOUNT}\n\nbody\n"
    seen = place.watch(lambda: mail.write_text(letter), mail.unlink)
    assert [count for name, count in seen.queued if name == ACCOUNT] == [1]


def test_more_than_is_sent_at_once_is_said(place: Place) -> None:
    answer = (
        ScriptRecord("module", ("smtp", "7", "yes", "")),
        ScriptRecord("log_end", ("/logs/a.log", "900")),
        ScriptRecord("gap", ("/logs/a.log", "800")),
    )

    def ask(name: str, values: Mapping[str, Value], deadline_s: float) -> tuple[ScriptRecord, ...]:
        return answer

    watch = Watch(ask, SURVEY, {}, ("/logs/a.log", "0"))
    watch.slice(5)
    assert "800 bytes of the SMTP log could not be read" in watch.seen(5, skipped=False).blind
