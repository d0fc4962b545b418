"""`respond compromised-account`: contain it, and show first what would be done."""

import json
import shlex
from pathlib import Path
from typing import Annotated, NoReturn

import msgspec
import typer

from playbook import operations
from playbook.cli.acting import act, agreed, harmless
from playbook.cli.desk import Call, host_of, operator_of, set_up
from playbook.cli.ending import counted, end
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
    VerboseOption,
    YesOption,
)
from playbook.cli.output import note, result
from playbook.detection.signs import suspicions_in
from playbook.engine import saved_plan
from playbook.engine.saved_plan import SavedPlan, Wanted
from playbook.errors import BadInput, PersonNeeded
from playbook.incident.records import Intended
from playbook.mail.survey import Survey
from playbook.operations import Ended
from playbook.plan import EvidencePreserved, IncidentAction
from playbook.wiring import Desk, Options

AccountsArgument = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="ACCOUNT...", help="The compromised accounts; without one, who stands out."
    ),
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
    verbose: VerboseOption = False,
    as_json: JsonOption = False,
) -> None:
    """Contain a compromised mail account, and sort what waits behind it.

    Stop SMTP, reset the password, set the queue aside, start SMTP, see that the leak is closed;
    then sort the queue, give the good mail back, and report.
    """
    wanted = Wanted(contain, until, kill, expire_password, end_sessions)
    call = Call(host, inventory, yes, interactive, override, show_password, password_file, as_json)
    named = tuple(accounts or ())
    if dry_run:
        _show(call, named, wanted, save=save, plan=plan, verbose=verbose)
    if save:
        raise BadInput("--save goes with --dry-run", "", "Nothing was done.")
    if plan:
        _do_plan(call, named, wanted, plan, take_over)
    _contain(call, named, options_of(wanted, take_over))


def options_of(wanted: Wanted, take_over: str = "", plan: SavedPlan | None = None) -> Options:
    """The options of a run, for what a person asked for."""
    if wanted.contain and wanted.last:
        raise BadInput("--contain and --until name two ends", "", "Choose one of them.")
    return Options(
        kill=wanted.kill,
        expire_password=wanted.expire_password,
        end_sessions=wanted.end_sessions,
        contain=wanted.contain,
        last=wanted.last,
        take_over=take_over,
        plan=plan,
    )


def _show(
    call: Call,
    accounts: tuple[str, ...],
    wanted: Wanted,
    *,
    save: Path | None,
    plan: Path | None,
    verbose: bool,
) -> NoReturn:
    """The dry run."""
    harmless(accounts)
    options = options_of(wanted)
    operator = operator_of(call, foreseen=True)
    operator.verbose = verbose
    desk = set_up(call, host_of(call), operator)
    if not accounts:
        _name_suspects(desk, call)
    ended = operations.rehearse(desk, accounts, options)
    if save:
        _save_manual(desk, ended, ended.seen, save)
    if plan:
        made = saved_plan.plan_of(ended.incident, accounts, ended.seen, wanted, operator.planned)
        saved_plan.save(plan, made)
    end(call, operator, ended, foreseen=True)


def _do_plan(
    call: Call, accounts: tuple[str, ...], wanted: Wanted, path: Path, take_over: str
) -> NoReturn:
    """What a plan shows, and no more: its accounts, its options, its changes."""
    plan = saved_plan.load(path)
    if wanted != Wanted() or accounts not in ((), plan.accounts):
        raise BadInput(
            "A plan is done as it is",
            "it has its own accounts and options",
            "Leave the others out, or make another plan with --dry-run.",
        )
    _contain(call, plan.accounts, options_of(plan.wanted, take_over, plan))


def _contain(call: Call, accounts: tuple[str, ...], options: Options) -> NoReturn:
    harmless(accounts)
    operator = operator_of(call)
    operator.plan = options.plan
    desk = set_up(call, host_of(call), operator)
    if not accounts:
        _name_suspects(desk, call)
    agreed(call)
    act(call, desk, operator, lambda desk: operations.respond(desk, accounts, options))


def _name_suspects(desk: Desk, call: Call) -> NoReturn:
    """Who stands out, a line each with what there is against it, and the command to paste."""
    found = suspicions_in(desk.reader().survey().signs)
    if call.as_json:
        result(json.dumps([msgspec.to_builtins(each) for each in found]) + "\n")
    for each in found:
        note(f"{each.account}")
        for reason in each.reasons:
            note(f"  - {reason}")
    strong = [each.account for each in found if each.is_strong] or [each.account for each in found]
    command = f"respond compromised-account {' '.join(map(shlex.quote, strong))} --host {call.host}"
    raise PersonNeeded(
        "No account was named",
        f"{counted(len(found), 'account')} stand out" if found else "nobody stands out",
        f"Look at them, then: {command} --dry-run" if found else "Name the compromised account.",
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
