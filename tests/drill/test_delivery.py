"""What the log says of a delivery, what other servers make of it, and where the mail is then."""

import smtplib
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from playbook.drill.envelope import Envelope
from playbook.drill.faults import Fault
from playbook.drill.server import AttackedServer
from playbook.mail.icewarp.formats.log_lines import parse_line
from playbook.mail.icewarp.formats.log_sessions import read_sessions
from playbook.smtplog.deliveries import Delivery, DeliveryOutcome
from tests.support.attack import (
    Attack,
    log_in,
    queue,
    queued,
    restart,
    set_outgoing_aside,
    sink,
    stop_for_good,
    until,
)


def log(server: AttackedServer) -> bytes:
    """Today's SMTP log, or that of both days at midnight."""
    logs = sorted((server.install / "logs" / "smtp").iterdir())
    return b"".join(path.read_bytes() for path in logs)


def deliveries(server: AttackedServer) -> dict[str, set[DeliveryOutcome]]:
    """What became of each queue file, as whoever responds reads it in the log."""
    lines = map(parse_line, log(server).splitlines())
    outcomes: dict[str, set[DeliveryOutcome]] = {}
    for entry in read_sessions(line for line in lines if line is not None):
        if isinstance(entry, Delivery):
            outcomes.setdefault(entry.stem, set()).add(entry.outcome)
    return outcomes


def submit_to(server: AttackedServer, *recipients: str) -> None:
    with log_in(server) as smtp:
        smtp.sendmail("info@domaine.example", list(recipients), b"Subject: x\r\n\r\nbody\r\n")


def submitted(server: AttackedServer) -> Iterator[Path]:
    return (path for path in queued(server) if b"\r\n\r\nbody\r\n" in path.read_bytes())


@pytest.mark.slow
def test_a_delivery_is_logged_as_accepted_with_a_session_a_domain(attack: Attack) -> None:
    server = attack(deliveries_per_s=100)
    until(lambda: not queued(server))
    submit_to(server, "a@un.example", "b@deux.example", "c@un.example")
    until(lambda: any(b"\r\n\r\nbody\r\n" in path.read_bytes() for path in sink(server)))
    delivered = {path.stem.rpartition("-")[2] for path in sink(server)}
    until(lambda: set(deliveries(server)) >= delivered)
    assert {each for stem in delivered for each in deliveries(server)[stem]} == {
        DeliveryOutcome.ACCEPTED
    }
    text = log(server)
    for said in (b"RCPT To:<c@un.example>", b"Connecting to 'deux.example'"):
        assert text.count(b"Client session >>> " + said) + text.count(b"session " + said) == 1


@pytest.mark.slow
def test_other_servers_refuse_the_address_from_the_next_start_on(attack: Attack) -> None:
    server = attack(Fault.REMOTE_REFUSES_ADDRESS, size=10, deliveries_per_s=100)
    until(lambda: not queued(server))
    left = len(sink(server))
    restart(server)
    submit_to(server, "a@un.example")
    until(lambda: [path.parent.name for path in submitted(server)] == ["retry"])
    until(lambda: b"550 5.7.1 Service unavailable; client [198.51.100.25] blocked" in log(server))
    (waiting,) = submitted(server)
    assert deliveries(server)[waiting.stem] == {DeliveryOutcome.NOT_ACCEPTED}
    assert len(sink(server)) == left
    assert server.score(contained_at=0).mails_lost == 0


@pytest.mark.slow
def test_a_refused_mail_does_not_keep_others_waiting(attack: Attack) -> None:
    server = attack(size=10, deliveries_per_s=100)
    until(lambda: not queued(server))
    submit_to(server, "a@injoignable.example")
    until(lambda: b"Connection timed out" in log(server))
    submit_to(server, "b@un.example")
    until(lambda: b"RCPT To:<b@un.example>" in log(server))
    (waiting,) = submitted(server)
    assert deliveries(server)[waiting.stem] == {DeliveryOutcome.NOT_ACCEPTED}
    assert log(server).count(b"Connection timed out") == 1


def test_a_stem_exists_in_the_new_queue_and_stays(attack: Attack) -> None:
    server = attack(Fault.STEM_EXISTS, size=200, deliveries_per_s=20)
    stop_for_good(server)
    aside = set_outgoing_aside(server)
    until(lambda: queue(server).is_dir() and queued(server))
    restart(server)
    until(lambda: b"Connection timed out" in log(server))
    (there,) = queue(server).glob("*.tmp")
    (twin,) = aside.rglob(there.name)
    assert server.score(contained_at=time.time()).mails_lost == 0
    twin.rename(there)
    assert server.score(contained_at=time.time()).mails_lost == 1


@pytest.mark.parametrize(
    ("head", "told"),
    [
        (
            (
                "sender: <a@b.example>\r\nrecipient: <c@d.example>\r\nmessage id: 7\r\n"
                "Received: from x ([1.2.3.4]) by y (IceWarp 1) with ASMTP id 9; now\r\n"
                "To: other@e.example\r\n\r\nrecipient: <no@f.example>\r\n"
            ),
            Envelope("a@b.example", ("c@d.example",), "7"),
        ),
        (
            (
                "Received: from x ([1.2.3.4]) by y (IceWarp 1) with ASMTP id 20261124; now\n"
                "From: Anne <a@b.example>\nTo: c@d.example\n\nTo: no@f.example\n"
            ),
            Envelope("a@b.example", ("c@d.example",), "20261124"),
        ),
        ("original sender: \nsender: <>\nreci", Envelope("", (), "")),
        ("", Envelope("", (), "")),
    ],
)
def test_the_envelope_is_the_block_or_what_the_message_says(
    tmp_path: Path, head: str, told: Envelope
) -> None:
    file = tmp_path / "file.tmp"
    file.write_bytes(head.encode())
    assert Envelope.of(file) == told
    assert told.is_undeliverable is (told.recipients == ())


def test_the_thiefs_refused_login_is_no_submission(attack: Attack) -> None:
    server = attack()
    with pytest.raises(smtplib.SMTPAuthenticationError):
        log_in(server, "wrong")
    assert not deliveries(server)
