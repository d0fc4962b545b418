"""`respond tls`: the table, JSON, and what the shell is told."""

import json
from pathlib import Path

from typer.testing import CliRunner

from playbook.cli.app import app
from playbook.errors import BadInput, ExitCode
from tests.support.certificates import server_context
from tests.support.smtp_server import Manners, serving


def said(folder: Path, *words: str, ends_in_days: int = 90) -> tuple[int, str]:
    context, roots = server_context(folder, ends_in_days=ends_in_days)
    with serving(Manners(lambda command: ""), context) as port:
        call = ["tls", "127.0.0.1", "--port", str(port), "--ca", str(roots), *words]
        result = CliRunner().invoke(app, call)
    return result.exit_code, result.stdout


def test_a_server_in_order_is_green(tmp_path: Path) -> None:
    code, text = said(tmp_path)
    assert code == ExitCode.GREEN
    assert "believed" in text


def test_a_certificate_that_expired_is_red(tmp_path: Path) -> None:
    code, text = said(tmp_path, "--json", ends_in_days=-1)
    assert code == ExitCode.RED
    assert any(each["topic"] == "dates" for each in json.loads(text))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["tls", "x.org", "--ca", str(tmp_path / "no.pem")])
    assert isinstance(result.exception, BadInput)
