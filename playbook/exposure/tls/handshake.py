"""One handshake with one port: the half of the look at TLS that does I/O. Bounded in time."""

import contextlib
import smtplib
import socket
import ssl
import warnings
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Final

from playbook.exposure.conversation import Conversation

_MAIL_PORTS: Final = frozenset({25, 587, 2525})
_OLD_CIPHERS: Final = "ALL:@SECLEVEL=0"


class Version(Enum):
    """A version of the protocol, by its name."""

    TLS_1_0 = "TLS 1.0"
    TLS_1_1 = "TLS 1.1"
    TLS_1_2 = "TLS 1.2"
    TLS_1_3 = "TLS 1.3"

    @property
    def number(self) -> ssl.TLSVersion:
        """The version as the library has it."""
        return ssl.TLSVersion[f"{self.name[:3]}v{self.name[4:].removesuffix('_0')}"]

    def is_spoken_here(self) -> bool:
        """Whether this machine's OpenSSL begins a handshake of this version at all."""
        sent = ssl.MemoryBIO()
        try:
            begun = context_of(verify=False, only=self).wrap_bio(ssl.MemoryBIO(), sent)
            with contextlib.suppress(ssl.SSLWantReadError):
                begun.do_handshake()
        except (ssl.SSLError, ValueError):
            return False
        return sent.pending > 0


@dataclass(frozen=True)
class Endpoint:
    """A port, the name that its certificate must hold for, and whether TLS is asked for first."""

    host: str
    port: int
    address: str = ""
    deadline_s: float = 10.0

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"

    @property
    def begins_plain(self) -> bool:
        """Whether it is SMTP, where TLS begins with STARTTLS."""
        return self.port in _MAIL_PORTS


@dataclass(frozen=True)
class Handshake:
    """What one handshake showed.

    `certificate` is the server's own, as DER, b"" where it was not trusted; `mistrust` says why.
    """

    certificate: bytes = b""
    mistrust: str = ""
    said_too_early_bytes: int = 0


class NotReachedError(Exception):
    """No handshake came about. `is_refused`: the server answered, and wants no such TLS."""

    def __init__(self, why: str, *, is_refused: bool, remedy: str = "") -> None:
        super().__init__(why)
        self.is_refused = is_refused
        self.next = remedy


def shake(
    endpoint: Endpoint,
    *,
    verify: bool = True,
    only: Version | None = None,
    roots: Path | None = None,
) -> Handshake:
    """Shake hands once; raises `NotReachedError`.

    Without `verify` any certificate will do, to look at it: nothing is sent to the server.
    """
    context = context_of(verify=verify, only=only, roots=roots)
    try:
        if endpoint.begins_plain:
            return _after_starttls(endpoint, context)
        return _at_once(endpoint, context)
    except ssl.SSLCertVerificationError as error:
        return Handshake(mistrust=error.verify_message or str(error))
    except smtplib.SMTPNotSupportedError as error:
        wanted = "Give the server a certificate and switch TLS on."
        raise NotReachedError("STARTTLS is not offered", is_refused=True, remedy=wanted) from error
    except ssl.SSLError as error:
        why = (error.reason or str(error)).replace("_", " ").lower()
        raise NotReachedError(f"no TLS: {why}", is_refused=True) from error
    except TimeoutError as error:
        raise NotReachedError("no answer in time", is_refused=False, remedy=_REACH) from error
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise NotReachedError(why, is_refused=False, remedy=_REACH) from error


_REACH: Final = "See whether the port is open from here."


def _at_once(endpoint: Endpoint, context: ssl.SSLContext) -> Handshake:
    there = (endpoint.address or endpoint.host, endpoint.port)
    with (
        socket.create_connection(there, endpoint.deadline_s) as plain,
        context.wrap_socket(plain, server_hostname=endpoint.host) as secure,
    ):
        return Handshake(secure.getpeercert(binary_form=True) or b"")


def _after_starttls(endpoint: Endpoint, context: ssl.SSLContext) -> Handshake:
    helo = socket.gethostname() or "localhost"
    there = endpoint.address or endpoint.host
    conversation = Conversation(there, endpoint.port, helo, endpoint.deadline_s)
    try:
        conversation.name_for_tls = endpoint.host
        conversation.begin_tls(context)
        secure = conversation.sock
        der = secure.getpeercert(binary_form=True) if isinstance(secure, ssl.SSLSocket) else b""
        return Handshake(der or b"", said_too_early_bytes=conversation.said_too_early_bytes)
    finally:
        conversation.close()


def context_of(
    *, verify: bool, only: Version | None = None, roots: Path | None = None
) -> ssl.SSLContext:
    """A client's side of TLS; raises `ssl.SSLError` or `ValueError` for a version not had here."""
    context = ssl.create_default_context(cafile=roots)
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if only:
        context.set_ciphers(_OLD_CIPHERS)
        with warnings.catch_warnings():
            # Old versions are only tried, to find out whether a server still speaks them.
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version = only.number
            context.maximum_version = only.number
    return context
