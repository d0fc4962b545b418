"""The commands, each a door to one function."""

from pathlib import Path
from typing import Annotated

import typer

from playbook.cli.options import (
    DryRunOption,
    HostOption,
    IncidentArgument,
    InteractiveOption,
    InventoryOption,
    JsonOption,
    OverrideOption,
    TakeOverOption,
    YesOption,
)
from playbook.cli.queue import queue
from playbook.errors import ExitCode

_CODES = "\n".join(f"{code.value}: {code.meaning}\n" for code in ExitCode)

app = typer.Typer(
    name="respond",
    help="Incident response for a compromised mail account on an IceWarp server.",
    epilog=f"Exit codes:\n\n{_CODES}",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(queue)


@app.command("compromised-account")
def compromised_account(  # noqa: PLR0913 - a command's options are its parameters
    accounts: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="ACCOUNT...", help="The stolen accounts; without one, suspects are named."
        ),
    ] = None,
    host: HostOption = "local",
    inventory: InventoryOption = None,
    dry_run: DryRunOption = False,
    save: Annotated[
        Path | None,
        typer.Option("--save", help="With --dry-run: write the commands to paste, by hand."),
    ] = None,
    plan: Annotated[
        Path | None,
        typer.Option(
            "--plan",
            help="With --dry-run: save the plan there. Without: do it only if it still holds.",
        ),
    ] = None,
    yes: YesOption = False,
    interactive: InteractiveOption = False,
    contain: Annotated[
        bool, typer.Option("--contain", help="Stop when containment is confirmed.")
    ] = False,
    until: Annotated[str, typer.Option("--until", help="The last step to take.")] = "",
    kill: Annotated[
        bool, typer.Option("--kill", help="End SMTP processes that do not stop by themselves.")
    ] = False,
    expire_password: Annotated[
        bool, typer.Option("--expire-password", help="Ask for a new password at the next login.")
    ] = False,
    end_sessions: Annotated[
        bool, typer.Option("--end-sessions", help="Log everybody out of POP3, IMAP and webmail.")
    ] = False,
    show_password: Annotated[
        bool, typer.Option("--show-password", help="Print the new password when all is done.")
    ] = False,
    password_file: Annotated[
        Path | None, typer.Option("--password-file", help="Write the new password there (0600).")
    ] = None,
    override: OverrideOption = "",
    take_over: TakeOverOption = "",
    as_json: JsonOption = False,
) -> None:
    """Contain a stolen mail account: stop, reset, set the queue aside, start, confirm, report."""
    from playbook.cli import run  # noqa: PLC0415 - `--help` must not wait for it
    from playbook.cli.desk import Call  # noqa: PLC0415
    from playbook.wiring import Options  # noqa: PLC0415

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
    run.contain(call, tuple(accounts or ()), options, dry_run=dry_run, save=save)


@app.command()
def resume(  # noqa: PLR0913
    incident: IncidentArgument = "",
    host: HostOption = "",
    inventory: InventoryOption = None,
    yes: YesOption = False,
    interactive: InteractiveOption = False,
    first: Annotated[
        str, typer.Option("--from", help="Take this step and those after it once more.")
    ] = "",
    until: Annotated[str, typer.Option("--until", help="The last step to take.")] = "",
    kill: Annotated[
        bool, typer.Option("--kill", help="End SMTP processes that do not stop by themselves.")
    ] = False,
    override: OverrideOption = "",
    take_over: TakeOverOption = "",
    as_json: JsonOption = False,
) -> None:
    """Take an incident up again, from any machine: the server keeps a copy of its journal."""
    from playbook.cli import run  # noqa: PLC0415
    from playbook.cli.desk import Call  # noqa: PLC0415
    from playbook.wiring import Options  # noqa: PLC0415

    options = Options(kill=kill, first=first, last=until, take_over=take_over)
    call = Call(host, inventory, yes, interactive, override, as_json=as_json)
    run.resume(call, incident, options)


