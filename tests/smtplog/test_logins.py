"""Names in the clear part of every mechanism, as people write names."""

import base64
import struct
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playbook.smtplog.accounts import fold_account, is_among, is_same_account, known_aliases
from playbook.smtplog.logins import Mechanism, account_in_answer, asks_for_name, mechanism_of

DIGEST = b"0123456789abcdef0123456789abcdef"
NAMES = ["o'brien", "r&d", "team~one", "no#1", "jean paul", "corp\\jean", "josé.muñoz", "Straße"]


def ntlm(name: bytes, *, is_wide: bool) -> bytes:
    written = name.decode().encode("utf-16-le") if is_wide else name
    head = b"NTLMSSP\0" + struct.pack("<I", 3) + bytes(24)
    return (
        head
        + struct.pack("<HHI", len(written), len(written), 64)
        + bytes(16)
        + struct.pack("<I", is_wide)
        + written
    )


FORMS: dict[str, tuple[Mechanism, Callable[[bytes], bytes]]] = {
    "LOGIN": (Mechanism.LOGIN, lambda name: name),
    "PLAIN": (Mechanism.PLAIN, lambda name: b"\0" + name + b"\0hidden words"),
    "CRAM-MD5": (Mechanism.CRAM_MD5, lambda name: name + b" " + DIGEST),
    "DIGEST-MD5": (
        Mechanism.DIGEST_MD5,
        lambda name: b'charset=utf-8,username="%s",realm="r"' % name.replace(b"\\", b"\\\\"),
    ),
    "NTLM": (Mechanism.NTLM, lambda name: ntlm(name, is_wide=True)),
    "SCRAM": (Mechanism.SCRAM, lambda name: b"n,,n=" + name + b",r=abc"),
    "XOAUTH2": (Mechanism.XOAUTH2, lambda name: b"user=" + name + b"\x01auth=Bearer x\x01\x01"),
    "OAUTHBEARER": (Mechanism.OAUTHBEARER, lambda name: b"n,a=" + name + b",\x01auth=Bearer x\x01"),
    "EXTERNAL": (Mechanism.EXTERNAL, lambda name: name),
}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("form", FORMS)
def test_a_name_reads_the_same_in_every_mechanism(form: str, name: str) -> None:
    mechanism, write = FORMS[form]
    for typed in (name, f"{name}@d.example"):
        answer = base64.b64encode(write(typed.encode()))
        assert account_in_answer(mechanism, answer) == fold_account(typed)


def test_a_name_in_the_letters_of_an_old_client() -> None:
    for name in ("josé", "Zoé@d.example"):
        for mechanism, write in (FORMS["LOGIN"], FORMS["PLAIN"]):
            answer = base64.b64encode(write(name.encode("latin-1")))
            assert account_in_answer(mechanism, answer) == name.lower()
    assert account_in_answer(Mechanism.LOGIN, b"info") == "info"
    assert (
        account_in_answer(Mechanism.NTLM, base64.b64encode(ntlm(b"info", is_wide=False))) == "info"
    )


def test_no_message_of_ntlm_but_the_third_names_anybody() -> None:
    first = ntlm(b"info", is_wide=True).replace(struct.pack("<I", 3), struct.pack("<I", 1), 1)
    assert account_in_answer(Mechanism.NTLM, base64.b64encode(first)) == ""
    assert (
        account_in_answer(Mechanism.NTLM, base64.b64encode(ntlm(b"i" * 9, is_wide=True)[:70])) == ""
    )


def test_mechanisms_by_name() -> None:
    assert mechanism_of(b"scram-sha-256") is Mechanism.SCRAM
    assert mechanism_of(b"Digest-MD5") is Mechanism.DIGEST_MD5
    assert mechanism_of(b"gssapi") is Mechanism.OTHER


@pytest.mark.parametrize(
    ("prompt", "is_asked"),
    [(b"VXNlcm5hbWU6", True), (b"", True), (b"UGFzc3dvcmQ6", False), (b"S2Vubndvcnq6", False)],
)
def test_the_password_is_not_asked_for_as_a_name(prompt: bytes, is_asked: bool) -> None:
    assert asks_for_name(Mechanism.LOGIN, prompt) is is_asked


ONE = "info@corp.example"


@pytest.mark.parametrize(
    "typed",
    [
        "info",
        "INFO@Corp.Example",
        " <info@corp.example> ",
        "info%corp.example",
        "info/corp.example",
        "corp.example\\info",
        "CORP\\info",
        "CORP\\info@corp.example",
        "info@corp.example.",
    ],
)
def test_names_of_one_account(typed: str) -> None:
    assert is_same_account(typed, ONE)
    assert is_same_account(ONE, typed)
    assert is_among(typed, ("paul@corp.example", ONE))


@pytest.mark.parametrize(
    "typed",
    ["contact@corp.example", "info@other.example", "inf%corp.example", "a\\paul", "i/o", ""],
)
def test_names_of_another_account(typed: str) -> None:
    assert not is_same_account(typed, ONE)


def test_aliases_are_those_that_the_server_tells() -> None:
    aliases = known_aliases([(ONE, "contact;Sales@second.example;info"), ("", "nobody")])
    for typed in ("contact@corp.example", "sales@second.example", "contact%corp.example"):
        assert is_same_account(typed, ONE, aliases)
    assert not is_same_account("sales@corp.example", ONE, aliases)
    two = known_aliases([(ONE, ""), ("info@other.example", "")])
    assert two == {}


@given(st.text(max_size=300), st.text(max_size=300))
def test_folding_is_bounded_and_done_once(one: str, other: str) -> None:
    assert fold_account(fold_account(one)) in (fold_account(one), fold_account(fold_account(one)))
    assert len(fold_account(one)) <= 254
    assert is_same_account(one, other) is is_same_account(other, one)
