"""The doors are labelled: what a name promises is where it says."""

import dataclasses
import re
import runpy
import shutil
import subprocess
from pathlib import Path
from typing import get_args

import pytest

from playbook import errors
from playbook.engine import catalog, runbook
from playbook.errors import RespondError
from playbook.mail import actions
from playbook.mail.icewarp.acts import ACTS
from playbook.mail.icewarp.pack import LINUX, QUEUE_FILES
from playbook.mail.products import by_hand

HERE = Path(__file__).parent.parent
SCRIPTS = HERE / "playbook" / "mail" / "icewarp" / "linux"
SHARED_SCRIPTS = HERE / "playbook" / "mail" / "scripts" / "linux"
STEPS = [line.do for name in runbook.names() for line in runbook.load(name).step]


@pytest.mark.parametrize("name", STEPS)
def test_a_step_is_a_frozen_dataclass_with_its_sentence(name: str) -> None:
    step = catalog.step_class(name)
    assert dataclasses.is_dataclass(step)
    assert step.__dataclass_params__.frozen
    assert catalog.sentence(step).endswith((".", ":"))
    assert step.by_hand or step.acts


def test_every_step_file_is_in_a_runbook() -> None:
    files = {path.stem for path in (HERE / "steps").glob("[a-z]*.py")}
    assert files == set(STEPS)


@pytest.mark.parametrize("action", get_args(actions.MailAction), ids=lambda each: each.__name__)
def test_every_action_has_a_row_with_a_script_and_commands_for_a_person(action: type) -> None:
    act = ACTS[action]
    assert set(act.manual) == {LINUX.system.name}
    folders = (SCRIPTS, SHARED_SCRIPTS)
    assert any((folder / f"{act.script}.sh").exists() for folder in folders)
    assert by_hand(action)


def test_there_is_no_row_without_an_action() -> None:
    assert set(ACTS) == set(get_args(actions.MailAction))


def test_only_a_pack_says_for_which_system_it_is() -> None:
    saying = {
        path.relative_to(HERE).as_posix()
        for path in (HERE / "playbook").rglob("*.py")
        if '"linux"' in path.read_text() and "drill" not in path.parts
    }
    assert saying == {"playbook/mail/system.py"}


CHANGING = {
    ".sh": r"\b(rm|mv|cp|ln|mkdir|rmdir|chmod|chown|kill|touch|tee|set_verb)\b|[^2<>&]>\s*[^&/ ]",
    ".pl": r"\b(unlink|rename|mkdir|rmdir|chmod|chown|utime|link|symlink|truncate|kill|system|exec"
    r"|syswrite|qx|O_WRONLY|O_RDWR|O_CREAT|O_TRUNC)\b|\beval [^{]|[=(]\s*`|\bopen\b[^;]*['\"][+]?>",
    ".py": r"\b(remove|unlink|rename|replace|mkdir|makedirs|rmdir|chmod|chown|utime|link|symlink"
    r"|truncate|kill|system|exec\w*|eval|write_\w+)\(|\bopen\([^)]*[\"'][wax]"
    r"|\b(subprocess|shutil|tempfile|O_WRONLY|O_RDWR|O_CREAT)\b",
}


@pytest.mark.parametrize(
    "path",
    sorted([*(SCRIPTS / "read").iterdir(), *(SHARED_SCRIPTS / "read").iterdir()]),
    ids=lambda path: path.name,
)
def test_a_reading_script_has_no_word_that_changes(path: Path) -> None:
    lines = [line for line in path.read_text().splitlines() if not line.lstrip().startswith("#")]
    words = CHANGING[path.suffix]
    wrong = [line for line in lines if re.search(words, line) and "awk" not in line]
    assert [line for line in wrong if "/dev/null" not in line] == []


def test_the_perl_program_is_without_warnings() -> None:
    perl = shutil.which("perl")
    if perl is None:
        pytest.skip("perl is not installed")
    text = LINUX.program(*QUEUE_FILES).encode()
    said = subprocess.run((perl, "-wc"), input=text, capture_output=True, check=False)
    assert said.stderr == b"- syntax OK\n"


def test_every_error_has_a_remedy_and_a_code() -> None:
    def all_below(kind: type[RespondError]) -> set[type[RespondError]]:
        return {kind, *(each for sub in kind.__subclasses__() for each in all_below(sub))}

    for kind in all_below(RespondError):
        assert kind.remedy.endswith((".", ")")), kind
        assert kind.exit_code > 0, kind
        assert kind.__name__ in (errors.__doc__ or ""), kind


def test_no_file_is_a_house_of_its_own() -> None:
    for folder in ("playbook", "steps"):
        for path in (HERE / folder).rglob("*.py"):
            assert len(path.read_text().splitlines()) <= 400, path


@pytest.mark.parametrize("path", sorted((HERE / "bench").glob("*.py")), ids=lambda each: each.name)
def test_a_bench_finds_what_it_imports(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(path.parent))
    try:
        runpy.run_path(str(path), run_name="read")
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] in ("playbook", "steps", "tests", "bench"):
            raise
        pytest.skip(f"{error.name} is not installed: pip install '.[bench]'")
