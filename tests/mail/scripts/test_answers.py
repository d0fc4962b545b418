"""What scripts answer with: gathered in one pass, and every refusal has words for a person."""

import re
from pathlib import Path

import pytest

from playbook import mail
from playbook.mail.icewarp.pack import LINUX
from playbook.mail.scripts.answers import REFUSALS, gathered, refusal
from playbook.transports.frame import ScriptRecord
from tests.support.linear_cost import grows_linearly

ROOT = Path(next(iter(mail.__path__)))
SCRIPTS = sorted(
    path
    for path in ROOT.glob("**/linux/*/*.sh")
    if not path.name.endswith(".plain.sh") and path.parent.name in ("read", "change")
)
# What every script that changes may refuse before its own work begins.
ENTERING = {"lease", "busy", "cut"}
SAID = re.compile(
    r"""\brefuse\ '?([a-z]+)                     # the shell
    |\brefuse\('([a-z]+)'                        # perl
    |\bRefused\("([a-z]+)"|errno\.\w+:\ "([a-z]+)"  # Python
    |\brecord\ refused\ ([a-z]+)
    |["']refused["'],\ ["']([a-z]+)["']""",
    re.VERBOSE,
)


def refused_by(path: Path) -> set[str]:
    """The words with which a script, and the programs that it runs, may refuse."""
    name = f"{path.parent.name}/{path.stem}"
    streams = "block" in path.read_text() or "count_blocks" in path.read_text()
    text = LINUX.streaming_script(name).text if streams else LINUX.script(name).text
    return {next(filter(None, found)) for found in SAID.findall(text)}


def promised_by(path: Path) -> set[str]:
    """The words that its header names."""
    header = re.match(r"(#.*\n)+", path.read_text())
    assert header
    text = re.sub(r"\n#\s*", " ", header.group())
    named = text.partition("refuses:")[2]
    return set(re.sub(r"\([^)]*\)|,", " ", named).split())


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda each: each.stem)
def test_a_script_refuses_what_its_header_says_and_a_person_is_told_why(path: Path) -> None:
    found = refused_by(path)
    common = ENTERING if path.parent.name == "change" else set()
    assert promised_by(path) - common == found - common
    assert found <= set(REFUSALS)


def test_no_words_are_kept_for_what_no_script_refuses() -> None:
    assert set(REFUSALS) == {word for path in SCRIPTS for word in refused_by(path)}


def test_a_reason_that_nobody_knows_is_bounded_and_obeyed_by_no_terminal() -> None:
    error = refusal([ScriptRecord("refused", ("\x1b[2J" * 99, "\x1b]0;x\x07" * 999))])
    assert error
    assert str(error).isprintable()
    assert len(str(error)) < 600


def test_gathering_is_linear_in_the_number_of_records() -> None:
    assert grows_linearly(
        lambda size: gathered(ScriptRecord("log", (str(n),)) for n in range(size)), 4_000
    )
