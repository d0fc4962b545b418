"""What the commands that change a server do alike: consent, signals, passwords, the end."""

import re
from collections.abc import Callable
from typing import Final, NoReturn

from playbook import operations
from playbook.cli.desk import Call, host_of, operator_of, set_up
from playbook.cli.ending import end
from playbook.cli.operator import CommandLine
from playbook.errors import BadInput, PersonNeeded
from playbook.mail.survey import SetAside
from playbook.operations import Ended
from playbook.wiring import Desk, Options

_FOLDER: Final = re.compile(r"/[^\x00-\x1f]+[^/\x00-\x1f]")
_ACCOUNT: Final = re.compile(r"[\w.+'-]+(@[\w.-]+)?")


def agreed(call: Call) -> None:
    """Raise `PersonNeeded` where nobody agreed to a change, and nobody is to be asked."""
    if not (call.yes or call.interactive):
        raise PersonNeeded(
            "Nothing was changed",
            "neither --yes nor --interactive was given",
            "See what would be done with --dry-run, then choose one of the two.",
        )


def harmless(accounts: tuple[str, ...]) -> None:
    """Raise `BadInput` where a word is not the name of an account."""
    for account in accounts:
        if not _ACCOUNT.fullmatch(account):
            raise BadInput(f"{account!r} is not an account name")


def act(call: Call, desk: Desk, operator: CommandLine, do: Callable[[Desk], Ended]) -> NoReturn:
    """Do it with the signals watched, hand the passwords over, and say how it ended."""
    operator.interrupts.install()
    operator.passwords.prepare()
    try:
        ended = do(desk)
    finally:
        operator.quiet()
        operator.passwords.hand_over()
    end(call, operator, ended, foreseen=False)


def adopt_folder(
    call: Call, aside: SetAside, accounts: tuple[str, ...], take_over: str, *, dry_run: bool
) -> NoReturn:
    """Go on from a queue that was renamed by hand."""
    if not _FOLDER.fullmatch(aside.path):
        raise BadInput(f"{aside.path!r} is not a folder of the server", "", "Name its whole path.")
    harmless(accounts)
    options = Options(runbook="adopted-queue", adopted=aside, take_over=take_over)
    operator = operator_of(call, foreseen=dry_run)
    desk = set_up(call, host_of(call), operator)
    if dry_run:
        end(call, operator, operations.rehearse(desk, accounts, options), foreseen=True)
    agreed(call)
    act(call, desk, operator, lambda desk: operations.respond(desk, accounts, options))
