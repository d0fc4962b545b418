"""The reader of a real, attacked server: its queue's features and its logs, also as foreseen."""

from pathlib import Path

from playbook.mail.foreseen import Foreseen
from playbook.mail.icewarp.formats.folder import read_folder
from playbook.mail.icewarp.formats.log_files import read_log_files
from playbook.mail.server import Reader
from playbook.smtplog.reading import LogReading
from tests.support.attacked_server import attacked


def test_the_queue_and_the_logs_of_an_attacked_server(tmp_path: Path) -> None:
    with attacked(tmp_path, still=True) as (server, desk):
        icewarp = desk.reader()
        for reader in (icewarp, Foreseen(icewarp)):
            check(reader, server.install)


def check(reader: Reader, install: Path) -> None:
    queue = install / "mail" / "_outgoing"
    assert {each.path: each for each in reader.queue_files(str(queue))} == {
        each.path: each for each in read_folder(queue)
    }
    sessions = list(reader.smtp_log(7))
    assert sessions
    # The server gives its files in an order of its own.
    assert set(sessions) == set(read_log_files((install / "logs",), LogReading()))
