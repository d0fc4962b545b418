"""What is kept on a mail server for an incident, whatever its product: the lease, the journal.

Every script that changes is sent from here: with the token of the lease, which it asks for, and
with the lines of the journal that the server's copy does not have yet.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from playbook.errors import AnswerUnreadable, LeaseHeld, ServerRefused
from playbook.mail.lease import Lease, ServerCopy
from playbook.mail.scripts import answers
from playbook.mail.scripts.outbox import Outbox
from playbook.mail.scripts.remote import RemoteScripts
from playbook.progress import Tell, untold
from playbook.transports.base import Request, Value
from playbook.transports.frame import ScriptRecord

_DEADLINE_S: Final = 60.0
_COPY_DEADLINE_S: Final = 120.0

# A name of an incident becomes the name of a folder, here and there.
_INCIDENT: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z-]{0,63}")


def journal_copy(
    scripts: RemoteScripts, state_folder: str, incident: str
) -> tuple[str, tuple[str, ...]]:
    """The incident (the newest for "") and the lines of its journal there; "" without one.

    Raises `AnswerUnreadable` for a name that no incident has, and for a line that is not ASCII
    text: what lies on the server may have been written by anybody.
    """
    values = {"state_folder": state_folder, "incident": incident}
    found = answers.gathered(scripts.ask("read/journal", values, _COPY_DEADLINE_S))
    name = next((name for (name,) in found.all("incident", 1)), "")
    if name and (not _INCIDENT.fullmatch(name) or incident not in ("", name)):
        raise AnswerUnreadable("The server's copy of a journal has a name that no incident has")
    lines = tuple(line for (line,) in found.all("line", 1))
    if not all(line.isascii() and line.isprintable() for line in lines):
        raise AnswerUnreadable(f"The server's copy of the journal of {name} is not text")
    return name, lines


@dataclass
class Custody:
    """The lease on one mail server, and the copy of the journal that is kept there.

    `state_folder` says where both lie, when it is needed. `learn` is told what every script that
    changes answered with, so that whoever looked at the server knows how it was left.
    """

    scripts: RemoteScripts
    journal: Outbox
    state_folder: Callable[[], str]
    learn: Callable[[tuple[ScriptRecord, ...]], None]
    _lease: Lease | None = None

    @property
    def incident(self) -> str:
        """The incident that the lease is held for, or ""."""
        return self._lease.incident if self._lease else ""

    def take(self, wanted: Lease, since: int, *, over: bool) -> ServerCopy:
        """Take the lease and make the folder where the incident is kept on the server.

        `since` is the server's clock, in Unix seconds; `over` takes what somebody else holds.
        Raises `LeaseHeld` where another responder was faster.
        """
        self._lease = wanted
        values: dict[str, Value] = {
            "who": wanted.who,
            "since": since,
            "over": "yes" if over else "",
        }
        try:
            records = self.change("change/take_lease", values, _DEADLINE_S)
        except ServerRefused as error:
            self._lease = None
            if error.reason == "held":
                raise LeaseHeld("Another responder was faster", error.because) from error
            raise
        return ServerCopy(_copied(records))

    def release(self) -> None:
        """Give the lease up, where it is held, and leave the whole journal there."""
        if self._lease:
            self.change("change/release_lease", {}, _DEADLINE_S, last=True)
            self._lease = None

    def let_go(self) -> None:
        """The server keeps no lease of ours any more."""
        self._lease = None

    def change(
        self,
        name: str,
        values: Mapping[str, Value],
        deadline_s: float,
        tell: Tell = untold,
        *,
        last: bool = False,
    ) -> tuple[ScriptRecord, ...]:
        """Send a script that changes; raises `ServerRefused` where it did not do it.

        Raises a `TransportError`, too. `last`: none is expected to follow.
        """
        request = self._request(name, values, deadline_s, (), last=last)
        records, refused = self._sent(request, tell)
        if refused:
            raise refused
        return records

    def attempt(
        self,
        name: str,
        values: Mapping[str, Value],
        deadline_s: float,
        tell: Tell,
        lines: tuple[str, ...],
    ) -> tuple[tuple[ScriptRecord, ...], ServerRefused | None]:
        """Send a script that works through a list, and may have done a part where it refuses.

        `lines` are the list. Returns the script's records, and its refusal if it refused.
        """
        return self._sent(self._request(name, values, deadline_s, lines, last=False), tell)

    def _sent(
        self, request: Request, tell: Tell
    ) -> tuple[tuple[ScriptRecord, ...], ServerRefused | None]:
        records = self.scripts.transport.run(request, tell)
        self.journal.sent(_copied(records) or self._known_there())
        self.learn(records)
        return records, answers.refusal(records)

    def _known_there(self) -> int:
        return len(self.journal.records) - len(self.journal.unsent())

    def _request(
        self,
        name: str,
        values: Mapping[str, Value],
        deadline_s: float,
        own: tuple[str, ...],
        *,
        last: bool,
    ) -> Request:
        held = self._lease
        entered: dict[str, Value] = {
            **values,
            "state_folder": self.state_folder(),
            "incident": held.incident if held else "",
            "token": held.token if held else "",
            "journal_after": self._known_there(),
        }
        lines = tuple(record.line for record in self.journal.unsent())
        # The dot ends the journal's lines; what is sent ends with one of its own.
        both = (*lines, ".", *own) if own else lines
        return Request(self.scripts.pack.script(name), entered, both, deadline_s, last)


def _copied(records: tuple[ScriptRecord, ...]) -> int:
    found = answers.gathered(records).all("copied", 1)
    return (answers.number(found[-1][0]) or 0) if found else 0
