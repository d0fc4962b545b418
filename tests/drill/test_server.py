import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from playbook.drill.process import PACKAGE_FOLDER, locked
from playbook.drill.server import AttackedServer
from tests.support.attack import (
    NEW_PASSWORD,
    Attack,
    log_in,
    queue,
    queued,
    refused,
    service,
    set_outgoing_aside,
    sink,
    stop_for_good,
    submit,
    tool,
    truth_of,
    until,
    without_watchdog,
)


def processes_of(root: Path) -> list[int]:
    """The pids of the living processes that name a folder on their command line."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if os.fsencode(root) in (entry / "cmdline").read_bytes():
                found.append(int(entry.name))
        except (OSError, ValueError):
            continue
    return found


def test_stop_leaves_no_process_and_no_folder() -> None:
    server = AttackedServer(size=20)
    server.start()
    assert len(processes_of(server.install)) == 4
    server.stop()
    assert not processes_of(server.install)
    assert not server.root.exists()


def test_a_folder_that_was_named_is_kept_and_must_be_new(tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    with AttackedServer(size=20, folder=folder, ssh=False, thief=False) as server:
        assert server.root == folder
    assert len(list(queue(server).rglob("*.tmp"))) > 0
    assert not processes_of(folder)
    with pytest.raises(FileExistsError, match="not empty"):
        AttackedServer(folder=folder)


def test_a_start_that_fails_leaves_nothing() -> None:
    server = AttackedServer(size=20)
    with (
        socket.create_server(("127.0.0.1", server.smtp_port)),
        pytest.raises(RuntimeError, match="did not start"),
    ):
        server.start()
    assert not processes_of(server.install)
    assert not server.root.exists()


def test_the_services_end_with_a_drill_that_was_killed(tmp_path: Path) -> None:
    code = (
        "from pathlib import Path; import signal, sys\n"
        "from playbook.drill.server import AttackedServer\n"
        "server = AttackedServer(size=5, folder=Path(sys.argv[1]))\n"
        "server.start()\n"
        "print('started', flush=True); signal.pause()\n"
    )
    drill = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "drill")],
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(PACKAGE_FOLDER)},
    )
    assert drill.stdout is not None
    with drill.stdout:
        assert drill.stdout.readline() == b"started\n"
    assert len(processes_of(tmp_path / "drill" / "icewarp")) == 4
    drill.send_signal(signal.SIGKILL)
    drill.wait()
    until(lambda: not processes_of(tmp_path / "drill" / "icewarp"))


def test_the_thief_is_shut_out_by_a_new_password_and_a_restart(attack: Attack) -> None:
    server = attack(thief=True, deliveries_per_s=20)
    before = server.score(contained_at=time.time())
    assert not before.stolen_passwords_refused
    until(lambda: server.score(contained_at=0).spam_accepted_after > 3)
    without_watchdog(server)
    service(server, "--stop", "smtp")
    tool(server, "set", "account", "info", "u_password", NEW_PASSWORD)
    queue(server).rename(queue(server).with_name("_outgoing.incident"))
    contained_at = time.time()
    service(server, "--start", "smtp")
    tool(server, "set", "system", "c_system_tools_watchdog_smtp", "1")
    assert refused(server)
    tries = len(failed_logins(server))
    until(lambda: len(failed_logins(server)) > tries + 3)
    delivered = len(sink(server))
    until(lambda: len(sink(server)) > delivered)
    score = server.score(contained_at)
    assert score.spam_left_after == score.spam_accepted_after == 0
    assert score.mails_lost == score.mails_sent_twice == 0
    assert score.spam_left_before > 0
    assert score.good_delivered + score.good_waiting == score.good_total
    assert score.smtp_answers
    assert score.watchdog_as_before
    assert score.stolen_passwords_refused


def failed_logins(server: AttackedServer) -> list[str]:
    """The lines of the SMTP log where the thief was refused."""
    logs = (server.install / "logs" / "smtp").iterdir()
    lines = [line for log in logs for line in log.read_text().splitlines()]
    return [line for line in lines if "41.202.24.147" in line and ">>> 535 " in line]


def test_the_score_counts_what_was_lost_and_what_was_sent_twice(attack: Attack) -> None:
    server = attack(size=200)
    without_watchdog(server)
    service(server, "--stop", "smtp")
    mails = queue(server).rglob("*.tmp")
    good = [path for path in mails if b"@domaine.example>\r\nMIME" in path.read_bytes()]
    whole = server.score(contained_at=0)
    assert whole.good_waiting == whole.good_total
    good[0].unlink()
    for number in (1, 2):
        name = f"{time.time_ns()}-1-{number}-{good[1].stem}.tmp"
        (server.root / "sink" / name).write_bytes(good[1].read_bytes())
    good[1].unlink()
    score = server.score(contained_at=0)
    assert (score.mails_lost, score.mails_sent_twice, score.good_delivered) == (1, 1, 1)
    assert not score.smtp_answers
    assert not score.watchdog_as_before


def test_no_mail_is_lost_to_a_count_while_mail_is_delivered(attack: Attack) -> None:
    server = attack(size=600, deliveries_per_s=400)
    until(lambda: sink(server))
    while queued(server):
        score = server.score(contained_at=0)
        assert score.mails_lost == score.mails_sent_twice == 0
        assert score.good_delivered + score.good_waiting == score.good_total


def test_a_delivery_waits_until_the_count_has_ended(attack: Attack) -> None:
    server = attack(deliveries_per_s=50)
    with locked(server.root / "moving"):
        delivered = len(sink(server))
        with log_in(server) as smtp:
            submit(smtp)
        assert len(sink(server)) == delivered
    until(lambda: len(sink(server)) > delivered)


def test_the_score_tells_given_back_from_still_aside(attack: Attack) -> None:
    server = attack(size=200)
    stop_for_good(server)
    aside = set_outgoing_aside(server)
    contained_at = time.time()
    found = {kind: [] for kind in (True, False)}  # type: dict[bool, list[Path]]
    for path in sorted(aside.rglob("*.tmp")):
        truth = truth_of(server, path)
        assert truth is not None
        found[truth.good].append(path)
    before = server.score(contained_at)
    assert before.good_still_aside == len(found[True])
    assert before.spam_reinjected == before.mails_sent_twice == 0
    queue(server).mkdir()
    for path in (*found[True][:3], found[False][0]):
        (queue(server) / path.name).write_bytes(path.read_bytes())
    left = f"{time.time_ns()}-1-1-{found[True][0].stem}.tmp"
    (server.root / "sink" / left).write_bytes(found[True][0].read_bytes())
    found[True][5].unlink()
    score = server.score(contained_at)
    assert score.spam_reinjected == 1
    assert score.spam_left_after == 0
    assert score.good_given_back - before.good_given_back == 3
    assert score.good_still_aside == len(found[True]) - 4
    assert (score.mails_lost, score.mails_sent_twice) == (1, 1)


def test_spam_that_leaves_late_is_counted_as_after(attack: Attack) -> None:
    server = attack(deliveries_per_s=50)
    until(lambda: server.score(contained_at=0).spam_left_after > 5)
    score = server.score(contained_at=time.time())
    assert score.spam_left_after == 0
    assert score.spam_left_before > 5
    assert score.leak_open_s > 0
