"""The account's name in what a client answers after AUTH, and never a password.

Read is only the part that holds the name in clear: PLAIN (RFC 4616), LOGIN, CRAM-MD5 (RFC 2195),
DIGEST-MD5 (RFC 2831), SCRAM (RFC 5802), XOAUTH2, OAUTHBEARER (RFC 7628), EXTERNAL, and the third
message of NTLM (MS-NLMP).
"""

import binascii
import re
import struct
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Final

from playbook.smtplog.accounts import fold_account

_MOST_BYTES: Final = 3072
_BASE64: Final = re.compile(rb"[A-Za-z0-9+/]{2,4096}={0,2}")
_MASKED: Final = re.compile(rb"[*.xX\s]*")
_NAME: Final = re.compile(r"[^\x00-\x1f\x7f-\x9f<>\"]{1,254}")
_USERNAME: Final = re.compile(rb'(?:^|,)\s*username\s*=\s*"((?:[^"\\]|\\.){1,254})"', re.IGNORECASE)
_SCRAM_NAME: Final = re.compile(rb"(?:[ny]|p=[^,]{1,64}),[^,]{0,254},n=([^,]{1,254})")
_BEARER_NAME: Final = re.compile(rb"[ny],a=([^,]{1,254}),")
_NTLM: Final = struct.Struct("<8sI24xHHI16xI")
_DIGEST_CHARS: Final = 33


class Mechanism(Enum):
    """A way to log in over SMTP; an answer of the client holds the account's name."""

    LOGIN = "LOGIN"
    PLAIN = "PLAIN"
    CRAM_MD5 = "CRAM-MD5"
    DIGEST_MD5 = "DIGEST-MD5"
    NTLM = "NTLM"
    SCRAM = "SCRAM"
    XOAUTH2 = "XOAUTH2"
    OAUTHBEARER = "OAUTHBEARER"
    EXTERNAL = "EXTERNAL"
    OTHER = "OTHER"


def mechanism_of(name: bytes) -> Mechanism:
    """The mechanism by its name on the wire, in any case."""
    upper = name.decode("latin-1").upper()
    if upper.startswith("SCRAM-"):
        return Mechanism.SCRAM
    try:
        return Mechanism(upper)
    except ValueError:
        return Mechanism.OTHER


def account_in_answer(mechanism: Mechanism, answer: bytes) -> str:
    """The account in a client's answer, or `""` where it is masked, unreadable or in another one.

    Decoding stops where the name ends, so that no password behind it is decoded.
    """
    token = answer.strip()
    if not token or _MASKED.fullmatch(token[:64]):
        return ""
    read = _READERS.get(mechanism)
    return read(token) if read else ""


def asks_for_name(mechanism: Mechanism, prompt: bytes) -> bool:
    """Whether a server's `334` asks for the name, and surely not for the password.

    LOGIN asks for both in turn, by words; every other mechanism shows no password in clear
    behind the name.
    """
    if mechanism is not Mechanism.LOGIN:
        return True
    words = _decoded(prompt.strip(), lambda _: False) or prompt
    return not prompt.strip() or re.search(rb"user|login|name", words, re.IGNORECASE) is not None


def _login(token: bytes) -> str:
    """The name in base64, or as it is where a log shows it decoded."""
    decoded = _decoded(token, lambda data: b"\x00" in data).partition(b"\x00")[0]
    if not decoded or (name := _checked(decoded)):
        return name if decoded else _checked(token)
    if token.isalnum() and token.lower() == token:
        return _checked(token)
    return _checked_either(decoded)


def _plain(token: bytes) -> str:
    decoded = _decoded(token, lambda data: data.count(b"\x00") >= 2)
    authorise_as, first, rest = decoded.partition(b"\x00")
    name, second, _ = rest.partition(b"\x00")
    return _checked_either(name or authorise_as) if first and second else ""


def _cram_md5(token: bytes) -> str:
    """The name before the blank and the digest of 32 digits, which is not decoded."""
    size = len(token.rstrip(b"=")) * 3 // 4 - _DIGEST_CHARS
    name, blank, _ = _decoded(token, lambda data: b" " in data).partition(b" ")
    if blank and len(name) < size:
        whole = _decoded(token[: (size // 3 + 1) * 4], lambda _: False)
        name = whole[:size] if whole[size : size + 1] == b" " else name
    return _checked(name) if blank else ""


def _digest_md5(token: bytes) -> str:
    found = _USERNAME.search(_decoded(token, lambda _: False))
    return _checked_either(re.sub(rb"\\(.)", rb"\1", found.group(1))) if found else ""


def _scram(token: bytes) -> str:
    found = _SCRAM_NAME.match(_decoded(token, lambda _: False))
    name = found.group(1) if found else b""
    return _checked(name.replace(b"=2C", b",").replace(b"=3D", b"="))


def _xoauth2(token: bytes) -> str:
    name = _decoded(token, lambda data: b"\x01" in data).partition(b"\x01")[0]
    return _checked(name.removeprefix(b"user=")) if name.startswith(b"user=") else ""


def _bearer(token: bytes) -> str:
    found = _BEARER_NAME.match(_decoded(token, lambda data: b"\x01" in data))
    return _checked(found.group(1)) if found else ""


def _external(token: bytes) -> str:
    return _checked(_decoded(token, lambda _: False))


def _ntlm(token: bytes) -> str:
    """The user's name in the third message; the two before it name no account."""
    data = _decoded(token, lambda _: False)
    if len(data) < _NTLM.size or not data.startswith(b"NTLMSSP\x00"):
        return ""
    _, kind, size, _, at, flags = _NTLM.unpack_from(data)
    if kind != 3 or at + size > len(data):
        return ""
    raw = data[at : at + size]
    if flags & 1:
        return _checked(raw.decode("utf-16-le", "replace").encode())
    return _checked_either(raw)


_READERS: Final[Mapping[Mechanism, Callable[[bytes], str]]] = {
    Mechanism.LOGIN: _login,
    Mechanism.PLAIN: _plain,
    Mechanism.CRAM_MD5: _cram_md5,
    Mechanism.DIGEST_MD5: _digest_md5,
    Mechanism.NTLM: _ntlm,
    Mechanism.SCRAM: _scram,
    Mechanism.XOAUTH2: _xoauth2,
    Mechanism.OAUTHBEARER: _bearer,
    Mechanism.EXTERNAL: _external,
}


def _decoded(token: bytes, is_enough: Callable[[bytearray], bool]) -> bytes:
    """Base64 decoded in steps of three bytes until it is enough; `b""` for what is none."""
    if not _BASE64.fullmatch(token):
        return b""
    decoded = bytearray()
    for start in range(0, min(len(token), _MOST_BYTES), 4):
        piece = token[start : start + 4]
        try:
            decoded += binascii.a2b_base64(piece + b"=" * (-len(piece) % 4))
        except binascii.Error:
            return b""
        if is_enough(decoded):
            break
    return bytes(decoded)


def _checked(name: bytes) -> str:
    try:
        text = name.decode("utf-8")
    except UnicodeDecodeError:
        return ""
    return fold_account(text) if _NAME.fullmatch(text) else ""


def _checked_either(name: bytes) -> str:
    """A name in UTF-8, or in Latin-1 where it is not."""
    return _checked(name) or _checked(name.decode("latin-1").encode())
