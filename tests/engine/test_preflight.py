"""What a survey foresees, with a person who may not become root."""

from dataclasses import replace
from pathlib import Path

from playbook.engine.preflight import preflight
from playbook.mail.survey import Account, Waiting
from tests.support.attacked_server import attacked
from tests.support.surveys import ACCOUNT, SURVEY


def test_a_login_without_root_is_a_hindrance_unless_root_was_not_asked_for(tmp_path: Path) -> None:
    with attacked(tmp_path, ssh=False, still=True, size=5) as (_, desk):
        seen = replace(desk.reader().survey(), root=False)
        assert "not root" in preflight(seen).stops[0]
        assert preflight(seen, elevate=False).stops == ()
        assert "left for the journal" in preflight(seen, elevate=False, room_here=4096).stops[0]


def warnings(**changed: object) -> str:
    return " ".join(preflight(replace(SURVEY, **changed)).warnings)  # type: ignore[arg-type]


def test_an_account_that_a_guard_has_disabled_is_said() -> None:
    assert "disabled" not in warnings()
    blocked = Account(ACCOUNT, ACCOUNT, disabled=1)
    assert f"{ACCOUNT} is disabled already" in warnings(accounts=(blocked,))


def test_the_folder_of_another_delivery_agent_is_said_where_mail_waits_in_it() -> None:
    agent = Waiting("/opt/icewarp/mail/_incoming", 40, 3)
    said = warnings(waiting=(agent,))
    assert "/opt/icewarp/mail/_incoming holds mail too" in said
    assert "40 pairs, 3 that name the account" in said
    assert "holds mail" not in warnings(waiting=(replace(agent, pairs=0, of_accounts=0),))


def test_the_folder_of_another_delivery_agent_is_looked_at(tmp_path: Path) -> None:
    with attacked(tmp_path, ssh=False, still=True, size=5) as (layout, desk):
        assert desk.reader().survey().waiting == ()
        (layout.install / "path.dat").write_text("\r\n" * 12 + f"{tmp_path / 'queue'}\r\n")
        (tmp_path / "queue").mkdir()
        (waiting,) = desk.reader((ACCOUNT,)).survey().waiting
        assert waiting.path == str(layout.install / "mail" / "_incoming")
