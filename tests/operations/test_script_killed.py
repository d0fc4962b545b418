"""A script killed on the server in the middle of its work: the run, or `resume`, ends the same."""

import shutil
from pathlib import Path

import pytest

from playbook.drill.server import AttackedServer
from playbook.errors import ExitCode
from tests.support.attacked_server import attacked, behind
from tests.support.end_states import contained, state
from tests.support.slow import some_quick
from tests.support.ssh_servers import openssh

# Stands in for a program, and once kills the script that called it: right before the program does
# its work, or right after. `acting` on the server names the shell of the script at work.
_DEADLY = """#!/bin/sh
case "$*" in
{words})
	if mkdir "{fuse}" 2>/dev/null; then
		if [ "{when}" = after ]; then "{program}" "$@"; fi
		shell=$(readlink "{acting}")
		kill -0 "{whole}${{shell%% *}}" && : >"{fuse}/was-alive"
		kill -KILL "{whole}${{shell%% *}}"
	fi
	;;
esac
exec "{program}" "$@"
"""

_POINTS = {
    "entered": ("tail", "-c*1*journal.jsonl"),
    "watchdog": ("tool.sh", "set*system*"),
    "stop": ("icewarpd.sh", "--stop*"),
    "password": ("tool.sh", "set*u_password*"),
    "rename": ("mv", "*_outgoing*"),
    "start": ("icewarpd.sh", "--start*"),
    "release": ("rm", "*lease*"),
}


def make_deadly(server: AttackedServer, folder: Path, point: str, when: str, whole: str) -> None:
    """Put the deadly program in the place of the one that the point names."""
    name, words = _POINTS[point]
    ours = server.install / name
    if ours.exists():
        program, place = ours.rename(ours.with_suffix(".inner")), ours
    else:
        found = shutil.which(name)
        assert found
        program, place = Path(found), folder / "bin" / name
    text = _DEADLY.format(
        words=words,
        fuse=folder / "fuse",
        when=when,
        program=program,
        acting=server.install / ".respond" / "acting",
        whole="-" if whole == "all-of-it" else "",
    )
    place.write_text(text)
    place.chmod(0o755)


@pytest.mark.parametrize("whole", some_quick(["shell-alone", "all-of-it"], {"all-of-it"}))
@pytest.mark.parametrize("when", some_quick(["before", "after"], set()))
@pytest.mark.parametrize("point", some_quick(_POINTS, {"rename"}))
def test_a_script_killed_in_the_middle_is_taken_up_again(
    tmp_path: Path, contained_quietly: dict[str, object], point: str, when: str, whole: str
) -> None:
    (tmp_path / "bin").mkdir()
    path = {"PATH": f"{tmp_path / 'bin'}:/usr/sbin:/usr/bin:/sbin:/bin"}
    with (
        openssh(tmp_path, environment=path) as sshd,
        attacked(tmp_path, ssh=False, still=True, size=40) as (server, desk),
        behind(desk, sshd) as there,
    ):
        make_deadly(server, tmp_path, point, when, whole)
        ended = contained(server, there)
        assert (tmp_path / "fuse" / "was-alive").exists()
        assert ended.code is ExitCode.OWED
        assert state(server, ended.incident.name) == contained_quietly
