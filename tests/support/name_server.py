"""A name server on loopback, UDP and TCP, whose every answer a test decides."""

import socketserver
import struct
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import dns.flags
import dns.message
import dns.rcode
import dns.rrset

from playbook.dns.nameserver import NameServer
from playbook.exposure.blacklists import Blacklist


@dataclass(frozen=True)
class Reply:
    """What is answered: records, or a code; or raw bytes; or nothing at all."""

    records: tuple[str, ...] = ()
    rcode: dns.rcode.Rcode = dns.rcode.NOERROR
    raw: bytes | None = None
    silent: bool = False
    truncated: bool = False


NO_SUCH_NAME = Reply(rcode=dns.rcode.NXDOMAIN)
LISTED = Reply(("127.0.0.2",))


@dataclass
class World:
    """What the server knows: names (as asked, with the final dot) and kinds of record."""

    replies: dict[tuple[str, str], Reply] = field(default_factory=dict)
    otherwise: Reply = NO_SUCH_NAME
    asked: list[tuple[str, str]] = field(default_factory=list)

    def says(self, name: str, reply: Reply, record: str = "A") -> None:
        self.replies[name, record] = reply

    def healthy(self, lists: tuple[Blacklist, ...], codes: Mapping[str, str] | None = None) -> None:
        """Every list has its test entry; `codes` names one that is not 127.0.0.2."""
        for each in lists:
            for kind in each.kinds:
                code = (codes or {}).get(each.name, "127.0.0.2")
                self.says(each.tests(kind)[0], Reply((code,)))

    def reply(self, wire: bytes, *, tcp: bool) -> bytes | None:
        query = dns.message.from_wire(wire)
        question = query.question[0]
        name, record = question.name.to_text(), question.rdtype.name
        self.asked.append((name, record))
        reply = self.replies.get((name, record), self.otherwise)
        if reply.silent or reply.raw is not None:
            return reply.raw
        response = dns.message.make_response(query)
        response.set_rcode(reply.rcode)
        if reply.truncated and not tcp:
            response.flags |= dns.flags.TC
        elif reply.records:
            response.answer.append(
                dns.rrset.from_text(question.name, 60, "IN", record, *reply.records)
            )
        return response.to_wire()


@contextmanager
def serving(world: World) -> Iterator[NameServer]:
    """The name server of that world, for as long as the block lasts."""

    class Datagram(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            wire, socket = self.request
            reply = world.reply(wire, tcp=False)
            if reply is not None:
                socket.sendto(reply, self.client_address)

    class Stream(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            (length,) = struct.unpack("!H", self.rfile.read(2))
            reply = world.reply(self.rfile.read(length), tcp=True)
            if reply is not None:
                self.wfile.write(struct.pack("!H", len(reply)) + reply)

    with socketserver.TCPServer(("127.0.0.1", 0), Stream) as tcp:
        port = tcp.server_address[1]
        with socketserver.UDPServer(("127.0.0.1", port), Datagram) as udp:
            servers: tuple[Any, ...] = (tcp, udp)
            threads = [
                threading.Thread(target=each.serve_forever, args=(0.01,)) for each in servers
            ]
            for thread in threads:
                thread.start()
            try:
                yield NameServer("127.0.0.1", port)
            finally:
                for each in servers:
                    each.shutdown()
                for thread in threads:
                    thread.join()
