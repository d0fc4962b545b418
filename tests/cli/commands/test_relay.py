"""`respond relay`: whom it may try, and what the shell is told."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from playbook.cli.app import app
from playbook.errors import BadInput, ExitCode, HostUnreachable, PersonNeeded
from playbook.exposure import relay
from tests.exposure.relay.test_relay import answers
from tests.support.smtp_server import Manners, serving


@pytest.fixture(autouse=True)
def _no_pace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay.Place, "pace_s", 0.0)
    monkeypatch.setattr(relay.tried, "__defaults__", (lambda seconds: None,))


def said(rcpt: Callable[[str], str], *words: str) -> tuple[int, str]:
    with serving(Manners(answers(rcpt))) as port:
        call = ["relay", "127.0.0.1", "--to", "t@outside.org", "--port", str(port), *words]
        result = CliRunner().invoke(app, call)
    return result.exit_code, result.stdout


@pytest.mark.parametrize(
    ("reply", "code"),
    [("550 no", ExitCode.GREEN), ("250 ok", ExitCode.RED), ("451 later", ExitCode.UNKNOWN)],
)
def test_what_the_shell_is_told(reply: str, code: ExitCode) -> None:
    ended, text = said(lambda command: f"{reply}\r\n", "--mine", "127.0.0.1")
    assert ended == code
    assert "this proves nothing" in text


def test_json_has_every_case_and_from_where() -> None:
    _, text = said(lambda command: "550 no\r\n", "--mine", "127.0.0.1", "--json")
    (port,) = json.loads(text).values()
    assert port["from"] == "127.0.0.1"
    assert port["conclusive"] is False
    assert len(port["findings"]) > 15


def test_a_host_of_the_inventory_may_be_tried(tmp_path: Path) -> None:
    inventory = tmp_path / "respond.toml"
    inventory.write_text('[hosts.mail1]\naddress = "127.0.0.1"\n')
    with serving(Manners(answers(lambda command: "550 no\r\n"))) as port:
        call = ["relay", "mail1", "--to", "t@outside.org", "--port", str(port)]
        result = CliRunner().invoke(app, [*call, "--inventory", str(inventory)])
    assert result.exit_code == ExitCode.GREEN


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["192.0.2.1", "--to", "t@o.org"], PersonNeeded),
        (["192.0.2.1", "--to", "t@o.org", "--mine", "192.0.2.2"], PersonNeeded),
        (["127.0.0.1", "--to", "nobody", "--mine", "127.0.0.1"], BadInput),
        (["127.0.0.1", "--to", "a>b@o.org", "--mine", "127.0.0.1"], BadInput),
        (["127.0.0.1", "--to", "t@o.org", "--mine", "127.0.0.1", "--login", "a@b.c"], BadInput),
        (["127.0.0.1", "--to", "t@o.org", "--mine", "127.0.0.1", "--port", "1"], HostUnreachable),
    ],
)
def test_what_is_not_tried_says_why(words: list[str], error: type[Exception]) -> None:
    assert isinstance(CliRunner().invoke(app, ["relay", *words]).exception, error)
