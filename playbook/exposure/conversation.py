"""A conversation with an SMTP server that may be anything: bounded in time, lines and bytes."""

import smtplib
import socket
import ssl
import time
from typing import Final

_MOST_LINES: Final = 64
_MOST_BYTES: Final = 64 * 1024
_PIECE_BYTES: Final = 4096


class Conversation(smtplib.SMTP):
    """The library's client, but that a reply has an end: in lines, in bytes and in seconds.

    What a server said before TLS began is not heard as said under it (the injection of
    CVE-2011-0411): it is counted in `said_too_early_bytes`.
    """

    def __init__(
        self, host: str, port: int, helo: str, deadline_s: float, tls: ssl.SSLContext | None = None
    ) -> None:
        self.deadline_s = deadline_s
        self._tls = tls
        self.banner = ""
        self.said_too_early_bytes = 0
        self._heard = b""
        super().__init__(local_hostname=helo, timeout=deadline_s)
        self.name_for_tls = host
        code, said = self.connect(host, port)
        self.banner = f"{code} {said.decode('latin-1')}"
        if code != 220:
            self.close()
            raise smtplib.SMTPConnectError(code, said)

    @property
    def name_for_tls(self) -> str:
        """The name that the server's certificate must hold for: the one it was reached by."""
        return self._host

    @name_for_tls.setter
    def name_for_tls(self, name: str) -> None:
        self._host = name

    @property
    def here(self) -> str:
        """The address of this machine that the server sees, or that of the router before it."""
        return str(self._socket().getsockname()[0])

    @property
    def there(self) -> str:
        """The address of the server."""
        return str(self._socket().getpeername()[0])

    def getreply(self) -> tuple[int, bytes]:
        """The code and the text of a reply; raises `SMTPServerDisconnected` where it is none."""
        ends = time.monotonic() + self.deadline_s
        lines: list[bytes] = []
        while len(lines) < _MOST_LINES:
            line = self._line(ends)
            lines.append(line[4:].strip())
            if not line[:3].isdigit():
                raise self._broken("what it says is not SMTP")
            if line[3:4] != b"-":
                return int(line[:3]), b"\n".join(lines)
        raise self._broken("its reply does not come to an end")

    def begin_tls(self, context: ssl.SSLContext) -> None:
        """Begin TLS; what was said before it is counted and forgotten. Raises as `starttls`."""
        self.ehlo_or_helo_if_needed()
        self.starttls(context=context)
        self.said_too_early_bytes = len(self._heard)
        self._heard = b""

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        plain = socket.create_connection((host, port), timeout)
        return self._tls.wrap_socket(plain, server_hostname=host) if self._tls else plain

    def _line(self, ends: float) -> bytes:
        while b"\n" not in self._heard:
            if len(self._heard) > _MOST_BYTES:
                raise self._broken("its reply does not come to an end")
            left_s = ends - time.monotonic()
            if left_s <= 0:
                raise self._broken("it did not answer in time")
            self._socket().settimeout(left_s)
            self._heard += self._piece()
        line, _, self._heard = self._heard.partition(b"\n")
        return line

    def _piece(self) -> bytes:
        try:
            piece = self._socket().recv(_PIECE_BYTES)
        except TimeoutError as error:
            raise self._broken("it did not answer in time") from error
        except OSError as error:
            raise self._broken((error.strerror or str(error)).lower()) from error
        if not piece:
            raise self._broken("it closed the connection")
        return bytes(piece)

    def _socket(self) -> socket.socket:
        if self.sock is None:
            raise smtplib.SMTPServerDisconnected("the connection is closed")
        return self.sock

    def _broken(self, why: str) -> smtplib.SMTPServerDisconnected:
        self.close()
        return smtplib.SMTPServerDisconnected(why)
