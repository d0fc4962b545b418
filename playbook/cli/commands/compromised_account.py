"""`respond compromised-account`: contain it, and show first what would be done."""

import json
from pathlib import Path
from typing import Annotated, NoReturn

import msgspec
import typer

from playbook import operations
from playbook.cli.acting import act, agreed, harmless
from playbook.cli.desk import Call, host_of, operator_of, set_up
from playbook.cli.ending import end
from playbook.cli.options import (
    DryRunOption,
    HostOption,
    InteractiveOption,
    InventoryOption,
    JsonOption,
    KillOption,
    OverrideOption,
    TakeOverOption,
    UntilOption,
    YesOption,
)
from playbook.cli.output import result
from playbook.detection.signs import suspicions_in
from playbook.engine import saved_plan
from playbook.errors import BadInput, PersonNeeded
from playbook.incident.records import Intended
from playbook.mail.survey import Survey
from playbook.operations import Ended
from playbook.plan import EvidencePreserved, IncidentAction
from playbook.wiring import Desk, Options

AccountsArgument = Annotated[
    list[str] | None,
    typer.Argument(metavar="ACCOUNT...", help="The stolen accounts; without one, who stands out."),
]
SaveOption = Annotated[
    Path | None, typer.Option("--save", help="With --dry-run: write the commands to paste there.")
]
PlanOption = Annotated[
    Path | None,
    typer.Option(
        "--plan", help="With --dry-run: save the plan there. Without: do it only if it still holds."
    ),
]
ContainOption = Annotated[
    bool, typer.Option("--contain", help="Stop when containment is confirmed.")
]
ExpireOption = Annotated[
    bool, typer.Option("--expire-password", help="Ask for a new password at the next login.")
]
SessionsOption = Annotated[
    bool, typer.Option("--end-sessions", help="Log everybody out of POP3, IMAP and webmail.")
]
ShowPasswordOption = Annotated[
    bool, typer.Option("--show-password", help="Print the new password when all is done.")
]
PasswordFileOption = Annotated[
    Path | None, typer.Option("--password-file", help="Write the new password there (0600).")
]


def compromised_account(  # noqa: PLR0913 - a command's options are its parameters
    accounts: AccountsArgument = None,
    host: HostOption = "local",
    inventory: InventoryOption = None,
    dry_run: DryRunOption = False,
    save: SaveOption = None,
    plan: PlanOption = None,
    yes: YesOption = False,
    interactive: InteractiveOption = False,
    contain: ContainOption = False,
    until: UntilOption = "",
    kill: KillOption = False,
    expire_password: ExpireOption = False,
    end_sessions: SessionsOption = False,
    show_password: ShowPasswordOption = False,
    password_file: PasswordFileOption = None,
    override: OverrideOption = "",
    take_over: TakeOverOption = "",
    as_json: JsonOption = False,
) -> None:
    """Contain a stolen mail account, and sort what waits behind it.

    Stop SMTP, reset the password, set the queue aside, start SMTP, see that the leak is closed;
    then sort the queue, give the good mail back, and report.
    """
    options = Options(
        kill=kill,
        expire_password=expire_password,
        end_sessions=end_sessions,
        contain=contain,
        last=until,
        take_over=take_over,
        plan=plan,
    )
    call = Call(host, inventory, yes, interactive, override, show_password, password_file, as_json)
    _contain(call, tuple(accounts or ()), options, dry_run=dry_run, save=save)


def _contain(
    call: Call, accounts: tuple[str, ...], options: Options, *, dry_run: bool, save: Path | None
) -> NoReturn:
    operator = operator_of(call, foreseen=dry_run)
    desk = set_up(call, host_of(call), operator)
    if not accounts:
        _name_suspects(desk, call)
    harmless(accounts)
    if dry_run:
        ended = operations.rehearse(desk, accounts, options)
        if save:
            _save_manual(desk, ended, ended.seen, save)
        if options.plan:
            saved_plan.save(options.plan, ended.incident, accounts, ended.seen)
        end(call, operator, ended, foreseen=True)
    agreed(call)
    act(call, desk, operator, lambda desk: operations.respond(desk, accounts, options))


def _name_suspects(desk: Desk, call: Call) -> NoReturn:
    server = desk.reader()
    found = suspicions_in(server.survey().signs)
    rows = [f"{each.account}: {'; '.join(each.reasons)}" for each in found] or ["nobody stands out"]
    if call.as_json:
        result(json.dumps([msgspec.to_builtins(each) for each in found]) + "\n")
    raise PersonNeeded(
        "No account was named", f"these stand out: {' | '.join(rows)}", "Name the stolen ones."
    )


def _save_manual(desk: Desk, ended: Ended, seen: Survey, path: Path) -> None:
    """The dry run as a procedure to paste, for the night when the tool is lost."""
    lines = [f"# {seen.host}, {seen.product.name} {seen.product.version}"]
    for record in ended.incident.journal.records:
        if isinstance(record.said, Intended):
            action = record.said.do
            lines.append(f"\n# {record.step}: {action}")
            if isinstance(action, EvidencePreserved):
                lines += desk.reader().evidence_by_hand(seen)
            elif not isinstance(action, IncidentAction):
                lines += desk.reader().describe(action, seen).manual
    try:
        path.write_text("\n".join(lines) + "\n", encoding="utf-8", errors="surrogateescape")
    except OSError as error:
        raise BadInput(f"{path} cannot be written", str(error.strerror)) from error
