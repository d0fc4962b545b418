"""The review screen, key by key, without a terminal."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import OptionList, Static

from playbook.errors import LineLost
from playbook.mail.icewarp.formats.queue_file import parse_message
from playbook.mail.icewarp.formats.samples import LocalSamples
from playbook.mail.server import Samples
from playbook.review.questions import Parting, Reading, Sure
from playbook.review.samples import NoSamples
from playbook.review.screen import MANY_FILES, ReviewApp
from playbook.review.session import ReviewSession
from playbook.review.titles import title
from playbook.triage.messages import QueueMessage
from playbook.triage.verdicts import Verdict
from tests.support.doubtful_incident import again, doubtful, opened

Script = Callable[[ReviewApp, Pilot[None]], Awaitable[None]]


class Clock:
    """Time that passes by a second at each look, or stands still."""

    def __init__(self) -> None:
        self.now = 0.0
        self.stands = False

    def __call__(self) -> float:
        self.now += 0.0 if self.stands else 1.0
        return self.now


def on_screen(
    session: ReviewSession,
    script: Script,
    samples: Samples | None = None,
    size: tuple[int, int] = (80, 24),
    clock: Clock | None = None,
) -> None:
    async def play() -> None:
        app = ReviewApp(session, samples or LocalSamples(), clock or Clock())
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            await script(app, pilot)

    asyncio.run(play())


def text_of(app: ReviewApp, name: str) -> str:
    return str(app.screen.query_one(name, Static).render())


def decided(session: ReviewSession) -> dict[str, str]:
    return {title(each): each.decided.value for each in session.clusters() if each.decided}


async def arrived(app: ReviewApp, pilot: Pilot[None], words: str) -> None:
    for _ in range(200):
        if words in text_of(app, "#text"):
            return
        await pilot.pause(0.02)
    raise AssertionError(text_of(app, "#text"))


def test_deciding_begins_at_once_and_goes_on_to_the_next(tmp_path: Path) -> None:
    session = opened(tmp_path)

    async def script(app: ReviewApp, pilot: Pilot[None]) -> None:
        assert "4 files" in text_of(app, "#facts")
        assert "0 of 3 clusters" in text_of(app, "#progress")
        await pilot.press("s")
        assert decided(session) == {"alpha": "spam"}
        assert "2 files" in text_of(app, "#facts")
        await pilot.press("g")
        assert "alpha" not in text_of(app, "#told")
        assert "1 file" in text_of(app, "#facts")
        await pilot.press("s")
        assert "3 of 3 clusters decided, 7 of 7 files" in text_of(app, "#progress")

    on_screen(session, script)
    assert decided(again(tmp_path)) == {"alpha": "spam", "beta": "good", "gamma": "spam"}


def test_undo_shows_what_was_taken_back(tmp_path: Path) -> None:
    session = opened(tmp_path)

    async def script(app: ReviewApp, pilot: Pilot[None]) -> None:
        await pilot.press("s", "g", "u")
        assert decided(session) == {"alpha": "spam"}
        assert "beta: good taken back" in text_of(app, "#told")
        assert "2 files" in text_of(app, "#facts")
        await pilot.press("u", "u")
        assert decided(session) == {}
        assert "Nothing is left to undo" in text_of(app, "#told")

    on_screen(session, script)


def test_later_comes_last_and_round_again(tmp_path: Path) -> None:
    async def script(app: ReviewApp, pilot: Pilot[None]) -> None:
        await pilot.press("l")
        assert "2 files" in text_of(app, "#facts")
        await pilot.press("s", "s")
        assert "4 files" in text_of(app, "#facts")
        await pilot.press("s")
        assert "3 of 3" in text_of(app, "#progress")

    on_screen(opened(tmp_path), script)


def test_moving_shows_without_deciding(tmp_path: Path) -> None:
    session = opened(tmp_path)

    async def script(app: ReviewApp, pilot: Pilot[None]) -> None:
        for key, files in (
            ("j", "2 files"),
            ("down", "1 file"),
            ("down", "1 file"),
            ("k", "2 files"),
            ("up", "4 files"),
            ("up", "4 files"),
            ("n", "2 files"),
        ):
            await pilot.press(key)
            assert text_of(app, "#facts").startswith(files), key
        await pilot.press("s", "up")
        assert text_of(app, "#facts").startswith("2 files   decided: spam")
        assert app.query_one("#clusters", OptionList).highlighted == 1
        await pilot.press("g")
        assert decided(session) == {"beta": "good"}

    on_screen(session, script)


def test_good_of_very_many_files_is_asked_twice_and_spam_is_not(tmp_path: Path) -> None:
    session = opened(tmp_path)
    many = [doubtful(n, "many") for n in range(MANY_FILES)]
    session.manifest.fill("outgoing", str(tmp_path / "queue"), many)

    async def script(app: ReviewApp, pilot: Pilot[None]) -> None:
        for no in ("n", "escape", "enter", "g"):
            await pilot.press("g")
            assert isinstance(app.screen, Sure)
            await pilot.press(no)
            assert decided(session) == {}
            assert "Nothing was decided" in text_of(app, "#told")
        await pilot.press("g", "y")
        assert decided(session) == {"many": "good"}
        await pilot.press("s")
        assert decided(session) == {"many": "spam"}

    on_screen(session, script)


def test_a_key_that_is_held_down_decides_one_cluster(tmp_path: Path) -> None:
    session, clock = opened(tmp_path), Clock()

    async def script(app: ReviewApp, pilot: Pilot[None]) -> None:
        clock.now += 1
        clock.stands = True
        await pilot.press(*["g"] * 9)
        assert len(decided(session)) == 1

    on_screen(session, script, clock=clock)


def test_a_cluster_is_split_from_the_screen(tmp_path: Path) -> None:
    session = opened(tmp_path)

    async def script(app: ReviewApp, pilot: Pilot[None]) -> None:
        await pilot.press("p")
        assert isinstance(app.screen, Parting)
        await pilot.press("1")
        assert isinstance(app.screen, Parting), "all senders are the same"
        await pilot.press("escape", "p", "2")
        assert "Split by subject into 2 clusters" in text_of(app, "#told")
        assert "0 of 4 clusters" in text_of(app, "#progress")
        await pilot.press("s")
        assert list(decided(session)) == ["alpha / subject 1: Offer 0"]
        await pilot.press("u", "u")
        assert "0 of 3 clusters" in text_of(app, "#progress")

    on_screen(session, script)


def test_why_and_the_whole_mail_fill_the_screen(tmp_path: Path) -> None:
    async def script(app: ReviewApp, pilot: Pilot[None]) -> None:
        await pilot.press("w")
        assert isinstance(app.screen, Reading)
        assert "never sent" in str(app.screen.query_one("#page Static", Static).render())
        await pilot.press("escape")
        await arrived(app, pilot, "Hello there")
        await pilot.press("2")
        assert "mail 2 of 3" in text_of(app, "#rule")
        await pilot.press("9", "space", "pageup", "enter")
        assert isinstance(app.screen, Reading)
        assert "Hello there" in str(app.screen.query_one("#page Static", Static).render())
        await pilot.press("down", "pagedown", "q")
        assert not isinstance(app.screen, Reading)

    on_screen(opened(tmp_path), script)


def test_quitting_leaves_the_rest_for_the_next_time(tmp_path: Path) -> None:
    async def script(app: ReviewApp, pilot: Pilot[None]) -> None:
        await pilot.press("s", "q")
        await pilot.pause()
        assert not app.is_running

    on_screen(opened(tmp_path), script)

    async def resumed(app: ReviewApp, pilot: Pilot[None]) -> None:
        assert "1 of 3 clusters" in text_of(app, "#progress")
        assert "2 files" in text_of(app, "#facts")

    on_screen(again(tmp_path), resumed)


def test_without_samples_and_without_a_line_the_keys_work(tmp_path: Path) -> None:
    class Lost:
        def sample(self, folder: str, path: bytes) -> QueueMessage:
            raise LineLost("The line was lost", "\x1b[31mred")

    session = opened(tmp_path)

    async def nobody(app: ReviewApp, pilot: Pilot[None]) -> None:
        await arrived(app, pilot, "because no host is known")
        await pilot.press("s")

    on_screen(session, nobody, NoSamples("no host is known"))

    async def lost(app: ReviewApp, pilot: Pilot[None]) -> None:
        await arrived(app, pilot, "No samples: The line was lost, because <1B>[31mred")
        await pilot.press("s")

    on_screen(session, lost, Lost())
    assert len(decided(session)) == 2


def test_a_slow_line_does_not_stop_the_keys(tmp_path: Path) -> None:
    may_answer = threading.Event()

    class Slow:
        def sample(self, folder: str, path: bytes) -> QueueMessage:
            assert may_answer.wait(20)
            return parse_message(b"From: a@b\n\nat last")

    session = opened(tmp_path)

    async def script(app: ReviewApp, pilot: Pilot[None]) -> None:
        assert "on their way" in text_of(app, "#text")
        await pilot.press("s")
        assert decided(session) == {"alpha": "spam"}
        may_answer.set()
        await arrived(app, pilot, "at last")

    on_screen(session, script, Slow())


@pytest.mark.parametrize("size", [(80, 24), (60, 15), (200, 60)])
def test_markup_and_signs_of_a_mail_are_only_text(tmp_path: Path, size: tuple[int, int]) -> None:
    text = "[bold]b[/bold] [link=http://x]y[/link] [@click=app.quit]z[/] \x1b[31m\x9b \u202e"
    hostile = doubtful(1, f"{text}, {text}", text, text, text, text, (text,), b"[red]\x1b[2J.tmp")
    session = opened(tmp_path, [hostile], text.encode() + b"\0\xff\xfe" + b"x" * 1_000_000)

    async def script(app: ReviewApp, pilot: Pilot[None]) -> None:
        await arrived(app, pilot, "[bold]b[/bold] [link=http://x]y[/link] [@click=app.quit]z[/]")
        shown = [
            str(segment.text) for line in app.screen._compositor.render_strips() for segment in line
        ]
        assert all(part.isprintable() for part in shown)
        assert "[bold]b" in text_of(app, "#facts")
        assert "[red]" in text_of(app, "#rule")
        await pilot.press("enter", "escape", "w", "escape", "p", "escape", "l", "s", "u")

    on_screen(session, script, size=size)
    assert decided(session) == {}


def test_nothing_doubtful_is_said(tmp_path: Path) -> None:
    async def script(app: ReviewApp, pilot: Pilot[None]) -> None:
        assert "Nothing is doubtful" in text_of(app, "#facts")
        await pilot.press("g", "s", "l", "p", "u", "n", "j", "k", "1", "enter", "escape", "w")

    on_screen(opened(tmp_path, []), script)


def test_a_refused_act_is_said_and_the_screen_goes_on(tmp_path: Path) -> None:
    session = opened(tmp_path)
    session.decide(session.clusters()[0], Verdict.GOOD)
    session.manifest.mark("outgoing", [b"retry/0.tmp"], "published")

    async def script(app: ReviewApp, pilot: Pilot[None]) -> None:
        await pilot.press("u")
        assert "given back already" in text_of(app, "#told")
        await pilot.press("up", "s")
        assert "given back already" in text_of(app, "#told")

    on_screen(session, script)
