"""A resolver that is made when the first question is asked.

The DNS library takes longer to load than a command to a server may wait for it: a leak is open,
and its questions come when that is closed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from playbook.dns.nameserver import NameServer
from playbook.dns.questions import Answer, Question, Resolver


@dataclass(frozen=True)
class LazyResolver:
    """Asks these name servers, or without any those of this machine."""

    servers: tuple[NameServer, ...] = ()

    def __str__(self) -> str:
        return str(self._lookup)

    def ask(self, questions: Iterable[Question]) -> Mapping[Question, Answer]:
        """Answer every question, as `Lookup` does."""
        return self._lookup.ask(questions)

    @cached_property
    def _lookup(self) -> Resolver:
        from playbook.dns.lookup import Lookup, of_this_machine  # noqa: PLC0415 - why, above

        return Lookup(self.servers or of_this_machine())
