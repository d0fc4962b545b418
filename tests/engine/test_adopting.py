"""What is no queue that was renamed by hand is refused before anything is opened."""

from dataclasses import replace
from pathlib import Path

import pytest

from playbook.engine import adopting
from playbook.errors import BadInput, IncidentOpen, RespondError
from playbook.incident import store
from playbook.incident.incident import Incident
from playbook.incident.records import Did, Opened, Said
from playbook.mail.actions import IncidentForgotten
from playbook.mail.survey import Account, Kind, QueueFolder, Role, SetAside, Survey
from tests.support.surveys import SURVEY

NAME, ELSEWHERE = "20260101-030000-aaaa", "20260102-030000-bbbb"
ADOPTED = SetAside(Role.OUTGOING, "/mail/_by_hand")


class Server:
    """A server with these folders, that knows one incident."""

    def has_folder(self, folder: str) -> bool:
        return folder != "/mail/_gone"

    def journal_copy(self, incident: str) -> tuple[str, tuple[str, ...]]:
        return (incident, ("line",)) if incident == ELSEWHERE else ("", ())


def seen() -> Survey:
    folders = (
        QueueFolder(Role.OUTGOING, "/mail/_outgoing", Kind.LINK, "/queue/out", "1:2"),
        QueueFolder(Role.RETRY, "/mail/_outgoing/retry", Kind.FOLDER, "/queue/out/retry", "1:3"),
        QueueFolder(Role.INCOMING, "/mail/_incoming", Kind.FOLDER, "/mail/_incoming", "1:4"),
    )
    account = Account("info", "info@b.example", may_submit=True, disabled=False)
    return replace(SURVEY, folders=folders, accounts=(account,))


def kept(home: Path, *said: Said, adopted: SetAside | None = None) -> Incident:
    with store.held(store.create(NAME, "mail1", home)) as case:
        case.journal.append(Opened("adopted-queue", (), "ada", adopted))
        for each in said:
            case.journal.append(each)
    return case


def refused(path: str, *here: Incident) -> RespondError | None:
    try:
        adopting.check(SetAside(Role.OUTGOING, path), seen(), here, Server())
    except (BadInput, IncidentOpen) as error:
        return error
    return None


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/mail/_outgoing", "works through"),
        ("/mail//_outgoing/.", "works through"),
        ("/queue/out", "works through"),
        ("/queue/out/retry", "works through"),
        ("/queue/out/retry/x", "works through"),
        ("/mail/_incoming", "works through"),
        ("/mail", "works through"),
        ("/", "works through"),
        ("/mail/_by_hand/../_outgoing", "upwards"),
        ("/mail/b.example", "mailboxes"),
        ("/mail/b.example/info", "mailboxes"),
        ("/mail/_gone", "is not there"),
        (f"/mail/_outgoing.{ELSEWHERE}", f"respond reinject {ELSEWHERE} --host"),
        (f"/mail/_outgoing.{ELSEWHERE}.2", ELSEWHERE),
    ],
)
def test_what_is_no_renamed_queue_is_refused(path: str, words: str) -> None:
    error = refused(path)
    assert error
    assert words in str(error)


@pytest.mark.parametrize(
    "path", ["/mail/_by_hand", "/mail/_outgoing_old", "/mail/_outgoing.20250101-030000-aaaa"]
)
def test_what_a_person_renamed_is_taken_up(path: str) -> None:
    assert refused(path) is None


@pytest.mark.parametrize(
    ("path", "adopted"),
    [
        (f"/mail/_outgoing.{NAME}", None),
        (f"/mail/_outgoing.{NAME}.3", None),
        ("/mail/_by_hand", ADOPTED),
        ("/mail/_by_hand/", ADOPTED),
    ],
)
def test_a_folder_of_an_incident_goes_on_with_it_until_it_is_closed(
    tmp_path: Path, path: str, adopted: SetAside | None
) -> None:
    open_ = kept(tmp_path / "open", adopted=adopted)
    error = refused(path, open_)
    assert error
    assert f"respond reinject {NAME}`" in str(error)
    over = kept(tmp_path / "over", Did(IncidentForgotten(NAME), "gone"), adopted=adopted)
    assert refused(path, over) is None
