"""What every transport does, over each of them: this machine, asyncssh, a real sshd."""

import os

import pytest

from playbook.errors import (
    AnswerUnreadable,
    ChangeForbidden,
    DeadlinePassed,
    HostUnreachable,
    LineLost,
)
from playbook.transports.base import ReadOnly
from playbook.transports.frame import ScriptRecord
from playbook.transports.ssh import Ssh
from tests.support.wires import HEARTBEAT, Wire, raw, relay_of, request, said

ODD = (
    "plain",
    "",
    " spaces  around ",
    "quotes ' \" ` and $(touch /never) ${HOME} \\ \\n",
    "# end",
    ".",
    "žluťoučký kůň 馬",
    os.fsdecode(b"not \xff utf-8"),
    "tab\tand escape \x1b[31m",
    "x" * 20_000,
)


@pytest.mark.parametrize("text", ODD)
def test_a_value_comes_back_as_it_was_sent(wire: Wire, text: str) -> None:
    assert said(wire.transport, text) == text


def test_records_come_in_order(wire: Wire) -> None:
    main = "main() { for n in 1 2 3; do echo number $n; done; }"
    records = wire.transport.run(request(main))
    assert records == tuple(ScriptRecord("number", (str(n),)) for n in (1, 2, 3))


def test_an_empty_answer_is_an_answer(wire: Wire) -> None:
    assert wire.transport.run(request("main() { :; }")) == ()


def test_five_megabytes_of_lines_arrive(wire: Wire) -> None:
    lines = tuple(f"{number:08d} {'y' * 90}" for number in range(50_000))
    main = "main() { echo size $(cat | cksum); }"
    (record,) = wire.transport.run(request(main, lines=lines))
    assert record.fields[1] == str(50_000 * 100 + len(".\n"))


def test_a_long_answer_arrives(wire: Wire) -> None:
    main = "main() { yes 'line of a long answer' | head -n 20000; }"
    assert len(wire.transport.run(request(main))) == 20_000


def test_a_flood_on_the_second_stream_stops_nothing(wire: Wire) -> None:
    main = "main() { head -c 5000000 /dev/zero | tr '\\0' x >&2; echo done; }"
    assert wire.transport.run(request(main)) == (ScriptRecord("done", ()),)


def test_progress_is_told_and_a_heartbeat_is_not(wire: Wire) -> None:
    told: list[str] = []
    main = "main() { printf '@ one\\n@\\nnoise\\n@ two\\n' >&2; }"
    wire.transport.run(request(main), told.append)
    assert told == ["one", "two"]


def test_the_deadline_ends_a_script_that_lives(wire: Wire) -> None:
    with pytest.raises(DeadlinePassed):
        wire.transport.run(raw(HEARTBEAT, deadline_s=0.5))
    assert said(wire.transport, "again") == "again"


def test_silence_ends_the_wait(wire: Wire) -> None:
    if wire.patient is None:
        pytest.skip("the bound on silence of this machine's own shell is not a parameter")
    with pytest.raises(DeadlinePassed):
        wire.patient(1.0).run(raw("sleep 3"))


@pytest.mark.parametrize(
    "text", ["printf 'begin\\nok\\n'", "printf 'begin\\nok\\nend 1 7\\n'", ":"]
)
def test_an_answer_without_its_last_record_is_none(wire: Wire, text: str) -> None:
    with pytest.raises(AnswerUnreadable):
        wire.transport.run(raw(text))
    assert said(wire.transport, "again") == "again"


def test_what_the_script_complained_of_is_in_the_error(wire: Wire) -> None:
    with pytest.raises(AnswerUnreadable, match="no space left"):
        wire.transport.run(raw("echo no space left >&2; exit 3"))


def test_a_service_that_a_script_started_does_not_hold_the_answer_up(wire: Wire) -> None:
    if wire.relay is None:
        pytest.skip("the shell of this machine waits until both its streams end")
    mark = wire.folder / "stop"
    service = f"while [ ! -e '{mark}' ]; do sleep 0.05; done &\n"
    answer = wire.transport.run(request(service + "main() { echo started; }"))
    assert answer == (ScriptRecord("started", ()),)
    assert not mark.exists()
    mark.touch()


def test_a_greeting_before_the_answer_is_left_out(wire: Wire) -> None:
    assert wire.transport.run(request("echo Welcome; main() { echo ok; }")) == (
        ScriptRecord("ok", ()),
    )


def test_a_reader_changes_nothing(wire: Wire) -> None:
    mark = wire.folder / "changed"
    change = request(f"main() {{ : >'{mark}'; }}", name="change/test")
    with pytest.raises(ChangeForbidden):
        ReadOnly(wire.transport).run(change)
    assert not mark.exists()
    assert wire.relay is None or wire.relay.connections == 0
    assert said(ReadOnly(wire.transport), "read") == "read"
    wire.transport.run(change)
    assert mark.exists()


def seen_cut(wire: Wire) -> None:
    """Wait until the client's reading thread has ended: a busy machine takes its time."""
    assert isinstance(wire.transport, Ssh)
    assert wire.transport._session
    wire.transport._session.line.transport.join(20)


def test_a_line_cut_between_two_scripts_is_not_noticed(wire: Wire) -> None:
    relay = relay_of(wire)
    assert said(wire.transport, "one") == "one"
    relay.cut()
    seen_cut(wire)
    assert said(wire.transport, "two") == "two"
    assert relay.connections == 2


def test_a_line_cut_in_the_middle_is_lost_and_the_next_script_connects_again(wire: Wire) -> None:
    relay = relay_of(wire)
    with pytest.raises(LineLost):
        wire.transport.run(raw(f"echo '@ now' >&2; {HEARTBEAT}"), lambda _: relay.cut())
    assert said(wire.transport, "again") == "again"


def test_a_script_that_was_cut_on_the_way_is_never_begun(wire: Wire) -> None:
    relay, mark = relay_of(wire), wire.folder / "begun"
    said(wire.transport, "connected")
    relay.cut_after(20_000)
    padding = ": padding\n" * 30_000
    with pytest.raises(LineLost):
        wire.transport.run(raw(f": >'{mark}'\n{padding}"))
    assert said(wire.transport, "again") == "again"
    assert not mark.exists()


def test_a_line_that_is_silent_is_given_up(wire: Wire) -> None:
    relay = relay_of(wire)
    assert wire.patient
    transport = wire.patient(1.0)
    with pytest.raises(DeadlinePassed):
        transport.run(raw(f"echo '@ now' >&2; {HEARTBEAT}"), lambda _: relay.stall())
    relay.flow()
    assert said(transport, "again") == "again"


def test_a_server_that_is_gone_is_unreachable(wire: Wire) -> None:
    relay_of(wire).close()
    with pytest.raises(HostUnreachable, match="Nothing listens"):
        said(wire.transport, "hello")
