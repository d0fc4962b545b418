"""`respond`: parse, call one function, render, exit."""

import sys

from playbook.errors import ExitCode, RespondError


def main() -> None:
    """Run the command line; a foreseeable fault is a sentence and an exit code, no traceback."""
    from playbook.cli.app import app  # noqa: PLC0415 - a broken library must not hide this handler

    try:
        app()
    except RespondError as error:
        _say(str(error))
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        _say(
            "Stopped at once. What was done is in the journal; `respond resume` looks and goes on."
        )
        sys.exit(ExitCode.PERSON)
    except BrokenPipeError:
        sys.exit(ExitCode.RED)


def _say(text: str) -> None:
    sys.stderr.write("".join(s if s.isprintable() else "?" for s in text) + "\n")
