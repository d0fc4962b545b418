"""The lock on the mail server that keeps a second responder out, and what is kept there with it."""

import secrets
from dataclasses import dataclass
from typing import Final

from playbook.errors import LeaseHeld

# A responder who did nothing for so long has gone: every change touches the journal there.
STALE_S: Final = 15 * 60


@dataclass(frozen=True)
class Holder:
    """Who holds the lease on the mail server, for which incident, since when.

    `home` says in whose state folder the incident is kept, "" where nothing does. The rest of the
    token is left out: whoever is shown it could act under the lease. Times are Unix seconds on
    the server's clock; `idle_s` is how long nothing was done under it.
    """

    incident: str
    who: str
    since: int
    idle_s: int
    home: str = ""


@dataclass(frozen=True)
class Lease:
    """What we write on the server: for which incident, who we are, and a token only we know.

    The token begins with what names our state folder: a person may have two at one machine.
    """

    incident: str
    who: str
    token: str

    @property
    def home(self) -> str:
        """What names our state folder."""
        return home_of(self.token)


_HOME_DIGITS: Final = 8


def lease(incident: str, who: str, home: str) -> Lease:
    """A new lease; `who` loses the spaces that the lock is written with."""
    token = f"{home}{secrets.token_hex(4)}"
    return Lease(incident, "".join(who.split())[:60] or "unknown", token)


def home_of(token: str) -> str:
    """What a token tells of whose it is; "" where it is no such token."""
    return token[:_HOME_DIGITS] if len(token) == 2 * _HOME_DIGITS else ""


@dataclass(frozen=True)
class ServerCopy:
    """How many records of the journal the server's copy holds, after the lease was taken."""

    records: int


def said_of(held: str) -> str:
    """A lease as the server wrote it (incident, who, since, token), in words, without the token."""
    parts = held.split(" ")
    if not held:
        return "nobody holds it"
    return f"{parts[1]} holds it for incident {parts[0]}" if len(parts) == 4 else "by somebody"


def may_take(held: Holder | None, wanted: Lease, take_over: str) -> str:
    """Why the lease may be taken over what is there; "" where it is free.

    It is free for the incident, person and state folder that it is held for: what acts in one
    incident of one folder holds its lock here. It is stale after a quarter of an hour in which
    nothing was done. Raises `LeaseHeld` for any other that nobody asked to take over.
    """
    if held is None:
        return ""
    ours = (wanted.incident, wanted.who, wanted.home)
    if wanted.home and (held.incident, held.who, held.home) == ours:
        return "it is ours, from before a crash"
    if take_over:
        return take_over
    if held.idle_s >= STALE_S:
        return f"it is stale: {held.who} did nothing for {held.idle_s // 60} min"
    raise LeaseHeld(
        f"{held.who} is responding on this server",
        f"they hold the lease for incident {held.incident}, with a sign of life "
        f"{held.idle_s} s ago",
    )
