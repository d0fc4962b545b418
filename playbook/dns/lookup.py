"""DNS questions, all at once and under a deadline: the half of this room that does I/O."""

import asyncio
import socket
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import dns.asyncbackend
import dns.asyncquery
import dns.exception
import dns.inet
import dns.message
import dns.rcode
import dns.rdatatype
import dns.resolver
from dns.rdtypes.ANY.TXT import TXT

from playbook.dns.nameserver import NameServer
from playbook.dns.questions import Answer, Question, Said

_AT_ONCE: Final = 64
_ATTEMPTS: Final = 2
_MOST_RECORDS: Final = 16
_TEXT_CHARACTERS: Final = 4096
_LATE: Final = Answer(Said.UNREACHABLE, why="no answer in time")
_NOBODY: Final = Answer(Said.UNREACHABLE, why="no resolver is configured on this machine")


@dataclass(frozen=True)
class Lookup:
    """Asks name servers over UDP, over TCP where an answer is truncated, a second time where lost.

    `deadline_s` bounds one call of `ask`, whatever the number of questions.
    """

    servers: tuple[NameServer, ...]
    deadline_s: float = 3.0

    def __str__(self) -> str:
        return ", ".join(map(str, self.servers)) or "no resolver"

    def ask(self, questions: Iterable[Question]) -> Mapping[Question, Answer]:
        """Answer every question; one that nobody answered in time is unreachable."""
        return asyncio.run(self._all(tuple(questions)))

    async def _all(self, questions: tuple[Question, ...]) -> dict[Question, Answer]:
        places = asyncio.Semaphore(_AT_ONCE)

        async def in_turn(question: Question) -> Answer:
            async with places:
                return await self._answer(question)

        tasks = {question: asyncio.create_task(in_turn(question)) for question in questions}
        if tasks:
            await asyncio.wait(tasks.values(), timeout=self.deadline_s)
        for task in tasks.values():
            task.cancel()
        await asyncio.gather(*tasks.values(), return_exceptions=True)
        return {
            question: _LATE if task.cancelled() else task.result()
            for question, task in tasks.items()
        }

    async def _answer(self, question: Question) -> Answer:
        answer = _NOBODY
        for server in self.servers * _ATTEMPTS:
            answer = await _asked(server, question, self.deadline_s / _ATTEMPTS)
            if answer.said is not Said.UNREACHABLE:
                break
        return answer


def of_this_machine() -> tuple[NameServer, ...]:
    """The name servers that this machine is configured with; none where that cannot be read."""
    try:
        found = dns.resolver.Resolver()
    except (dns.exception.DNSException, OSError):
        return ()
    written = [each for each in found.nameservers if isinstance(each, str)]
    return tuple(NameServer(each, found.port) for each in written if dns.inet.is_address(each))


async def _asked(server: NameServer, question: Question, timeout_s: float) -> Answer:
    """One question to one server. What is no answer to it is not heard."""
    try:
        query = dns.message.make_query(question.name, question.record)
        response = await _exchanged(server, query, timeout_s)
    except dns.exception.Timeout:
        return _LATE
    except (dns.exception.DNSException, EOFError) as error:
        return Answer(Said.UNREACHABLE, why=f"an answer that is none ({type(error).__name__})")
    except OSError as error:
        return Answer(Said.UNREACHABLE, why=(error.strerror or str(error)).lower())
    return _understood(response, dns.rdatatype.from_text(question.record))


async def _exchanged(
    server: NameServer, query: dns.message.Message, timeout_s: float
) -> dns.message.Message:
    """On a connected socket, because only that one is told at once when nobody listens."""
    address = server.address
    backend = dns.asyncbackend.get_backend("asyncio")
    family = dns.inet.af_for_address(address)
    there = (address, server.port)
    connecting = backend.make_socket(  # type: ignore[no-untyped-call]  # dnspython says no types
        family, socket.SOCK_DGRAM, 0, None, there
    )
    async with await connecting as udp:
        response, _ = await dns.asyncquery.udp_with_fallback(
            query,
            address,
            timeout_s,
            server.port,
            udp_sock=udp,
            backend=backend,
            ignore_unexpected=True,
            ignore_errors=True,
        )
    return response


def _understood(response: dns.message.Message, wanted: dns.rdatatype.RdataType) -> Answer:
    match response.rcode():
        case dns.rcode.NOERROR:
            found = [record for each in response.answer if each.rdtype == wanted for record in each]
            texts = tuple(map(_text, found[:_MOST_RECORDS]))
            return Answer(Said.RECORDS, texts) if texts else Answer(Said.NOTHING)
        case dns.rcode.NXDOMAIN:
            return Answer(Said.NOTHING)
        case dns.rcode.REFUSED:
            return Answer(Said.REFUSED)
        case other:
            name = dns.rcode.to_text(other)
            return Answer(Said.UNREACHABLE, why=f"the resolver answers {name}")


def _text(record: dns.rdata.Rdata) -> str:
    if isinstance(record, TXT):
        return b"".join(record.strings).decode("utf-8", "replace")[:_TEXT_CHARACTERS]
    return record.to_text()
