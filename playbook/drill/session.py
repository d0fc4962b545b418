"""One SMTP session: what the client says, what the server answers, and the log of both."""

import base64
import binascii
import hmac
import re
import time
from io import BufferedIOBase
from typing import Protocol

from playbook.drill.faults import Fault
from playbook.drill.layout import Layout
from playbook.drill.queuefile import StemClock, Submission
from playbook.drill.scenario import HOST, Scenario
from playbook.drill.settings import Settings, read_settings
from playbook.drill.smtplog import append, banner, log_file, log_line

LINE_LIMIT_BYTES = 4_096
MESSAGE_LIMIT_BYTES = 10_000_000
_ANGLED = re.compile(r"(?:FROM|TO):\s*<([^<>\s]*)>", re.IGNORECASE)


class Server(Protocol):
    """What a session needs of the service it belongs to."""

    layout: Layout
    scenario: Scenario
    stems: StemClock

    def accept(self, mail: Submission) -> None:
        """Put a message into the queues; on return it is the server's."""


def logged_in(settings: Settings, name: str, password: str) -> str | None:
    """The account that a name and a password open for submission.

    An account of a directory is asked of the directory, which no local change reaches.
    """
    address = settings.account_called(name)
    if address is None:
        return None
    account = settings.accounts[address]
    if account["u_smtp"] != "1" or account["u_accountdisabled"] != "0":
        return None
    known = "directory password" if account["u_authmode"] != "0" else "u_password"
    right = hmac.compare_digest(account[known].encode(), password.encode())
    return address if right else None


