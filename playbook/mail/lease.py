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

    The token is left out: whoever is shown it could act under the lease. Times are Unix seconds
    on the server's clock; `idle_s` is how long nothing was done under it.
    """

    incident: str
    who: str
    since: int
    idle_s: int


@dataclass(frozen=True)
class Lease:
    """What we write on the server: for which incident, who we are, and a token only we know."""

    incident: str
    who: str
    token: str


def lease(incident: str, who: str) -> Lease:
    """A new lease; `who` loses the spaces that the lock is written with."""
    return Lease(incident, "".join(who.split())[:60] or "unknown", secrets.token_hex(4))


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

    It is free for the incident and person that it is held for, and it is stale after a quarter
    of an hour in which nothing was done. Raises `LeaseHeld` for any other that nobody asked to
    take over.
    """
    if held is None:
        return ""
    if held.incident == wanted.incident and held.who == wanted.who:
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
