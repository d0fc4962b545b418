"""The levels: whose server it is, what lies in its queues, and who goes on writing."""

import time
from pathlib import Path

import pytest

from playbook.drill.found import identity_in
from playbook.drill.server import AttackedServer
from tests.support.attack import Attack, queue, queued, restart, sink, tool, truth_of, truths, until

HARD = pytest.mark.parametrize("level", [2, 3, 4])


def incoming(server: AttackedServer) -> Path:
    return server.install / "mail" / "_incoming"


def pairs(server: AttackedServer) -> list[Path]:
    messages = incoming(server).glob("*.tmp")
    return [message for message in messages if message.with_suffix(".dat").exists()]


@HARD
def test_every_account_of_the_scene_is_the_servers(attack: Attack, level: int) -> None:
    server = attack(level=level)
    accounts = tool(server, "get", "account", "*@*").lines
    assert len(accounts) == 36
    assert accounts[0] == server.account == "info@domaine.example"
    for account in accounts:
        name, _, domain = account.partition("@")
        assert (server.install / "mail" / domain / name).is_dir()
    listed = tool(server, "list", "domain").lines
    assert {account.partition("@")[2] for account in accounts} < set(listed)
    second = "compta@atelier-lumen.example" if level == 4 else None
    assert server.second_account == second


@HARD
def test_the_truth_knows_every_message_of_the_queues(attack: Attack, level: int) -> None:
    server = attack(size=200, level=level)
    known = truths(server)
    lying = [identity_in(path) for path in queue(server).rglob("*.tm[p$]")]
    messages = [identity for identity in lying if identity is not None]
    assert set(messages) <= set(known)
    assert len(messages) == len(set(messages))
    assert len(messages) + len(pairs(server)) == len(known)
    assert {one.good for one in known.values()} == {True, False}


@HARD
def test_the_incoming_queue_holds_pairs_of_both_kinds_and_orphans(
    attack: Attack, level: int
) -> None:
    server = attack(size=200, level=level)
    kinds = {truth.good for each in pairs(server) if (truth := truth_of(server, each))}
    assert kinds == {True, False}
    names = {path.name for path in incoming(server).iterdir()}
    whole = {name for each in pairs(server) for name in (each.name, f"{each.stem}.dat")}
    assert {Path(name).suffix for name in names - whole} == {".tmp", ".dat"}


def test_the_log_is_of_the_week_before_and_ends_before_now(attack: Attack) -> None:
    server = attack(level=3)
    logs = sorted(path.name for path in (server.install / "logs" / "smtp").iterdir())
    assert logs[0] <= time.strftime("s%Y%m%d-00.log", time.localtime(time.time() - 7 * 86_400))
    assert logs[-1] <= time.strftime("s%Y%m%d-00.log", time.localtime())
    assert all(one.accepted_at <= time.time() for one in truths(server).values() if one.accepted_at)
    newest = max(path.stem for path in queued(server))
    assert newest <= time.strftime("%Y%m%d%H%M%S", time.localtime()) + "9999"


@pytest.mark.slow
def test_local_delivery_hangs_until_smtp_is_started_again(attack: Attack) -> None:
    server = attack(size=200, level=2, deliveries_per_s=100)
    until(lambda: len(sink(server)) > 100)
    spam, good = (
        [each for each in pairs(server) if truth_of(server, each).good is kind]  # type: ignore[union-attr]
        for kind in (False, True)
    )
    assert spam
    assert good
    restart(server)
    until(lambda: not {*spam, *good} & set(pairs(server)))
    gone = {identity_in(path) for path in sink(server)}
    score = server.score(contained_at=time.time())
    assert score.mails_lost == score.mails_sent_twice == 0
    assert len(gone & {one for one, truth in truths(server).items() if not truth.good}) > 0


@pytest.mark.parametrize("level", [1, 4])
def test_company_and_thief_write_on(attack: Attack, level: int) -> None:
    began = time.time()
    server = attack(size=60, level=level, thief=True, deliveries_per_s=5)

    def since() -> set[tuple[str, bool]]:
        known = truths(server).values()
        return {(one.account, one.good) for one in known if (one.accepted_at or 0) > began}

    stolen = {server.account, server.second_account or server.account}
    until(lambda: {(account, False) for account in stolen} <= since())
    until(lambda: any(good for _, good in since()))
    assert {account for account, good in since() if not good} == stolen


def test_the_same_seed_brings_the_same_people_and_campaigns(attack: Attack) -> None:
    first, again = attack(level=3), attack(level=3)
    assert tool(first, "get", "account", "*@*").lines == tool(again, "get", "account", "*@*").lines
    assert [identity_in(path) for path in queued(first)] != []
    assert set(truths(first)) == set(truths(again))


def test_there_is_no_sixth_level() -> None:
    with pytest.raises(ValueError, match="level 6"):
        AttackedServer(level=6)
