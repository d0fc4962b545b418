"""Account names in what a client answers after AUTH, and never a password."""

import base64
import binascii

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playbook.smtplog import accounts
from playbook.smtplog.accounts import is_same_account
from playbook.smtplog.logins import Mechanism, account_in_answer

SECRET = b"correct horse battery staple"


def b64(raw: bytes) -> bytes:
    return base64.b64encode(raw)


@pytest.mark.parametrize(
    ("mechanism", "answer", "account"),
    [
        (Mechanism.LOGIN, b64(b"Info@Domaine.example"), "info@domaine.example"),
        (Mechanism.LOGIN, b64(b"test"), "test"),
        (Mechanism.LOGIN, b"info@domaine.example", "info@domaine.example"),
        (Mechanism.LOGIN, b"*****", ""),
        (Mechanism.LOGIN, b"", ""),
        (Mechanism.PLAIN, b64(b"\0info@domaine.example\0" + SECRET), "info@domaine.example"),
        (Mechanism.PLAIN, b64(b"boss@d.example\0info@d.example\0" + SECRET), "info@d.example"),
        (Mechanism.PLAIN, b64(b"info@d.example\0\0" + SECRET), "info@d.example"),
        (Mechanism.PLAIN, b"*****", ""),
        (Mechanism.PLAIN, b64(b"no separators"), ""),
        (
            Mechanism.CRAM_MD5,
            b64(b"info@d.example 0123456789abcdef0123456789abcdef"),
            "info@d.example",
        ),
        (
            Mechanism.XOAUTH2,
            b64(b"user=info@d.example\x01auth=Bearer xyz\x01\x01"),
            "info@d.example",
        ),
        (Mechanism.XOAUTH2, b64(b"n,a=info@d.example"), ""),
        (Mechanism.OTHER, b64(b"info@d.example"), ""),
    ],
)
def test_the_account(mechanism: Mechanism, answer: bytes, account: str) -> None:
    assert account_in_answer(mechanism, answer) == account


@pytest.mark.parametrize(
    ("mechanism", "raw"),
    [
        (Mechanism.PLAIN, b"\0info@domaine.example\0" + SECRET),
        (Mechanism.CRAM_MD5, b"info@domaine.example " + SECRET),
        (Mechanism.XOAUTH2, b"user=info@domaine.example\x01auth=Bearer " + SECRET),
    ],
)
def test_no_more_than_two_bytes_behind_the_name_are_decoded(
    monkeypatch: pytest.MonkeyPatch, mechanism: Mechanism, raw: bytes
) -> None:
    decoded = bytearray()
    decode = binascii.a2b_base64

    def watched(piece: bytes) -> bytes:
        decoded.extend(decode(piece))
        return decode(piece)

    monkeypatch.setattr(binascii, "a2b_base64", watched)
    account_in_answer(mechanism, b64(raw))
    assert len(decoded) <= raw.index(SECRET[:4]) + 10
    assert SECRET[:12] not in decoded


@given(st.sampled_from(Mechanism), st.binary(max_size=200))
def test_nothing_raises(mechanism: Mechanism, answer: bytes) -> None:
    assert len(account_in_answer(mechanism, answer)) <= accounts.MAX_ACCOUNT_CHARS
    account_in_answer(mechanism, b64(answer))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("info@d.example", "info@d.example", True),
        ("info", "info@d.example", True),
        ("info@d.example", "info@e.example", False),
        ("", "info@d.example", False),
    ],
)
def test_one_account_or_two(one: str, other: str, same: bool) -> None:
    assert is_same_account(one, other) is same
    assert is_same_account(other, one) is same
