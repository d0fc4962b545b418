"""A whole run whose server is listed: owed, reported, and paid once the listing is gone."""

from dataclasses import replace
from pathlib import Path

import pytest

from playbook import operations
from playbook.errors import ExitCode
from playbook.exposure import lists
from playbook.outcome import Outcome
from playbook.wiring import Options
from tests.support.attacked_server import attacked
from tests.support.end_states import PERSISTENCE
from tests.support.name_server import LISTED, NO_SUCH_NAME, World, serving

ADDRESS, ENTRY = "41.202.24.147", "147.24.202.41.bl.spamcop.net."
KEY = "listed:41.202.24.147:bl.spamcop.net"
BY_HAND = "Check whether the server's address is on blacklists."


@pytest.mark.slow
def test_a_listing_is_owed_and_keeps_mail_back_until_it_is_seen_to_be_gone(tmp_path: Path) -> None:
    world = World()
    world.healthy(lists.known())
    world.says(ENTRY, LISTED)
    with (
        serving(world) as resolver,
        attacked(tmp_path, ssh=False, still=True, size=10) as (server, desk),
    ):
        known = replace(desk.host.icewarp, public_addresses=ADDRESS)
        asking = replace(desk, host=replace(desk.host, icewarp=known, resolver=str(resolver)))
        ended = operations.respond(asking, (server.account,), Options())
        assert ended.outcomes["check_blacklists"] is Outcome.HOLDS
        assert ended.outcomes["reinject_good_mail"] is Outcome.REFUSED
        kept_back, listed, *_ = sorted(each.key for each in ended.incident.obligations())
        assert kept_back.startswith("good:")
        assert listed == KEY
        assert ended.report
        report = ended.report.read_text()
        assert "41.202.24.147 is listed by SpamCop" in report
        assert "https&#58;//www&#46;spamcop.net/bl.shtml" in report
        assert BY_HAND not in report
        world.says(ENTRY, NO_SUCH_NAME)
        again = operations.resume(asking, ended.incident, Options(first="check_blacklists"))
        assert again.code is ExitCode.OWED
        left = tuple(each.key for each in again.incident.obligations())
        assert left == PERSISTENCE


@pytest.mark.slow
def test_lists_that_do_not_answer_fail_nothing_and_leave_it_to_a_person(tmp_path: Path) -> None:
    with attacked(tmp_path, ssh=False, still=True, size=10) as (server, desk):
        known = replace(desk.host.icewarp, public_addresses=ADDRESS)
        asking = replace(desk, host=replace(desk.host, icewarp=known))
        ended = operations.respond(asking, (server.account,), Options())
        assert ended.code is ExitCode.OWED
        assert ended.report
        report = ended.report.read_text()
        assert BY_HAND in report
        assert "connection refused" in report
