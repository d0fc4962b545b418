"""What the commands that change a server do alike: consent, signals, passwords, the end."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Final, NoReturn

from rich.console import Console

from playbook import operations
from playbook.cli.desk import Call, host_of, set_up
from playbook.cli.ending import end
from playbook.cli.interrupts import Interrupts
from playbook.cli.passwords import Passwords
from playbook.cli.screen import Screen
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


def act(call: Call, desk: Desk, screen: Screen, do: Callable[[Desk], Ended]) -> NoReturn:
    """Do it with the signals watched, hand the passwords over, and say how it ended."""
    interrupts, passwords = Interrupts(), Passwords(call)
    interrupts.install()
    watching = _watching(screen, interrupts)
    try:
        ended = do(
            replace(
                desk, interrupted=interrupts.stops, keep_password=passwords.keep, watching=watching
            )
        )
    finally:
        screen.quiet()
        passwords.hand_over()
    end(call, screen, ended, foreseen=False)


def _watching(screen: Screen, interrupts: Interrupts) -> Callable[[int, int], bool]:
    def watching(watched: int, of: int) -> bool:
        screen.tells(f"watching: {watched} of {of} s; Ctrl-C ends the watch")
        return interrupts.goes_on_watching()

    return watching


def adopt_folder(
    call: Call, aside: SetAside, accounts: tuple[str, ...], take_over: str, *, dry_run: bool
) -> NoReturn:
    """Go on from a queue that was renamed by hand."""
    if not _FOLDER.fullmatch(aside.path):
        raise BadInput(f"{aside.path!r} is not a folder of the server", "", "Name its whole path.")
    harmless(accounts)
    options = Options(runbook="adopted-queue", adopted=aside, take_over=take_over)
    screen = Screen(Console(stderr=True), foreseen=dry_run)
    desk = set_up(call, host_of(call), screen)
    if dry_run:
        end(call, screen, operations.rehearse(desk, accounts, options), foreseen=True)
    agreed(call)
    act(call, desk, screen, lambda with_desk: operations.respond(with_desk, accounts, options))
