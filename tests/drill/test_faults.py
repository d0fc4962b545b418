import os
import signal
import subprocess
import time

import pytest

from playbook.drill.faults import Fault
from tests.support.attack import (
    NEW_PASSWORD,
    Attack,
    log_in,
    port_open,
    queue,
    queued,
    refused,
    service,
    set_outgoing_aside,
    sink,
    smtp_pid,
    stop_for_good,
    submit,
    tool,
    until,
    without_watchdog,
)


def test_every_fault_says_what_it_does_and_what_must_be_done() -> None:
    assert len(Fault) == 18
    for fault in Fault:
        assert fault.does.endswith(".")
        assert fault.must.endswith(".")


@pytest.mark.slow
def test_stop_returns_early(attack: Attack) -> None:
    server = attack(Fault.STOP_RETURNS_EARLY, size=200, deliveries_per_s=30)
    without_watchdog(server)
    with log_in(server) as held:
        assert service(server, "--stop", "smtp").status == 0
        until(lambda: not port_open(server))
        pid, left = smtp_pid(server), len(sink(server))
        assert pid is not None
        submit(held)
        until(lambda: len(sink(server)) > left)
    until(lambda: smtp_pid(server) is None)


@pytest.mark.slow
def test_stop_hangs_until_killed(attack: Attack) -> None:
    server = attack(Fault.STOP_HANGS, size=200, deliveries_per_s=30)
    without_watchdog(server)
    pid = smtp_pid(server)
    assert pid is not None
    assert service(server, "--stop", "smtp").status != 0
    os.kill(pid, signal.SIGTERM)
    left = len(sink(server))
    until(lambda: len(sink(server)) > left)
    assert not port_open(server)
    assert smtp_pid(server) == pid
    os.kill(pid, signal.SIGKILL)
    until(lambda: smtp_pid(server) is None)


@pytest.mark.slow
def test_a_supervisor_restarts_smtp_at_the_rename_whatever_the_setting(attack: Attack) -> None:
    server = attack(Fault.WATCHDOG_RESTARTS_AT_RENAME, deliveries_per_s=30)
    stop_for_good(server)
    left = len(sink(server))
    aside = set_outgoing_aside(server)
    until(lambda: smtp_pid(server) is not None)
    until(lambda: len(sink(server)) > left + 5)
    assert len(list(aside.rglob("*.tmp"))) < 40 - left
    service(server, "--stop", "smtp")
    until(lambda: smtp_pid(server) is None)
    service(server, "--start", "smtp")
    waiting = sorted(aside.rglob("*.tmp"))
    with log_in(server) as smtp:
        submit(smtp)
    until(lambda: any(b"\nx\r\n" in path.read_bytes() for path in sink(server)))
    assert sorted(aside.rglob("*.tmp")) == waiting


def test_the_tool_hangs_on_a_password_and_on_nothing_else(attack: Attack) -> None:
    server = attack(Fault.TOOL_HANGS)
    with pytest.raises(subprocess.TimeoutExpired):
        tool(server, "set", "account", "info", "u_password", NEW_PASSWORD, timeout_s=0.5)
    assert not refused(server)
    assert tool(server, "set", "account", "info", "u_smtp", "0").status == 0
    assert refused(server)


def test_the_policy_refuses_every_password(attack: Attack) -> None:
    server = attack(Fault.POLICY_REFUSES)
    answer = tool(server, "set", "account", "info", "u_password", NEW_PASSWORD)
    assert answer.text == "Password policy violation.\r\n"
    assert answer.status != 0
    assert not refused(server)


def test_a_directory_account_does_not_mind_its_local_password(attack: Attack) -> None:
    server = attack(Fault.DIRECTORY_ACCOUNT)
    told = tool(server, "get", "account", "info", "u_authmode", "u_authmodevalue")
    assert told.lines[1:] == ("u_authmode: 2", "u_authmodevalue: dc1.domaine.example")
    assert tool(server, "set", "account", "info", "u_password", NEW_PASSWORD).status == 0
    assert not refused(server)
    tool(server, "set", "account", "info", "u_smtp", "0")
    assert refused(server)


def test_the_retry_queue_elsewhere_is_delivered_from(attack: Attack) -> None:
    server = attack(Fault.RETRY_ELSEWHERE, deliveries_per_s=200)
    retry = server.root / "queues" / "retry"
    until(lambda: not list(retry.iterdir()))
    assert len(sink(server)) > 20


def test_smtp_does_not_start_while_the_outgoing_link_dangles(attack: Attack) -> None:
    server = attack(Fault.OUTGOING_IS_A_LINK)
    assert queue(server).is_symlink()
    stop_for_good(server)
    target = queue(server).resolve()
    target.rename(target.with_name("_outgoing.incident"))
    assert service(server, "--start", "smtp").status != 0
    assert smtp_pid(server) is None
    errors = next((server.install / "logs").glob("e*.log"))
    assert "SMTP service could not start" in errors.read_text()
    target.mkdir()
    assert service(server, "--start", "smtp").status == 0


def test_a_new_outgoing_appears_with_good_mail(attack: Attack) -> None:
    server = attack(Fault.NEW_OUTGOING_APPEARS)
    stop_for_good(server)
    set_outgoing_aside(server)
    until(lambda: queue(server).is_dir() and len(queued(server)) == 3)
    assert smtp_pid(server) is None
    score = server.score(contained_at=time.time())
    assert score.mails_lost == 0


@pytest.mark.slow
def test_start_fails_while_incoming_is_full(attack: Attack) -> None:
    server = attack(Fault.START_FAILS_ON_FULL_INCOMING)
    incoming = server.install / "mail" / "_incoming"
    assert len(list(incoming.glob("*.dat"))) == len(list(incoming.glob("*.tmp"))) == 5_200
    stop_for_good(server)
    assert service(server, "--start", "smtp").status != 0
    incoming.rename(incoming.with_name("_incoming.incident"))
    incoming.mkdir()
    assert service(server, "--start", "smtp").status == 0


def test_the_second_account_is_in_queue_and_log(attack: Attack) -> None:
    server = attack(Fault.SECOND_ACCOUNT)
    assert server.second_account == "compta@domaine.example"
    second = [path for path in queued(server) if b"sender: compta@" in path.read_bytes()[:40]]
    assert 5 < len(second) < 35
    logs = (server.install / "logs" / "smtp").iterdir()
    assert any("41.202.24.147" in log.read_text() for log in logs)
    assert attack().second_account is None
