"""The scripts of a pack, run on one mail server."""

from collections.abc import Mapping
from dataclasses import dataclass

from playbook.mail.scripts.pack import Pack
from playbook.transports.base import Request, Transport, Value
from playbook.transports.frame import ScriptRecord


@dataclass(frozen=True)
class RemoteScripts:
    """A transport to a mail server, and the pack of scripts that is for it."""

    transport: Transport
    pack: Pack

    def ask(
        self, name: str, values: Mapping[str, Value], deadline_s: float
    ) -> tuple[ScriptRecord, ...]:
        """The records that a script of `read/` answers with; raises a `TransportError`."""
        return self.transport.run(Request(self.pack.script(name), values, (), deadline_s))
