"""Sessions of an SMTP log, put together from lines that may start or end anywhere.

A session is known by its address and thread; threads are reused after `Disconnected`. Lines of
`SYSTEM` and of the remote address belong to one delivery when they share the thread.
"""

from dataclasses import dataclass
from enum import Enum


class Login(Enum):
    """How far a session got with authentication."""

    NONE = "none"
    TRIED = "tried"
    ACCEPTED = "accepted"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Submission:
    """One message handed to the server; `message_id` is the server's, or `""`."""

    at_s: int | None
    sender: str
    recipients: int
    message_id: str
    status: str


@dataclass(frozen=True, slots=True)
class Session:
    """A server session: a client and what it submitted.

    `account` is `""` when nobody logged in or the name was masked; `login` tells which.
    `has_start` is false when the log begins in its middle: then an absent login says nothing.
    A session of very many messages comes in several parts, and one with several logins in a part
    a login. `client_name` is what the client called itself (EHLO), folded, `""` where it did not;
    `written_to` are the first 64 addresses that it named as recipients, folded. `local_address`
    and `server_name` are the server's own, where the log shows them.
    """

    address: str
    thread: str
    first_at_s: int | None
    last_at_s: int | None
    account: str
    login: Login
    has_start: bool
    submissions: tuple[Submission, ...]
    client_name: str = ""
    written_to: tuple[str, ...] = ()
    local_address: str = ""
    server_name: str = ""


DAY_S = 86_400
