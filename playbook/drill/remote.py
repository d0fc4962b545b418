"""The outer world as the SMTP log shows it: what other servers say to a message."""

import time
from collections.abc import Iterator

from playbook.drill.envelope import UNREACHABLE, Envelope
from playbook.drill.scenario import HOST, SERVER_ADDRESS
from playbook.drill.smtplog import log_line

REFUSAL = f"550 5.7.1 Service unavailable; client [{SERVER_ADDRESS}] blocked using zen.example"


def sessions(envelope: Envelope, stem: str, size: int, *, refused: bool) -> str:
    """The log of one attempt to hand a message of some bytes over, a client session a domain."""
    return "".join(
        line
        for domain in envelope.domains
        for line in _session(envelope, domain, (stem, size), refused=refused)
    )


def _session(
    envelope: Envelope, domain: str, item: tuple[str, int], *, refused: bool
) -> Iterator[str]:
    stem, size = item
    at, thread = time.time(), time.monotonic_ns() // 1000
    recipients = [each for each in envelope.recipients if each.partition("@")[2] == domain]
    before = (
        f"Message id {envelope.message_id} item {stem}.tm$",
        f"DNS query '{domain}' 0 (0) [OK - 2]",
        f"Connecting to '{domain}'",
    )
    said = list(_dialogue(envelope.sender, recipients, (domain, size), refused=refused))
    status = "OK" if said[-1].startswith("<<< 250") else "DELAYED"
    path = f"<{envelope.sender}> <{recipients[0]}>"
    summary = f"*** {path} {len(recipients)} {size} 00:00:01 {status} {envelope.message_id}"
    remote = f"203.0.113.{1 + sum(domain.encode()) % 254}"
    for text in before:
        yield log_line("SYSTEM", thread, at, f"Client session {text}")
    for text in (*said, summary):
        yield log_line(remote, thread, at, f"Client session {text}")
    yield log_line("SYSTEM", thread, at, "Client session Disconnected")


def _dialogue(
    sender: str, recipients: list[str], item: tuple[str, int], *, refused: bool
) -> Iterator[str]:
    domain, size = item
    if domain == UNREACHABLE:
        yield "Connection timed out"
        return
    yield "Connected"
    yield f"<<< 220 mx.{domain} ESMTP"
    yield f">>> EHLO {HOST}"
    yield f"<<< 250-mx.{domain} Hello {HOST} [{SERVER_ADDRESS}]"
    yield "<<< 250 HELP"
    yield f">>> MAIL From:<{sender}> SIZE={size}"
    yield f"<<< 250 2.1.0 <{sender}>... Sender ok"
    for recipient in recipients:
        yield f">>> RCPT To:<{recipient}>"
        if refused:
            yield f"<<< {REFUSAL}"
            return
        yield f"<<< 250 2.1.5 <{recipient}>... Recipient ok"
    yield ">>> DATA"
    yield "<<< 354 Start mail input"
    yield f">>> {size} bytes (overall data transfer speed={size} b/s)"
    yield "<<< 250 2.0.0 Message accepted"