class Session:
    """A conversation with one client.

    `XCLIENT ADDR=` sets the address that log and trace lines show: all clients of a drill are on
    loopback, and would look alike.
    """

    def __init__(
        self, server: Server, from_client: BufferedIOBase, to_client: BufferedIOBase
    ) -> None:
        self._server = server
        self._from_client = from_client
        self._to_client = to_client
        self._thread = time.monotonic_ns() // 1000
        self._address = "127.0.0.1"
        self._helo = ""
        self._account = ""
        self._sender: str | None = None
        self._recipients: list[str] = []

    def run(self) -> None:
        """Talk until the client quits or is gone."""
        self._log("Connected")
        self._say(banner(HOST, self._server.scenario.version, time.time()))
        while (line := self._hear()) is not None:
            verb, _, rest = line.partition(" ")
            if verb.upper() == "QUIT":
                self._say(f"221 2.0.0 {HOST} closing connection")
                break
            self._obey(verb.upper(), rest.strip())
        self._log("Disconnected")

    def _obey(self, verb: str, rest: str) -> None:
        match verb:
            case "EHLO" | "HELO":
                self._greet(verb, rest)
            case "AUTH":
                self._authenticate(rest)
            case "MAIL":
                self._mail_from(rest)
            case "RCPT":
                self._recipient(rest)
            case "DATA":
                self._data()
            case _:
                self._housekeeping(verb, rest)

    def _housekeeping(self, verb: str, rest: str) -> None:
        match verb:
            case "XCLIENT":
                self._address = rest.upper().removeprefix("ADDR=")[:45]
                self._say(f"220 {HOST} ESMTP")
            case "RSET":
                self._forget()
                self._say("250 2.0.0 Reset state")
            case "NOOP":
                self._say("250 2.0.0 OK")
            case _:
                self._say("502 5.5.1 Command not implemented")

    def _greet(self, verb: str, name: str) -> None:
        self._helo = re.sub(r"[^\w.\-\[\]:]", "", name)[:255] or "unknown"
        self._forget()
        hello = f"{HOST} Hello {self._helo} [{self._address}], pleased to meet you."
        if verb == "HELO":
            self._say(f"250 {hello}")
            return
        for line in (f"250-{hello}", "250-AUTH LOGIN PLAIN", f"250-SIZE {MESSAGE_LIMIT_BYTES}"):
            self._say(line)
        self._say("250 8BITMIME")

    def _authenticate(self, rest: str) -> None:
        scheme, _, first = rest.partition(" ")
        try:
            match scheme.upper():
                case "LOGIN":
                    name = _decoded(first or self._ask("VXNlcm5hbWU6"))
                    password = _decoded(self._ask("UGFzc3dvcmQ6"))
                case "PLAIN":
                    _, name, password = _decoded(first or self._ask("")).split("\0")
                case _:
                    self._say("504 5.5.4 Unrecognized authentication type")
                    return
        except ValueError:
            self._say("501 5.5.2 Cannot decode")
            return
        account = logged_in(read_settings(self._server.layout.settings), name, password)
        if account is None:
            self._say("535 5.7.8 Authentication credentials invalid")
            return
        self._account = account
        self._say("235 2.0.0 Authentication successful")

    def _ask(self, challenge: str) -> str:
        self._say(f"334 {challenge}")
        answer = self._hear()
        if answer is None:
            raise ConnectionResetError("the client left in the middle of AUTH")
        return answer

    def _mail_from(self, rest: str) -> None:
        address = _ANGLED.match(rest)
        if address is None:
            self._say("501 5.5.4 Syntax error in MAIL")
        elif self._server.scenario.is_local(address[1]) and not self._account:
            self._say(f"550 5.7.1 <{address[1]}>... Access to <{address[1]}> not allowed")
        else:
            self._forget()
            self._sender = address[1]
            self._say(f"250 2.1.0 <{address[1]}>... Sender ok")

    def _recipient(self, rest: str) -> None:
        address = _ANGLED.match(rest)
        if address is None or not address[1] or self._sender is None:
            self._say("503 5.5.1 Bad sequence of commands")
        elif self._server.scenario.is_local(address[1]):
            self._local_recipient(address[1])
        elif not self._account:
            self._say(f"550 5.7.1 <{address[1]}>... we do not relay")
        else:
            self._recipients.append(address[1])
            self._say(f"250 2.1.5 <{address[1]}>... Recipient ok; will forward")

    def _local_recipient(self, address: str) -> None:
        account = read_settings(self._server.layout.settings).account_called(address)
        if account is None:
            self._say(f"550 5.1.1 <{address}>... User unknown; rejecting")
            return
        self._recipients.append(account)
        self._say(f"250 2.1.5 <{address}>... Recipient ok")

    def _data(self) -> None:
        if self._sender is None or not self._recipients:
            self._say("503 5.5.1 Bad sequence of commands")
            return
        self._say('354 Enter mail, end with "." on a line by itself')
        content = self._hear_message()
        mail = Submission(
            stem=self._server.stems.next(),
            at=time.time(),
            address=self._address,
            helo=self._helo,
            account=self._account,
            sender=self._sender,
            recipients=tuple(self._recipients),
            content=content,
        )
        self._log("Start of mail processing")
        try:
            self._server.accept(mail)
        except OSError as error:
            self._say(f"451 4.3.0 Message not accepted: {error.strerror}")
            return
        self._log(mail.log_summary())
        self._say(mail.acceptance())
        self._forget()

    def _hear_message(self) -> bytes:
        lines: list[bytes] = []
        size = 0
        while (line := self._from_client.readline(LINE_LIMIT_BYTES)) != b".\r\n":
            size += len(line)
            if not line or size > MESSAGE_LIMIT_BYTES:
                raise ConnectionResetError("the client left in the middle of DATA")
            lines.append(line.removeprefix(b"."))
        self._log(f"<<< {size} bytes (overall data transfer speed={size} b/s)")
        return b"".join(lines)

    def _forget(self) -> None:
        self._sender = None
        self._recipients = []

    def _hear(self) -> str | None:
        line = self._from_client.readline(LINE_LIMIT_BYTES)
        if not line.endswith(b"\n"):
            return None
        text = line.decode("latin-1").rstrip("\r\n")
        self._log(f"<<< {text}")
        return text

    def _say(self, text: str) -> None:
        self._log(f">>> {text}")
        self._to_client.write(text.encode("latin-1", "replace") + b"\r\n")

    def _log(self, text: str) -> None:
        now = time.time()
        line = log_line(self._address, self._thread, now, text)
        odd = self._server.scenario.has(Fault.ODD_LOG)
        append(log_file(self._server.layout, now), line, odd=odd)


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise ValueError("not base64 of UTF-8") from error