@app.command()
def close(  # noqa: PLR0913
    incident: IncidentArgument = "",
    host: HostOption = "",
    inventory: InventoryOption = None,
    keep_days: Annotated[
        int, typer.Option("--keep-days", min=0, help="How long the spam is kept as evidence.")
    ] = 30,
    yes: YesOption = False,
    interactive: InteractiveOption = False,
    override: OverrideOption = "",
    take_over: TakeOverOption = "",
    as_json: JsonOption = False,
) -> None:
    """End an incident: remove its spam and its folder from the server, keeping every SHA-256."""
    from playbook.cli import run  # noqa: PLC0415
    from playbook.cli.desk import Call  # noqa: PLC0415
    from playbook.wiring import Options  # noqa: PLC0415

    options = Options(keep_days=keep_days, take_over=take_over)
    run.close(Call(host, inventory, yes, interactive, override, as_json=as_json), incident, options)


@app.command()
def undo(
    incident: IncidentArgument = "",
    step: Annotated[str, typer.Option("--step", help="Take back this step alone.")] = "",
    host: HostOption = "",
    inventory: InventoryOption = None,
    yes: YesOption = False,
    take_over: TakeOverOption = "",
) -> None:
    """Take back what an incident did, newest first."""
    from playbook.cli import run  # noqa: PLC0415
    from playbook.cli.desk import Call  # noqa: PLC0415

    call = Call(host, inventory, yes, interactive=not yes, override="")
    run.undo(call, incident, step, take_over)


@app.command()
def incidents(as_json: JsonOption = False) -> None:
    """List the incidents kept here, with what they still owe."""
    from playbook.cli import look  # noqa: PLC0415

    look.incidents(as_json=as_json)


@app.command()
def discharge(
    obligation: Annotated[
        str, typer.Argument(help="The obligation, as `respond incidents` names it.")
    ],
    because: Annotated[str, typer.Option("--because", help="What was done about it.")],
    incident: Annotated[
        str, typer.Option("--incident", help="The incident; the newest without it.")
    ] = "",
) -> None:
    """Say that an obligation was met by hand, with how."""
    from playbook.cli import look  # noqa: PLC0415

    look.discharge(incident, obligation, because)


@app.command()
def journal(
    incident: IncidentArgument = "",
    verify: Annotated[
        bool, typer.Option("--verify", help="Check the chain and the evidence.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Show what an incident did and when, or verify that nothing of it was altered."""
    from playbook.cli import look  # noqa: PLC0415

    look.journal(incident, verify=verify, as_json=as_json)


@app.command()
def show(
    runbook: Annotated[str, typer.Argument(help="The runbook.")] = "compromised-account",
) -> None:
    """Print a runbook as prose, with the manual commands, for the night the tool does not work."""
    from playbook.cli import look  # noqa: PLC0415

    look.show(runbook)


@app.command()
def doctor(
    host: HostOption, inventory: InventoryOption = None, as_json: JsonOption = False
) -> None:
    """Look at a server beforehand: what a run would find, and what has drifted since last time."""
    from playbook.cli import doctor as looking  # noqa: PLC0415
    from playbook.cli.desk import Call  # noqa: PLC0415

    call = Call(host, inventory, yes=False, interactive=False, override="", as_json=as_json)
    looking.doctor(call)


@app.command()
def drill(  # noqa: PLR0913
    size: Annotated[int, typer.Option("--size", min=1, help="Messages in the queue.")] = 2000,
    seed: Annotated[int, typer.Option("--seed", help="The same seed brings the same mail.")] = 1,
    level: Annotated[
        int, typer.Option("--level", min=1, max=4, help="How hard the queue is to sort.")
    ] = 1,
    fault: Annotated[
        list[str] | None, typer.Option("--fault", help="What goes wrong (see `docs/drill.md`).")
    ] = None,
    keep: Annotated[
        Path | None, typer.Option("--keep", help="Keep the server in this folder.")
    ] = None,
    serve: Annotated[
        bool, typer.Option("--serve", help="Leave it running, to practise on.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Rehearse it all against an attacked server that the tool brings itself."""
    from playbook.cli import drill as drills  # noqa: PLC0415

    wish = drills.Wish(size, seed, level, tuple(fault or ()), keep, as_json)
    if serve:
        drills.serve(wish)
    else:
        drills.run(wish)
