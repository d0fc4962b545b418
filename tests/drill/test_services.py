import os
import signal
import smtplib
import socket
from collections import Counter
from pathlib import Path

import pytest

from tests.support.attack import (
    NEW_PASSWORD,
    Attack,
    log_in,
    port_open,
    queue,
    queued,
    refused,
    service,
    sink,
    smtp_pid,
    submit,
    tool,
    until,
    without_watchdog,
)


def test_smtp_says_its_banner_and_queues_what_it_accepts(attack: Attack) -> None:
    server = attack()
    with socket.create_connection(("127.0.0.1", server.smtp_port), timeout=5) as connection:
        assert connection.recv(200).startswith(b"220 mail.domaine.example ESMTP IceWarp 14.3.0.7 ")
    before = set(queued(server))
    with log_in(server) as smtp:
        submit(smtp)
        new = [path for path in queued(server) if path not in before]
        mine = [path for path in new if b"\nx\r\n" in path.read_bytes()]
    assert mine[0].read_bytes().startswith(b"original sender: info@domaine.example\r\n")


def test_mail_for_a_mailbox_goes_through_incoming(attack: Attack) -> None:
    server = attack(deliveries_per_s=100)
    mailbox = server.install / "mail" / "domaine.example" / "m.roux"
    with smtplib.SMTP("127.0.0.1", server.smtp_port, timeout=5) as smtp:
        smtp.sendmail("a@courriel.example", ["m.roux@domaine.example"], b"Subject: y\r\n\r\ny\r\n")
    until(lambda: [path for path in mailbox.iterdir() if b"Subject: y" in path.read_bytes()])
    until(lambda: not list((server.install / "mail" / "_incoming").iterdir()))


def test_smtp_relays_for_nobody_without_a_login(attack: Attack) -> None:
    server = attack()
    with smtplib.SMTP("127.0.0.1", server.smtp_port, timeout=5) as smtp:
        smtp.ehlo()
        assert smtp.mail("a@courriel.example")[0] == 250
        assert smtp.rcpt("b@courriel.example")[0] == 550
        assert smtp.rcpt("nobody@domaine.example")[0] == 550


@pytest.mark.slow
def test_stop_ends_the_process_and_start_brings_another(attack: Attack) -> None:
    server = attack()
    without_watchdog(server)
    first = smtp_pid(server)
    assert service(server, "--stop", "smtp").status == 0
    assert smtp_pid(server) is None
    assert not port_open(server)
    assert service(server, "--start", "smtp").status == 0
    assert port_open(server)
    assert smtp_pid(server) not in {None, first}


def test_the_watchdog_restarts_smtp_while_it_is_told_to(attack: Attack) -> None:
    server = attack()
    first = smtp_pid(server)
    service(server, "--stop", "smtp")
    until(lambda: smtp_pid(server) not in {None, first} and port_open(server))


def test_smtp_is_found_by_its_command_line(attack: Attack) -> None:
    server = attack()
    command = Path(f"/proc/{smtp_pid(server)}/cmdline").read_bytes()
    assert os.fsencode(server.install / "smtp") in command.split(b"\0")


@pytest.mark.slow
def test_a_kill_in_the_middle_loses_and_doubles_nothing(attack: Attack) -> None:
    server = attack(size=400, deliveries_per_s=500)
    without_watchdog(server)
    for threshold in (20, 60, 120):
        until(lambda least=threshold: len(sink(server)) > least)  # type: ignore[misc]
        pid = smtp_pid(server)
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        until(lambda: smtp_pid(server) is None)
        waiting = [path.stem for path in queued(server)]
        delivered = [path.stem.rpartition("-")[2] for path in sink(server)]
        counts = Counter(waiting + delivered)
        assert set(counts.values()) == {1}
        assert len(counts) >= 400
        service(server, "--start", "smtp")
    score = server.score(contained_at=0)
    assert (score.mails_lost, score.mails_sent_twice) == (0, 0)


def test_a_new_outgoing_is_made_and_the_renamed_one_is_left_alone(attack: Attack) -> None:
    server = attack(deliveries_per_s=200)
    without_watchdog(server)
    service(server, "--stop", "smtp")
    aside = queue(server).rename(queue(server).with_name("_outgoing.incident"))
    left = sorted(aside.rglob("*.tmp"))
    service(server, "--start", "smtp")
    with log_in(server) as smtp:
        submit(smtp)
    until(lambda: any(b"\nx\r\n" in path.read_bytes() for path in sink(server)))
    assert sorted(aside.rglob("*.tmp")) == left


def test_starting_empties_the_receiving_folder(attack: Attack) -> None:
    server = attack()
    (server.install / "temp" / "SMTP" / "half.tmp").write_bytes(b"half")
    service(server, "--restart", "smtp")
    assert not (server.install / "temp" / "SMTP" / "half.tmp").exists()


def test_a_new_password_shuts_new_logins_out_and_open_sessions_at_the_stop(attack: Attack) -> None:
    server = attack()
    held = log_in(server)
    with held:
        tool(server, "set", "account", "info", "u_password", NEW_PASSWORD)
        assert refused(server)
        log_in(server, NEW_PASSWORD).close()
        submit(held)
        service(server, "--stop", "smtp")
        try:
            submit(held)
            survived = True
        except (OSError, smtplib.SMTPException):
            survived = False
    assert not survived


def test_blocking_an_account_refuses_its_login(attack: Attack) -> None:
    server = attack()
    for variable, shut, opened in (("u_smtp", "0", "1"), ("u_accountdisabled", "1", "0")):
        tool(server, "set", "account", "info", variable, shut)
        assert refused(server)
        tool(server, "set", "account", "info", variable, opened)
        assert not refused(server)
