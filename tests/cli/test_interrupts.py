"""What each signal does: at a boundary, in front of a question, in a watch, and twice."""

import os
import signal
from collections.abc import Iterator

import pytest

from playbook.cli.interrupts import WHY, Interrupts, unwind
from playbook.errors import Interrupted, StoppedByPerson


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    before = {each: signal.getsignal(each) for each in WHY}
    yield
    for each, handler in before.items():
        signal.signal(each, handler)


@pytest.fixture
def interrupts() -> Interrupts:
    made = Interrupts()
    made.install()
    return made


def send(number: int) -> None:
    os.kill(os.getpid(), number)


@pytest.mark.parametrize("number", WHY)
def test_the_first_signal_asks_for_the_next_boundary(interrupts: Interrupts, number: int) -> None:
    assert not interrupts.stops()
    send(number)
    assert interrupts.stops()
    assert interrupts.because == WHY[signal.Signals(number)]


@pytest.mark.parametrize("first", WHY)
def test_only_a_second_ctrl_c_ends_at_once(interrupts: Interrupts, first: int) -> None:
    send(first)
    for number in (signal.SIGHUP, signal.SIGTERM):
        send(number)
    with pytest.raises(Interrupted):
        send(signal.SIGINT)


@pytest.mark.parametrize("number", WHY)
def test_in_front_of_a_question_it_is_the_answer_stop(interrupts: Interrupts, number: int) -> None:
    with pytest.raises(StoppedByPerson) as stopped, interrupts.asking():
        send(number)
    assert stopped.value.because == WHY[signal.Signals(number)]
    assert not interrupts.stops()


def test_nobody_is_asked_who_wants_to_stop(interrupts: Interrupts) -> None:
    send(signal.SIGHUP)
    with pytest.raises(StoppedByPerson), interrupts.asking():
        pytest.fail("a question was asked")


def test_ctrl_c_in_a_watch_ends_the_watch_alone(interrupts: Interrupts) -> None:
    assert interrupts.goes_on_watching()
    send(signal.SIGINT)
    assert not interrupts.goes_on_watching()
    assert not interrupts.stops()
    send(signal.SIGINT)
    assert interrupts.stops()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_another_signal_in_a_watch_ends_the_run(interrupts: Interrupts, number: int) -> None:
    assert interrupts.goes_on_watching()
    send(number)
    assert not interrupts.goes_on_watching()
    assert interrupts.stops()


@pytest.mark.parametrize("number", WHY)
def test_without_a_run_every_signal_unwinds(number: int) -> None:
    unwind()
    with pytest.raises(Interrupted):
        send(number)


def test_what_we_were_told_to_ignore_stays_ignored() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    unwind()
    Interrupts().install()
    send(signal.SIGHUP)
