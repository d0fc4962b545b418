"""The SMTP service: submissions in, deliveries out (RFC 5321, AUTH by RFC 4954)."""

import os
import shutil
import signal
import socketserver
import time
from dataclasses import replace
from threading import Event, Thread

from playbook.drill.delivery import Delivery, Terms, incoming_is_jammed
from playbook.drill.faults import Fault
from playbook.drill.layout import Layout
from playbook.drill.process import write_pid_file
from playbook.drill.queuefile import StemClock, Submission, publish
from playbook.drill.scenario import Scenario
from playbook.drill.session import Session
from playbook.drill.smtplog import append, error_log_file, log_line

LINGERING_S = 3.0


class SmtpServer(socketserver.ThreadingTCPServer):
    """Takes connections on loopback, a thread each, and accepts messages into the queues."""

    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, layout: Layout, scenario: Scenario) -> None:
        super().__init__(("127.0.0.1", scenario.smtp_port), Connection)
        self.layout = layout
        self.scenario = scenario
        self.stems = StemClock()

    def accept(self, mail: Submission) -> None:
        """Put a message where its recipients are served from; on return it is the server's."""
        version, layout, is_local = self.scenario.version, self.layout, self.scenario.is_local
        if outside := tuple(address for address in mail.recipients if not is_local(address)):
            copy = replace(mail, recipients=outside)
            target = layout.outgoing / f"{mail.stem}.tmp"
            publish(copy.queue_file(version), layout.receiving, target)
        for address in filter(is_local, mail.recipients):
            copy = replace(mail, stem=self.stems.next(), recipients=(address,))
            content, envelope = copy.incoming_pair(version)
            target = layout.incoming / f"{copy.stem}.tmp"
            publish(content, layout.receiving, target)
            publish(envelope, layout.receiving, target.with_suffix(".dat"))


class Connection(socketserver.StreamRequestHandler):
    """One client connection."""

    server: SmtpServer

    def handle(self) -> None:
        """Talk with the client until one of both goes."""
        try:
            Session(self.server, self.rfile, self.wfile).run()
        except (ConnectionError, ValueError):
            return


def serve_smtp(layout: Layout, told_to_end: Event, *, siblings: bool) -> None:
    """Run the service until told to end, as well or as badly as the scenario wants."""
    scenario = Scenario.read(layout.scenario)
    if refusal := _refusal(layout, scenario):
        now = time.time()
        append(error_log_file(layout, now), log_line("SYSTEM", 0, now, refusal))
        raise SystemExit(1)
    _empty_receiving_folder(layout)
    server = SmtpServer(layout, scenario)
    ended = Event()
    first = _is_first(layout)
    if scenario.has(Fault.REMOTE_REFUSES_ADDRESS) and not first:
        layout.blocklisted.touch()
    terms = Terms(siblings, takes_incoming=scenario.level == 1 or not first)
    delivery = Delivery(layout, scenario, terms)
    Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    Thread(target=delivery.run_until, args=(ended,), daemon=True).start()
    write_pid_file(layout, "smtp")
    told_to_end.wait()
    server.shutdown()
    server.server_close()
    while scenario.has(Fault.STOP_HANGS):
        signal.pause()
    if scenario.has(Fault.STOP_RETURNS_EARLY):
        time.sleep(LINGERING_S)
    ended.set()


def _is_first(layout: Layout) -> bool:
    """Whether this is the first process of the drill; above level 1 its local delivery hangs."""
    with layout.starts.open("a+", encoding="ascii") as starts:
        starts.write(f"{os.getpid()}\n")
        starts.seek(0)
        return len(starts.readlines()) == 1


def _refusal(layout: Layout, scenario: Scenario) -> str | None:
    """Why the service does not start, if it does not."""
    outgoing = layout.outgoing
    if outgoing.is_symlink() and not outgoing.exists():
        return "SMTP service could not start: the outgoing folder cannot be opened"
    if scenario.has(Fault.START_FAILS_ON_FULL_INCOMING) and incoming_is_jammed(layout):
        return "SMTP service could not start in time: the incoming queue is full"
    return None


def _empty_receiving_folder(layout: Layout) -> None:
    if layout.receiving.is_dir():
        shutil.rmtree(layout.receiving)
    layout.receiving.mkdir(parents=True)
