"""A long answer, handed on while it comes, over every transport."""

import subprocess
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playbook.errors import AnswerUnreadable, ChangeForbidden, LineLost, TransportError
from playbook.transports.base import ReadOnly
from playbook.transports.frame import LIMIT_BYTES, Decoder, ScriptRecord, posix_cksum
from tests.support.wires import HEARTBEAT, Wire, raw, relay_of, request, said

ONE_TWO = b"one\ntwo ~2f\n"
END = f"end {len(ONE_TWO)} {posix_cksum(ONE_TWO)}"
RECORDS = (ScriptRecord("one", ()), ScriptRecord("two", ("/",)))


def test_a_record_is_handed_on_while_the_script_still_works(wire: Wire) -> None:
    mark = wire.folder / "go on"
    wait = f"while [ ! -e '{mark}' ]; do sleep 0.02; done"
    answer = wire.transport.stream(raw(f"echo begin; echo one; {wait}; echo 'two ~2f'; echo {END}"))
    assert next(answer) == RECORDS[0]
    mark.touch()
    assert tuple(answer) == RECORDS[1:]
    assert said(wire.transport, "again") == "again"


def test_an_answer_may_be_longer_than_any_that_is_kept_whole(wire: Wire) -> None:
    line = "head -c 5000000 /dev/zero | tr '\\0' y; echo"
    body = f"for n in 1 2 3 4 5 6 7 8 9 10 11 12 13 14; do printf 'long '; {line}; done"
    script = raw(
        f"exec 5>&1; echo begin; sum=$({{ {{ {body}; }} | tee /dev/fd/4 >&5; }} 4>&1 | cksum)\n"
        "set -- $sum; echo end $2 $1"
    )
    sizes = [len(record.fields[0]) for record in wire.transport.stream(script)]
    assert sizes == [5_000_000] * 14
    assert sum(sizes) > LIMIT_BYTES
    with pytest.raises(AnswerUnreadable, match="longer"):
        wire.transport.run(script)


@pytest.mark.parametrize(
    "end",
    ["", "echo end 12 1", f"echo end 1 {posix_cksum(ONE_TWO)}", "echo end", f"printf '{END[:-1]}'"],
)
def test_without_its_last_record_the_answer_failed(wire: Wire, end: str) -> None:
    script = raw(f"echo no room >&2; printf 'begin\\none\\ntwo ~2f\\n'; {end}")
    answer = wire.transport.stream(script)
    assert (next(answer), next(answer)) == RECORDS
    with pytest.raises(AnswerUnreadable, match="no room"):
        next(answer)
    assert said(wire.transport, "again") == "again"


def test_a_line_cut_in_the_middle_is_lost_and_the_script_can_be_begun_again(wire: Wire) -> None:
    relay = relay_of(wire)
    answer = wire.transport.stream(raw(f"printf 'begin\\none\\n'; {HEARTBEAT}"))
    assert next(answer) == RECORDS[0]
    relay.cut()
    with pytest.raises(LineLost):
        next(answer)
    again = wire.transport.stream(raw(f"printf 'begin\\none\\ntwo ~2f\\n{END}\\n'"))
    assert tuple(again) == RECORDS


def test_an_answer_may_be_left_in_the_middle(wire: Wire) -> None:
    answer = wire.transport.stream(raw(f"printf 'begin\\none\\n'; {HEARTBEAT}"))
    assert next(answer) == RECORDS[0]
    answer.close()  # type: ignore[attr-defined]
    assert said(wire.transport, "again") == "again"


def test_progress_is_told_while_records_come(wire: Wire) -> None:
    told: list[str] = []
    script = raw(f"echo '@ 1,000 files read' >&2; printf 'begin\\none\\ntwo ~2f\\n{END}\\n'")
    assert tuple(wire.transport.stream(script, told.append)) == RECORDS
    assert told == ["1,000 files read"]


def test_a_reader_streams_nothing_that_changes(wire: Wire) -> None:
    change = request("main() { :; }", name="change/test")
    with pytest.raises(ChangeForbidden):
        ReadOnly(wire.transport).stream(change)
    assert tuple(ReadOnly(wire.transport).stream(request("main() { echo one; }"))) == RECORDS[:1]


ANSWER = b"Welcome\r\nbegin\r\none\r\ntwo ~2f\r\n" + END.encode() + b"\r\nmore\n"


@given(st.sets(st.integers(0, len(ANSWER))))
def test_an_answer_may_come_cut_anywhere(cuts: set[int]) -> None:
    edges = [0, *sorted(cuts), len(ANSWER)]
    decoder = Decoder()
    pieces = [ANSWER[begin:end] for begin, end in pairwise(edges)]
    assert tuple(each for piece in pieces for each in decoder.feed(piece)) == RECORDS
    assert decoder.has_ended
    decoder.finish()


@given(st.lists(st.binary(max_size=60), max_size=8))
def test_no_answer_raises_anything_else(pieces: list[bytes]) -> None:
    decoder = Decoder()
    try:
        for piece in (b"begin\n", *pieces):
            list(decoder.feed(piece))
        decoder.finish()
    except TransportError:
        return
    assert decoder.has_ended


def test_a_line_that_never_ends_is_refused() -> None:
    decoder = Decoder()
    half = bytes(LIMIT_BYTES // 2)
    assert list(decoder.feed(half)) == list(decoder.feed(half)) == []
    with pytest.raises(AnswerUnreadable, match="longer"):
        list(decoder.feed(b"x"))


@pytest.mark.parametrize("data", [b"", b"a", bytes(range(256)) * 3, b"\xff" * 70_000])
def test_the_sum_is_that_of_the_utility(data: bytes) -> None:
    said = subprocess.run(("cksum",), input=data, capture_output=True, check=True)
    assert said.stdout.split()[0] == b"%d" % posix_cksum(data)
