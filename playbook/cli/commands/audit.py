"""`respond audit`: a server's settings, held against what is recommended."""

import sys
from typing import Annotated

import typer

from playbook.cli import findings
from playbook.cli.desk import Call, host_of, set_up
from playbook.cli.options import HostOption, InventoryOption, JsonOption
from playbook.exposure.hardening import audit as held_against
from playbook.exposure.hardening import rows

PasswordsOption = Annotated[
    bool,
    typer.Option("--check-passwords", help="Let the product check all passwords: takes minutes."),
]


def audit(
    host: HostOption,
    check_passwords: PasswordsOption = False,
    inventory: InventoryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Hold a server's settings against what is recommended.

    It only reads. What is the operator's choice is told and not called wrong; what a version does
    not know is unknown.
    """
    call = Call(host, inventory, yes=False, interactive=False, override="", as_json=as_json)
    desk = set_up(call, host_of(call))
    known = rows.known()
    try:
        seen = desk.reader().settings(rows.asked(known, check_passwords=check_passwords))
    finally:
        desk.transport.close()
    found = held_against(seen, known)
    sys.stdout.write(findings.as_json(found) if as_json else findings.as_table(found))
    raise typer.Exit(findings.code_of(found))
