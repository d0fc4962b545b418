"""What a call says that cannot be: refused with code 2, before a server is asked or opened."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from playbook.cli.app import app
from playbook.engine import saved_plan
from playbook.engine.saved_plan import SavedPlan, Wanted
from playbook.errors import ExitCode, RespondError

PLAN = SavedPlan("mail1", ("info@domaine.example",), Wanted(contain=True), "", {}, ())


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RESPOND_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    saved_plan.save(tmp_path / "plan.json", PLAN)
    (tmp_path / "respond.toml").write_text('[hosts.mail1]\naddress = "192.0.2.1"\n')
    return tmp_path


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("info@domaine.example --yes --interactive", "say two things"),
        ("info@domaine.example --yes --save x.txt", "--save goes with --dry-run"),
        ("info@domaine.example --yes --until nosuch", "has no step nosuch"),
        ("info@domaine.example --dry-run --until nosuch", "has no step nosuch"),
        ("info@domaine.example --yes --contain --until review", "name two ends"),
        ("--yes --plan plan.json --kill", "A plan is done as it is"),
        ("--yes --plan plan.json --contain", "A plan is done as it is"),
        ("--yes --plan plan.json --until review", "A plan is done as it is"),
        ("--yes --plan plan.json --expire-password", "A plan is done as it is"),
        ("--yes --plan plan.json --end-sessions", "A plan is done as it is"),
        ("other@domaine.example --yes --plan plan.json", "A plan is done as it is"),
        ("--yes --plan nowhere.json", "cannot be read"),
        ("info;reboot --yes", "is not an account name"),
        ("info;reboot --dry-run", "is not an account name"),
    ],
)
def test_what_cannot_be_is_refused_and_opens_nothing(place: Path, words: str, said: str) -> None:
    result = CliRunner().invoke(app, ["compromised-account", "--host", "mail1", *words.split(" ")])
    assert isinstance(result.exception, RespondError)
    assert said in str(result.exception)
    assert result.exception.exit_code is ExitCode.USAGE
    assert not (place / "home").exists()
    assert not (place / "x.txt").exists()


@pytest.mark.parametrize("command", ["resume", "close", "reinject"])
def test_two_ways_to_agree_are_refused_everywhere(place: Path, command: str) -> None:
    result = CliRunner().invoke(app, [command, "--host", "mail1", "--yes", "--interactive"])
    assert "say two things" in str(result.exception)
    assert not (place / "home").exists()
