"""Who may take the lease on a mail server, and who speaks with the holder first."""

import pytest

from playbook.errors import LeaseHeld
from playbook.mail.lease import STALE_S, Holder, lease, may_take

OURS = lease("20260101-030000-aaaa", "root@vm", "0badcafe")


def held(
    incident: str = OURS.incident, who: str = OURS.who, home: str = "0badcafe", idle_s: int = 2
) -> Holder:
    return Holder(incident, who, 0, idle_s, home)


@pytest.mark.parametrize(
    "holder",
    [
        held(home="deadbeef"),
        held(home=""),
        held(who="ada@vm"),
        held(incident="20260101-030000-bbbb"),
        held(idle_s=STALE_S - 1, home="deadbeef"),
    ],
)
def test_a_live_lease_is_taken_by_nobody_else_without_a_reason(holder: Holder) -> None:
    with pytest.raises(LeaseHeld, match=holder.who):
        may_take(holder, OURS, "")
    assert may_take(holder, OURS, "they went home") == "they went home"


@pytest.mark.parametrize(
    ("holder", "because"),
    [(None, ""), (held(), "from before a crash"), (held(home="", idle_s=STALE_S), "stale")],
)
def test_what_is_free_ours_or_stale_is_taken(holder: Holder | None, because: str) -> None:
    assert because in may_take(holder, OURS, "")


def test_a_lease_without_a_home_is_nobodys_own() -> None:
    nameless = lease(OURS.incident, OURS.who, "")
    with pytest.raises(LeaseHeld):
        may_take(held(home=""), nameless, "")


def test_the_holder_is_told_without_the_token() -> None:
    assert OURS.home == "0badcafe"
    assert len(OURS.token) == 16
    assert OURS.token not in repr(held())
