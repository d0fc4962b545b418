"""`respond audit` against the attacked server: what is told, and that nothing is changed."""

import json
from pathlib import Path

from typer.testing import CliRunner

from playbook.cli.app import app
from playbook.drill.layout import Layout
from playbook.drill.server import AttackedServer
from playbook.errors import ExitCode


def test_an_attacked_server_is_told_what_let_it_happen(tmp_path: Path) -> None:
    with AttackedServer(size=20, thief=False, deliveries_per_s=0) as server:
        before = Layout(server.root).settings.read_bytes()
        call = ["audit", "--host", "drill", "--inventory", str(server.inventory)]
        found = CliRunner().invoke(app, [*call, "--check-passwords", "--json"])
        assert Layout(server.root).settings.read_bytes() == before
    assert found.exit_code == ExitCode.RED
    told = {each["subject"]: each for each in json.loads(found.stdout)}
    assert told["c_mail_security_relay_relaymode"]["state"] == "holds"
    assert told["c_mail_security_protection_localdomain"]["state"] == "differs"
    assert told["d_usernumber"]["state"] == "differs"
    assert told["u_numbersendlimit"]["what"].startswith("9 of 9 accounts differ")
    assert told["u_admin"]["state"] == "holds"
    assert told["c_mail_security_tarpit_enable"]["state"] == "unknown"
    assert told["passpolicy"]["state"] == "differs"
    assert "info@domaine.example" in told["passpolicy"]["what"]
