"""The README, CONTRIBUTING and the drill's table say what the program does."""

import re
from pathlib import Path

import pytest

from playbook.cli.app import Commands
from playbook.cli.trials import Trial
from playbook.drill.faults import Fault
from playbook.engine import runbook
from playbook.errors import ExitCode
from playbook.hosts import inventory

HERE = Path(__file__).parent.parent
TEXTS = {
    name: (HERE / name).read_text() for name in ("README.md", "CONTRIBUTING.md", "docs/drill.md")
}


def commands() -> dict[str, set[str]]:
    """Every command with its options, as the program knows them."""
    group = Commands()
    found = {name: group.get_command(None, name) for name in group.list_commands(None)}
    return {
        name: {option for each in command.params for option in each.opts}
        for name, command in found.items()
    }


@pytest.mark.parametrize("name", TEXTS)
def test_every_command_and_option_exists(name: str) -> None:
    known = commands()
    for line in TEXTS[name].splitlines():
        for word, rest in re.findall(r"\brespond ([a-z][a-z-]*)([^`]*)", line):
            if f"`respond {word}" in line or line.lstrip().startswith(("$ respond", "python3")):
                assert word in known, line
                assert set(re.findall(r"(?<!\S)--[a-z-]+", rest)) <= known[word], line


def test_the_fault_table_is_the_drills() -> None:
    for fault in Fault:
        assert f"| {fault.value} | {fault.does} | {fault.must} |" in TEXTS["docs/drill.md"]


def test_the_trial_table_is_the_drills() -> None:
    for trial in Trial:
        assert f"| {trial.value} | {trial.does} | {trial.must} |" in TEXTS["docs/drill.md"]


def test_the_inventory_of_the_readme_is_understood(tmp_path: Path) -> None:
    found = re.search(r"```toml\n(.*?)```", TEXTS["README.md"], re.DOTALL)
    assert found
    path = tmp_path / "respond.toml"
    path.write_text(found.group(1))
    assert inventory.load(path).host("mail1").icewarp.confirm_s == 90


def test_the_exit_codes_are_all_told() -> None:
    for code in ExitCode:
        assert re.search(rf"\b{code.value} [a-z]", TEXTS["README.md"]), code


def test_the_first_two_blocks_are_one_command_each() -> None:
    blocks = re.findall(r"```sh\n(.*?)```", TEXTS["README.md"], re.DOTALL)
    assert [len(block.strip().splitlines()) for block in blocks[:2]] == [1, 1]


def test_every_place_that_contributing_names_is_there() -> None:
    for place in re.findall(r"`([a-z_/]+(?:/|\.py|\.toml))`", TEXTS["CONTRIBUTING.md"]):
        assert (HERE / place).exists() or "your_words" in place, place


def rooms() -> dict[str, list[str]]:
    """Every folder with code of ours, and the files in it."""
    tops = (HERE / "playbook", HERE / "steps", HERE / "runbooks")
    folders = [folder for top in tops for folder in (top, *top.rglob("*"))]
    return {
        f"{folder.relative_to(HERE)}/": sorted(
            file.stem
            for file in folder.glob("*.toml" if folder.name == "runbooks" else "*.py")
            if file.stem != "__init__"
        )
        for folder in folders
        if (folder / "__init__.py").exists()
    }


def test_the_map_has_every_room_and_every_file() -> None:
    rows = re.findall(
        r"^\| `([a-z_/]+/)` \| .* \| (.*) \|$", TEXTS["CONTRIBUTING.md"], re.MULTILINE
    )
    on_the_map = {room: [] if files == "-" else files.split(", ") for room, files in rows}
    assert on_the_map == rooms()


def test_runbooks_are_named_in_the_readme() -> None:
    for name in runbook.names():
        assert name in TEXTS["README.md"]
