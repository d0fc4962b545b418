"""The command line, assembled: a command is a file of `commands/`, imported when it is called."""

import importlib
from typing import Annotated, Any, Final

import typer
from typer.core import TyperGroup

from playbook.errors import ExitCode

# What `--help` lists without importing a command; each sentence opens the command's docstring.
COMMANDS: Final = {
    "In the night": {
        "compromised-account": "Contain a compromised mail account, and sort what waits behind it.",
        "resume": "Take an incident up again, from any machine.",
        "undo": "Take back what an incident did, newest first, after it was shown.",
        "adopt": "Go on from an outgoing queue that somebody renamed by hand.",
        "repair-incoming": "Go on from an incoming queue that somebody renamed by hand.",
    },
    "In the morning": {
        "incidents": "List the incidents kept here, with what they still owe.",
        "journal": "Show what an incident did and when, or verify it.",
        "review": "Decide the doubtful mail of an incident, cluster by cluster.",
        "reinject": "Give the good mail of an incident back.",
        "blacklists": "Ask blacklists about addresses and domains.",
        "relay": "Try whether a server passes mail on for strangers.",
        "tls": "Look at a server's certificates and protocols, port by port.",
        "audit": "Hold a server's settings against what is recommended.",
        "dns": "Look at what domains publish: MX, SPF, DMARC, DKIM, reverse names.",
        "discharge": "Say that an obligation was met by hand, with how.",
        "close": "End an incident: remove its spam and its folder there.",
    },
    "Before the night": {
        "doctor": "Look at a server beforehand, and say what has drifted.",
        "drill": "Rehearse it all against an attacked server of its own.",
        "show": "Print a runbook as prose, with the manual commands.",
        "triage": "Sort a queue into spam, good and doubtful; nothing moves.",
    },
}

_CODES: Final = "\b\nExit codes:\n" + "\n".join(
    f"  {code.value}  {code.meaning}" for code in ExitCode
)


def module_of(name: str) -> str:
    """The module of a command."""
    return f"playbook.cli.commands.{name.replace('-', '_')}"


class Commands(TyperGroup):
    """The commands by name, each imported when it is wanted.

    Its types are Any because some versions of typer bring a click of their own.
    """

    def list_commands(self, ctx: Any) -> list[str]:
        """Every name, in the order of the help."""
        return [name for group in COMMANDS.values() for name in group]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of this name, or None."""
        if cmd_name not in self.list_commands(ctx):
            return None
        function = getattr(importlib.import_module(module_of(cmd_name)), cmd_name.replace("-", "_"))
        alone = typer.Typer(add_completion=False, rich_markup_mode=None)
        alone.command(cmd_name)(function)
        return typer.main.get_command(alone)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """The commands by when they are needed, a sentence each."""
        widest = max(map(len, self.list_commands(ctx)))
        for title, group in COMMANDS.items():
            with formatter.section(title):
                formatter.write_dl([(name.ljust(widest), words) for name, words in group.items()])


app = typer.Typer(
    name="respond",
    cls=Commands,
    help="Incident response for a compromised mail account on an IceWarp server.",
    epilog=_CODES,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(asked: bool) -> None:  # noqa: FBT001 - the shape of an option's callback
    if asked:
        from importlib.metadata import version  # noqa: PLC0415 - half of what `--help` may take

        typer.echo(f"respond {version('respond')}")
        raise typer.Exit


@app.callback()
def respond(
    version: Annotated[  # noqa: FBT002 - an option of a command line is a parameter with a default
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Incident response for a compromised mail account on an IceWarp server."""
