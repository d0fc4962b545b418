"""Account names: folded for comparison, and read out of what a client sent after AUTH."""

import binascii
import re
from enum import Enum

MAX_ACCOUNT_CHARS = 254
_BASE64 = re.compile(rb"[A-Za-z0-9+/]{2,2048}={0,2}")
_MASKED = re.compile(rb"[*.xX\s]*")
_PLAIN_ASCII = re.compile(rb"[\w.@+%/=-]{1,254}")
_NAME = re.compile(r"[^\s\x00-\x1f\x7f<>\"]{1,254}")


class Mechanism(Enum):
    """A way to log in over SMTP whose first answer holds the account name."""

    LOGIN = "LOGIN"
    PLAIN = "PLAIN"
    CRAM_MD5 = "CRAM-MD5"
    XOAUTH2 = "XOAUTH2"
    OTHER = "OTHER"


def mechanism_of(name: bytes) -> Mechanism:
    """The mechanism by its name on the wire, in any case."""
    try:
        return Mechanism(name.decode("latin-1").upper())
    except ValueError:
        return Mechanism.OTHER


def fold_account(name: str) -> str:
    """An account name as it is compared: no blanks or brackets around it, lower case, bounded."""
    return name.strip(" \t\r\n<>\"'").lower()[:MAX_ACCOUNT_CHARS]


def is_same_account(one: str, other: str) -> bool:
    """Whether two folded names may be one account; a login name without domain fits any domain."""
    if one == other:
        return True
    if "@" in one and "@" in other:
        return False
    return bool(one) and one.partition("@")[0] == other.partition("@")[0]


def account_in_answer(mechanism: Mechanism, answer: bytes) -> str:
    """The account in a client's answer, or ``""`` where it is masked or unreadable.

    Decoding stops at the separator after the name, so that no password behind it is decoded.
    """
    token = answer.strip()
    if not token or _MASKED.fullmatch(token[:64]):
        return ""
    match mechanism:
        case Mechanism.LOGIN:
            return _login_name(token)
        case Mechanism.PLAIN:
            return _plain_name(token)
        case Mechanism.CRAM_MD5:
            return _checked(_decode_until(token, b" ", 1).partition(b" ")[0])
        case Mechanism.XOAUTH2:
            name = _decode_until(token, b"\x01", 1).partition(b"\x01")[0]
            return _checked(name.removeprefix(b"user=")) if name.startswith(b"user=") else ""
        case Mechanism.OTHER:
            return ""


def _login_name(token: bytes) -> str:
    if _BASE64.fullmatch(token):
        decoded = _decode_until(token, b"\x00", 1).partition(b"\x00")[0]
        if _PLAIN_ASCII.fullmatch(decoded):
            return _checked(decoded)
    return _checked(token)


def _plain_name(token: bytes) -> str:
    decoded = _decode_until(token, b"\x00", 2)
    authorise_as, first, rest = decoded.partition(b"\x00")
    name, second, _ = rest.partition(b"\x00")
    return _checked(name or authorise_as) if first and second else ""


def _decode_until(token: bytes, stop: bytes, times: int) -> bytes:
    if not _BASE64.fullmatch(token):
        return b""
    decoded = b""
    for start in range(0, min(len(token), 1024), 4):
        piece = token[start : start + 4]
        try:
            decoded += binascii.a2b_base64(piece + b"=" * (-len(piece) % 4))
        except binascii.Error:
            return b""
        if decoded.count(stop) >= times:
            break
    return decoded


def _checked(name: bytes) -> str:
    try:
        text = name.decode("utf-8")
    except UnicodeDecodeError:
        return ""
    return fold_account(text) if _NAME.fullmatch(text) else ""
