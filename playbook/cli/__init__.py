"""`respond`: parse, call one function, render, exit."""

import sys

from playbook.errors import ExitCode, Interrupted, RespondError


def main() -> None:
    """Run the command line; a foreseeable fault is a sentence and an exit code, no traceback."""
    from playbook.cli import interrupts, streams  # noqa: PLC0415 - a fault in them is one of ours
    from playbook.cli.app import app  # noqa: PLC0415 - a broken library must not hide this handler

    streams.settle()
    interrupts.unwind()
    try:
        app()
    except RespondError as error:
        _say(str(error))
        sys.exit(error.exit_code)
    except Interrupted as ended:
        _say(f"Stopped at once, because {ended}. `respond incidents` shows what is open.")
        sys.exit(ExitCode.PERSON)


def _say(text: str) -> None:
    from playbook.text import printable  # noqa: PLC0415 - a fault in it is one of ours

    sys.stderr.write(printable(text) + "\n")
