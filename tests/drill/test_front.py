import asyncio
import os
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path

import asyncssh
import pytest

from playbook.drill.faults import Fault
from playbook.drill.server import AttackedServer
from tests.support.attack import Attack, restart, until


def over_ssh(
    server: AttackedServer,
    talk: Callable[[asyncssh.SSHClientConnection], Awaitable[None]],
) -> None:
    async def connected() -> None:
        async with asyncssh.connect(
            "127.0.0.1",
            server.ssh_port,
            username=server.user,
            client_keys=[str(server.key_file)],
            known_hosts=str(server.known_hosts),
        ) as connection:
            await talk(connection)

    asyncio.run(asyncio.wait_for(connected(), timeout=20))


def test_streams_and_status_pass(attack: Attack) -> None:
    server = attack(ssh=True)

    async def talk(connection: asyncssh.SSHClientConnection) -> None:
        said = await connection.run("echo out; echo err >&2; pwd; exit 3")
        assert said.stdout == f"out\n{server.root}\n"
        assert said.stderr == "err\n"
        assert said.exit_status == 3
        killed = await connection.run("kill -9 $$")
        assert killed.exit_signal is not None
        assert killed.exit_signal[0] == "KILL"

    over_ssh(server, talk)
    assert server.front is not None
    assert server.front.execs == 2


def test_a_megabyte_passes_unchanged_in_both_directions(attack: Attack) -> None:
    given = os.urandom(1_000_000)

    async def talk(connection: asyncssh.SSHClientConnection) -> None:
        assert (await connection.run("cat", input=given, encoding=None)).stdout == given
        deaf = await connection.run("exit 7", input=given, encoding=None)
        assert deaf.exit_status == 7

    over_ssh(attack(ssh=True), talk)


def test_commands_run_side_by_side(attack: Attack) -> None:
    async def talk(connection: asyncssh.SSHClientConnection) -> None:
        reader = connection.run("mkfifo meeting; cat meeting")
        writer = connection.run("until [ -p meeting ]; do :; done; echo met > meeting")
        answers = await asyncio.gather(reader, writer)
        assert answers[0].stdout == "met\n"

    over_ssh(attack(ssh=True), talk)


def test_only_the_one_time_key_opens(attack: Attack, tmp_path: Path) -> None:
    server = attack(ssh=True)
    other = tmp_path / "other"
    asyncssh.generate_private_key("ssh-ed25519").write_private_key(other)

    async def knock() -> None:
        await asyncssh.connect(
            "127.0.0.1",
            server.ssh_port,
            client_keys=[str(other)],
            known_hosts=str(server.known_hosts),
            agent_path=None,
            config=None,
        )

    with pytest.raises(asyncssh.PermissionDenied):
        asyncio.run(knock())


def test_the_line_is_cut_once_after_the_input_arrived(attack: Attack) -> None:
    server = attack(Fault.LINE_CUT, ssh=True, cut_at_exec=2)

    async def talk(connection: asyncssh.SSHClientConnection) -> None:
        assert (await connection.run("echo first")).stdout == "first\n"
        cut = await connection.run("cat > arrived; mv arrived whole", input="x" * 100_000)
        assert cut.exit_status is None
        await connection.wait_closed()

    over_ssh(server, talk)
    until((server.root / "whole").exists)
    assert (server.root / "whole").stat().st_size == 100_000

    async def again(connection: asyncssh.SSHClientConnection) -> None:
        assert (await connection.run("echo third")).stdout == "third\n"

    over_ssh(server, again)


def test_a_command_runs_on_when_its_line_is_gone(attack: Attack) -> None:
    server = attack(ssh=True)

    async def talk(connection: asyncssh.SSHClientConnection) -> None:
        await connection.create_process("touch began; cat; touch ended")
        while not (server.root / "began").exists():
            await asyncio.sleep(0.01)
        connection.abort()

    over_ssh(server, talk)
    until((server.root / "ended").exists)


def test_a_full_disk_takes_no_byte_but_folders_and_renames(attack: Attack) -> None:
    server = attack(Fault.DISK_FULL, ssh=True)

    async def talk(connection: asyncssh.SSHClientConnection) -> None:
        full = await connection.run("echo x > file")
        assert full.exit_status != 0
        assert (server.root / "file").stat().st_size == 0
        assert (await connection.run("mkdir a && mv a b && ln -s b c")).exit_status == 0
        install = server.install
        told = f"{install}/tool.sh set account info u_smtp 0 && {install}/icewarpd.sh --restart all"
        assert (await connection.run(told)).exit_status == 0

    over_ssh(server, talk)
    assert server.score(contained_at=0).smtp_answers


def test_a_disk_that_fills_later_is_full_from_the_next_start_until_there_is_room(
    attack: Attack,
) -> None:
    server = attack(Fault.DISK_FULL_AT_REINJECTION, ssh=True)

    async def talk(connection: asyncssh.SSHClientConnection) -> None:
        writes = "echo x > file"
        assert (await connection.run(writes)).exit_status == 0
        restart(server)
        assert (await connection.run(writes)).exit_status != 0
        assert (await connection.run("mkdir a && mv a b")).exit_status == 0
        server.make_room()
        assert (await connection.run(writes)).exit_status == 0

    over_ssh(server, talk)


@pytest.mark.skipif(shutil.which("busybox") is None, reason="busybox is not installed")
def test_sessions_may_have_nothing_but_busybox(attack: Attack, tmp_path: Path) -> None:
    busybox = str(shutil.which("busybox"))
    for name in ("sh", "cat", "mv"):
        (tmp_path / name).symlink_to(busybox)
    server = attack(ssh=True, session_path=str(tmp_path))

    async def talk(connection: asyncssh.SSHClientConnection) -> None:
        found = await connection.run("echo $PATH; cat --help; perl -v")
        assert found.stdout == f"{tmp_path}\n"
        assert "BusyBox" in str(found.stderr)
        assert found.exit_status == 127
        told = await connection.run(f"{server.install}/tool.sh get system c_os")
        assert told.stdout == "c_os: 1\r\n"

    over_ssh(server, talk)
