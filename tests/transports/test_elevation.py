"""Becoming root: through a sudo that behaves as the real one is known to."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from playbook.errors import ElevationRefused, ExitCode
from playbook.hosts.host import Host
from playbook.transports.ssh import Ssh
from tests.support.ssh_servers import Doorman, Server, asyncssh_server
from tests.support.wires import Answers, said

PASSWORD = "correct horse ' battery $(staple)"

# With a NOPASSWD rule sudo never reads the password, whatever its options; without one `-n`
# fails, and `-S` writes the prompt to the second stream and reads up to three lines.
SUDO = """#!/bin/sh
printf '%s\\n' "$*" >>"$FAKE_SUDO_LOG.calls"
quiet= prompt='[sudo] password: '
while :; do
    case $1 in
    -n) quiet=1 ;;
    -p) prompt=$2; shift ;;
    -k | -S) ;;
    *) break ;;
    esac
    shift
done
[ "$FAKE_SUDO" = nopasswd ] && exec "$@"
[ "$quiet" ] && { echo 'sudo: a password is required' >&2; exit 1; }
echo 'We trust you have received the usual lecture.' >&2
for try in 1 2 3; do
    printf %s "$prompt" >&2
    IFS= read -r given || { echo 'sudo: no password was provided' >&2; exit 1; }
    printf '%s\\n' "$given" >>"$FAKE_SUDO_LOG.tries"
    if [ "$given" = "$FAKE_SUDO_PASSWORD" ]; then
        [ "$FAKE_SUDO" = password ] && exec "$@"
        [ "$FAKE_SUDO" = limited ] &&
            echo "Sorry, user admin is not allowed to execute '$*' as root on mail1." >&2
        echo 'admin is not in the sudoers file.' >&2
        exit 1
    fi
    echo 'Sorry, try again.' >&2
done
exit 1
"""


@dataclass(frozen=True)
class Lab:
    server: Server
    doorman: Doorman
    log: Path

    def lines(self, kind: str) -> list[str]:
        path = self.log.with_name(f"{self.log.name}.{kind}")
        return path.read_text().splitlines() if path.exists() else []

    def host(self, sudo_password: tuple[str, ...] | None = None) -> Host:
        return self.server.host(elevate=True, sudo_password=sudo_password)


@pytest.fixture
def lab(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Lab]:
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "sudo").write_text(SUDO)
    (programs / "sudo").chmod(0o755)
    environment = {
        "PATH": f"{programs}:/usr/bin:/bin",
        "FAKE_SUDO": request.param,
        "FAKE_SUDO_LOG": str(tmp_path / "sudo"),
        "FAKE_SUDO_PASSWORD": PASSWORD,
    }
    doorman = Doorman(environment=environment)
    with asyncssh_server(tmp_path, doorman) as server:
        yield Lab(server, doorman, tmp_path / "sudo")


@pytest.mark.parametrize("lab", ["nopasswd"], indirect=True)
def test_sudo_without_a_password_takes_one_command_and_asks_nobody(lab: Lab) -> None:
    person = Answers(PASSWORD)
    ssh = Ssh(lab.host(("false",)), person)
    assert [said(ssh, text) for text in ("one", "two")] == ["one", "two"]
    ssh.close()
    assert person.asked == []
    assert lab.lines("tries") == []
    # Two scripts, and the shell that was started ahead for a third.
    assert len(lab.doorman.commands) <= 3


@pytest.mark.parametrize("lab", ["password"], indirect=True)
def test_the_password_is_asked_for_once_and_works_for_every_script(lab: Lab) -> None:
    person = Answers(PASSWORD)
    ssh = Ssh(lab.host(), person)
    assert [said(ssh, text) for text in ("one", "two", "three")] == ["one", "two", "three"]
    ssh.close()
    assert said(ssh, "after a new connection") == "after a new connection"
    ssh.close()
    assert person.asked == ["sudo of admin@127.0.0.1"]
    assert set(lab.lines("tries")) == {PASSWORD}


@pytest.mark.parametrize("lab", ["password"], indirect=True)
def test_the_password_comes_from_the_inventory_s_command(lab: Lab) -> None:
    ssh = Ssh(lab.host(("printf", "%s\\nsecond line\\n", PASSWORD)))
    assert said(ssh, "hello") == "hello"
    ssh.close()


@pytest.mark.parametrize("lab", ["password"], indirect=True)
def test_a_wrong_password_is_shown_once_and_no_line_of_the_script_for_one(lab: Lab) -> None:
    with pytest.raises(ElevationRefused, match="password is wrong") as caught:
        said(Ssh(lab.host(), Answers("wrong")), "hello")
    assert lab.lines("tries") == ["wrong"]
    assert caught.value.exit_code is ExitCode.HOST


@pytest.mark.parametrize("lab", ["password"], indirect=True)
def test_without_a_password_and_without_a_person_it_is_refused(lab: Lab) -> None:
    with pytest.raises(ElevationRefused, match="a password is required"):
        said(Ssh(lab.host()), "hello")
    assert lab.lines("tries") == []


@pytest.mark.parametrize(
    ("lab", "words"),
    [("refused", "is not in the sudoers file"), ("limited", "is not allowed to execute")],
    indirect=["lab"],
)
def test_a_user_without_the_right_is_told_which_one_is_missing(lab: Lab, words: str) -> None:
    with pytest.raises(ElevationRefused, match=words) as caught:
        said(Ssh(lab.host(), Answers(PASSWORD)), "hello")
    assert "whatever its password" in caught.value.what
    assert "ALL=(root) ALL" in str(caught.value)
    assert "respond-stands-ready" not in str(caught.value)


@pytest.mark.parametrize("lab", ["password"], indirect=True)
def test_a_password_command_that_fails_is_not_shown(lab: Lab) -> None:
    with pytest.raises(ElevationRefused, match="gave no password") as caught:
        said(Ssh(lab.host(("/no/such/program", "hunter2"))), "hello")
    assert "hunter2" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("lab", ["password"], indirect=True)
def test_secrets_are_in_no_command_line_and_in_no_log(
    lab: Lab, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    ssh = Ssh(lab.host(), Answers(PASSWORD))
    said(ssh, Answers("new-mail-password").passphrase("x"))
    ssh.close()
    written = "\n".join([caplog.text, repr(ssh), *lab.doorman.commands, *lab.lines("calls")])
    assert "paramiko" in caplog.text
    assert PASSWORD not in written
    assert "new-mail-password" not in written
    # Constants, whatever is sent.
    assert len(set(lab.doorman.commands)) == 2
