"""An SMTP server on loopback whose every answer a test decides."""

import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Manners:
    """How it behaves: its banner, its greeting, and what it says to each command.

    `answers` gets the command and returns the reply, raw, or "" to close the connection.
    """

    answers: Callable[[str], str]
    banner: str = "220 mail.corp.org ESMTP\r\n"
    tls: ssl.SSLContext | None = None
    heard: list[str] = field(default_factory=list)
    connections: int = 0


@contextmanager
def serving(manners: Manners, tls: ssl.SSLContext | None = None) -> Iterator[int]:
    """The port of a server with these manners, for as long as the block lasts; `tls`: at once."""

    class Client(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            manners.connections += 1
            try:
                self.wfile.write(manners.banner.encode("latin-1"))
                while raw := self.rfile.readline():
                    command = raw.decode("latin-1").rstrip("\r\n")
                    manners.heard.append(command)
                    said = manners.answers(command)
                    if not said:
                        return
                    self.wfile.write(said.encode("latin-1"))
                    if command.upper() == "STARTTLS" and manners.tls:
                        self._begin_tls(manners.tls)
            except (OSError, ValueError):
                pass

        def finish(self) -> None:
            super().finish()
            self.connection.close()

        def _begin_tls(self, context: ssl.SSLContext) -> None:
            self.connection = context.wrap_socket(self.connection, server_side=True)
            self.rfile = self.connection.makefile("rb")
            self.wfile = self.connection.makefile("wb", buffering=0)

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

    with Server(("127.0.0.1", 0), Client) as server:
        if tls:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()
