"""`respond drill`: the whole procedure against the embedded attacked server."""

import json
import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from playbook.cli.options import JsonOption
from playbook.cli.output import result
from playbook.cli.rehearsal import Wish, attacked, ended_by_signals, rehearse
from playbook.drill.server import AttackedServer

SizeOption = Annotated[int, typer.Option("--size", min=1, help="Messages in the queue.")]
SeedOption = Annotated[int, typer.Option("--seed", help="The same seed brings the same mail.")]
LevelOption = Annotated[
    int, typer.Option("--level", min=1, max=5, help="How hard the queue is to sort.")
]
FaultOption = Annotated[
    list[str] | None, typer.Option("--fault", help="What goes wrong; `--fault ?` lists them.")
]
TrialOption = Annotated[
    str, typer.Option("--trial", help="What people do: repeated, two-responders, undo-half.")
]
KeepOption = Annotated[Path | None, typer.Option("--keep", help="Keep the server in this folder.")]
ServeOption = Annotated[bool, typer.Option("--serve", help="Leave it running, to practise on.")]


def drill(  # noqa: PLR0913 - a command's options are its parameters
    size: SizeOption = 2000,
    seed: SeedOption = 1,
    level: LevelOption = 1,
    fault: FaultOption = None,
    trial: TrialOption = "",
    keep: KeepOption = None,
    serve: ServeOption = False,
    as_json: JsonOption = False,
) -> None:
    """Rehearse it all against an attacked server of its own.

    It runs on loopback and needs no root; the score comes from a truth that the run never sees.
    """
    wish = Wish(size, seed, level, tuple(fault or ()), trial, keep, as_json)
    if serve:
        leave_running(wish)
    else:
        rehearse(wish)


def leave_running(wish: Wish) -> None:
    """Leave the attacked server running until a person or the system ends it."""
    with ended_by_signals(), attacked(wish) as server:
        try:
            result(_facts(server) if wish.as_json else _greeting(server))
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            sys.stderr.write("\nThe attacked server is taken away.\n")


def _facts(server: AttackedServer) -> str:
    """How to connect, as one line of JSON."""
    facts = {
        "host": "127.0.0.1",
        "port": server.ssh_port,
        "user": server.user,
        "key_file": str(server.key_file),
        "known_hosts": str(server.known_hosts),
        "inventory": str(server.inventory),
        "account": server.account,
    }
    return json.dumps(facts) + "\n"


def _greeting(server: AttackedServer) -> str:
    command = f"respond compromised-account {server.account} --host drill"
    return (
        f"An attacked server runs at {server.root}. In another terminal:\n\n"
        f"  {command} --inventory {server.inventory} --dry-run\n"
        f"  {command} --inventory {server.inventory} --interactive\n\n"
        "Ctrl-C ends it.\n"
    )
