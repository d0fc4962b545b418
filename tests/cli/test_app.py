"""The table of commands says what their files say, and none of them is loaded for it."""

import ast
import importlib
import inspect
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from playbook.cli import app as assembled
from playbook.errors import ExitCode

COMMANDS = {name: words for group in assembled.COMMANDS.values() for name, words in group.items()}
CLI = Path(assembled.__file__).parent
LONGEST = 25


def test_every_command_is_a_file_and_every_file_a_command() -> None:
    files = {path.stem for path in (CLI / "commands").glob("[a-z]*.py")}
    assert files == {name.replace("-", "_") for name in COMMANDS}


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_lists_a_command_with_the_sentence_of_its_docstring(name: str) -> None:
    module = importlib.import_module(assembled.module_of(name))
    function = getattr(module, name.replace("-", "_"))
    assert (inspect.getdoc(function) or "").splitlines()[0] == COMMANDS[name]
    assert (module.__doc__ or "").startswith(f"`respond {name}`: ")


def test_the_help_loads_no_command() -> None:
    said = subprocess.run(
        (sys.executable, "-c", "import sys; from playbook.cli import main; main()", "--help"),
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPROFILEIMPORTTIME": "1"},
    )
    assert "playbook.cli.app" in said.stderr
    assert "playbook.cli.commands" not in said.stderr
    assert "paramiko" not in said.stderr
    for code in ExitCode:
        assert f"  {code.value}  {code.meaning}" in said.stdout


@pytest.mark.parametrize("words", [["--help"], ["-h"], ["undo", "-h"], ["undo", "--help"]])
def test_help_is_asked_for_in_two_ways(words: list[str]) -> None:
    said = CliRunner().invoke(assembled.app, words)
    assert said.exit_code == 0
    assert said.stdout.startswith("Usage:")


def test_the_version_is_said() -> None:
    assert CliRunner().invoke(assembled.app, ["--version"]).stdout.startswith("respond ")


@pytest.mark.parametrize("path", sorted(CLI.rglob("*.py")), ids=lambda each: each.stem)
def test_a_door_is_short(path: Path) -> None:
    """A command parses, calls one function, renders and exits: its body is short."""
    for each in ast.walk(ast.parse(path.read_text())):
        if isinstance(each, ast.FunctionDef):
            said = ast.get_docstring(each) is not None
            body = each.body[1:] if said else each.body
            lines = (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0
            assert lines <= LONGEST, f"{path.name}: {each.name}"
