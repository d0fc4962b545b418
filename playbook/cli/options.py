"""The options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

HostOption = Annotated[
    str, typer.Option("--host", help="A host of the inventory, `user@host:port`, or `local`.")
]
InventoryOption = Annotated[
    Path | None, typer.Option("--inventory", help="The inventory file (respond.toml).")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Say the result as JSON on stdout.")]
YesOption = Annotated[bool, typer.Option("--yes", help="Agree to every change beforehand.")]
InteractiveOption = Annotated[bool, typer.Option("--interactive", help="Ask before each change.")]
OverrideOption = Annotated[
    str, typer.Option("--override", help="The reason for going on against a refusal.")
]
TakeOverOption = Annotated[
    str, typer.Option("--take-over", help="The reason for taking another responder's lease.")
]
AccountOption = Annotated[
    list[str] | None, typer.Option("--account", help="An account known as compromised.")
]
IncidentArgument = Annotated[
    str, typer.Argument(help="The incident, or the beginning of its name; the newest without it.")
]
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Show every change without making one.")
]
UntilOption = Annotated[str, typer.Option("--until", help="The last step to take.")]
KillOption = Annotated[
    bool, typer.Option("--kill", help="End SMTP processes that do not stop by themselves.")
]
VerboseOption = Annotated[
    bool, typer.Option("--verbose", "-v", help="With --dry-run: show also what would be sent.")
]
