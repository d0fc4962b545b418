"""What a value is written as comes back the same from the shell that reads it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playbook.errors import BadInput
from playbook.mail.icewarp.pack import LINUX
from playbook.secret import Secret
from playbook.transports.base import Request, Script, Value
from playbook.transports.dialects.posix import encode
from playbook.transports.local import Local

MAIN = r"""
main() {
	record said "$value"
	record bytes "$(printf '%b.' "$value" | od -An -v -tx1 | tr -d ' \n')"
}
answer
"""
SAYS = LINUX.program("prelude.sh") + MAIN


def said(value: Value) -> dict[str, str]:
    request = Request(Script("read/says", SAYS), {"value": value})
    records = Local(elevate=False).run(request)
    return {each.kind: each.fields[0] for each in records}


@settings(max_examples=15, deadline=None)
@given(st.binary(max_size=40))
def test_bytes_come_back_as_bytes(value: bytes) -> None:
    assert bytes.fromhex(said(value)["bytes"]) == value + b"."


@settings(max_examples=15, deadline=None)
@given(st.text(st.characters(exclude_characters="\n\r\0", exclude_categories=["Cs"]), max_size=30))
def test_a_text_comes_back_as_it_is(value: str) -> None:
    assert said(value)["said"] == value


@pytest.mark.parametrize("value", ["a\nb", "a\rb", "a\0b", Secret("a\nb")])
def test_what_no_script_could_read_back_is_not_sent(value: Value) -> None:
    with pytest.raises(BadInput):
        encode(Request(Script("read/x", ""), {"value": value}))
