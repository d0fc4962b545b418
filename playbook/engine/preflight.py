"""What can be foreseen is found before SMTP is down: a pure look at a survey."""

from dataclasses import dataclass
from typing import Final

from playbook.incident.obligations import other_node
from playbook.mail.survey import Account, Survey
from playbook.plan import Obligation

# Versions that the procedure's facts come from; another one is said, not refused.
_KNOWN_VERSIONS: Final = range(9, 15)
_LITTLE_BYTES: Final = 50 * 1024 * 1024
_FEW_INODES: Final = 2_000
# A journal that cannot be written stops a run where it stands, and SMTP with it.
_ROOM_HERE_BYTES: Final = 5 * 1024 * 1024


@dataclass(frozen=True)
class Preflight:
    """What keeps the run from its work, what a person should know, and what it will owe."""

    stops: tuple[str, ...]
    warnings: tuple[str, ...]
    owes: tuple[Obligation, ...]


def preflight(seen: Survey, *, elevate: bool = True, room_here: int | None = None) -> Preflight:
    """Judge a survey before the first change; without `elevate` root was not asked for."""
    stops = []
    if room_here is not None and room_here < _ROOM_HERE_BYTES:
        stops.append(f"this machine has {room_here // 1024} KiB left for the journal")
    if elevate and not seen.root:
        stops.append("the login is not root, and could not become it")
    if not seen.product.control:
        stops.append(f"the control script is not where it was looked for ({seen.product.folder})")
    if not seen.product.tool_answers:
        stops.append(
            f"{seen.product.tool} gives no answer in time, so the account cannot be closed; "
            "by hand: stop SMTP with the control script, and rename _outgoing"
        )
    stops += [f"{each.path} lies on a read-only volume" for each in seen.volumes if each.read_only]
    return Preflight(tuple(stops), tuple(_warnings(seen)), tuple(map(other_node, seen.nodes)))


def _warnings(seen: Survey) -> list[str]:
    said = []
    major = seen.product.version.partition(".")[0]
    if not major.isdecimal() or int(major) not in _KNOWN_VERSIONS:
        said.append(f"version {seen.product.version or 'unknown'} is none that is known here")
    for each in seen.volumes:
        if each.free_bytes is not None and each.free_bytes < _LITTLE_BYTES:
            said.append(f"{each.mount} has {each.free_bytes // 1024} KiB left")
        if each.free_inodes is not None and each.free_inodes < _FEW_INODES:
            said.append(f"{each.mount} has {each.free_inodes} inodes left")
    if seen.unnameable:
        said.append(
            f"{seen.unnameable} folders beside the queues have names with control characters, "
            "and are left alone"
        )
    if dict(seen.settings).get("c_system_log_services_smtp") in ("0", "2"):
        said.append("the SMTP log does not hold logins, so nobody can be seen logging in")
    said += [
        f"{each.path} holds mail too, as where the delivery agent for several processors is on:"
        f" {each.pairs} pairs, {each.of_accounts} that name the account; it is not set aside"
        for each in seen.waiting
        if each.pairs or each.of_accounts
    ]
    said += [_of_account(each) for each in seen.accounts if each.disabled or each.directory]
    return said


def _of_account(account: Account) -> str:
    """A guard may have been faster: a flood blocker, which some distributors put in, disables."""
    if account.disabled:
        return (
            f"{account.address} is disabled already ({account.disabled}), by a person or by a"
            " flood blocker: whoever still sends has a session open, or another account"
        )
    return f"{account.address} has no password of its own here ({account.directory})"
