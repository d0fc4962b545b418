"""`respond triage`: one line a file, and what it says to a person."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from playbook.cli.app import app
from playbook.drill.queues.generator import generate
from playbook.drill.queues.scene import STOLEN, Texts
from playbook.drill.queues.style import Style


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("attacked")
    generate(folder, 7, 3, 300, Style(), Texts())
    odd = folder / "mail" / "_outgoing" / "\udcff\x1b[31m.tmp"
    odd.write_bytes(b"not a message")
    return folder


def run(*words: str) -> Result:
    return CliRunner().invoke(app, ["triage", *words])


def test_every_file_has_one_line(place: Path) -> None:
    result = run(str(place / "mail"), "--account", STOLEN, "--logs", str(place / "logs"), "--json")
    assert result.exit_code == 0
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    files = sorted(p for p in (place / "mail").rglob("*") if p.is_file())
    assert sorted(line["path"] for line in lines) == sorted(
        str(path.relative_to(place / "mail")) for path in files
    )
    assert {line["verdict"] for line in lines} == {"spam", "good", "doubtful", "not-a-message"}
    assert all(line["reasons"] for line in lines)
    assert all(bool(line["cluster"]) == (line["verdict"] == "doubtful") for line in lines)


def test_a_person_is_told_the_counts_and_what_to_decide(place: Path) -> None:
    result = run(str(place / "mail"))
    assert result.exit_code == 0
    assert "decisions are asked" in result.stdout
    assert "There is no SMTP log" in result.stdout
    assert "\x1b" not in result.stdout


def test_a_folder_that_is_not_there_is_said(place: Path) -> None:
    for words in (["/nowhere"], [str(place), "--logs", "/nowhere"], [str(place / "logs" / "x")]):
        result = run(*words)
        assert "is not there" in str(result.exception)
