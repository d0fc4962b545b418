"""A plan on paper: what a dry run would change, with the state of the server that it was made for.

Applied later, it is refused where the server is no longer in that state: what was shown is what
is done. The state is services, settings, accounts and folders, never what a queue holds.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from playbook.errors import BadInput, PlanChanged
from playbook.incident.incident import Incident
from playbook.mail.survey import Survey
from playbook.plan import Action, Change


class Wanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the person asked for: the options that a plan was made with, and is done with."""

    contain: bool = False
    last: str = ""
    kill: bool = False
    expire_password: bool = False
    end_sessions: bool = False


class SavedPlan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A plan as it is written: for which host and accounts, the state, and the changes."""

    host: str
    accounts: tuple[str, ...]
    wanted: Wanted
    fingerprint: str
    state: dict[str, str]
    changes: tuple[str, ...]

    def holds(self, action: Action, incident: str) -> bool:
        """Whether the action, in an incident of this name, is one that was shown."""
        return _key(action, incident) in self.changes


# How much mail a queue holds moves between a plan and its run; the folders do not.
_MOVES: Final = ("count", "digest", "canary")


def _key(action: Action, incident: str) -> str:
    whole: dict[str, object] = msgspec.to_builtins(action)
    fields = {name: value for name, value in whole.items() if name not in _MOVES}
    return json.dumps(fields, sort_keys=True).replace(incident, "INCIDENT")


@dataclass(frozen=True)
class State:
    """The part of a survey that a plan depends on, as words by name."""

    words: dict[str, str]

    @property
    def fingerprint(self) -> str:
        """SHA-256 over the state."""
        return hashlib.sha256(json.dumps(self.words, sort_keys=True).encode("ascii")).hexdigest()


def state_of(seen: Survey) -> State:
    """What a survey says of services, settings, accounts and folders."""
    words = {
        "smtp": "running" if seen.smtp.running else "stopped" if seen.smtp.stopped else "between",
        "watchdog": str(seen.watchdog),
        "version": seen.product.version,
        **{f"setting {name}": value for name, value in seen.settings},
    }
    for folder in seen.folders:
        words[f"folder {folder.role}"] = f"{folder.kind} {folder.target} {folder.identity}"
    for account in seen.accounts:
        words[f"account {account.named}"] = (
            f"{account.address} submits={account.may_submit} disabled={account.disabled} "
            f"{account.directory}"
        )
    return State(words)


def plan_of(
    rehearsed: Incident,
    accounts: tuple[str, ...],
    seen: Survey,
    wanted: Wanted,
    changes: Iterable[Change],
) -> SavedPlan:
    """The plan of a dry run, with what is tried where a change cannot be made."""
    state = state_of(seen)
    keys = keys_of(changes, rehearsed.name)
    return SavedPlan(rehearsed.host, accounts, wanted, state.fingerprint, state.words, keys)


def keys_of(changes: Iterable[Change], incident: str) -> tuple[str, ...]:
    """What a plan keeps of its changes, so that they are known again in another incident."""
    return tuple(_key(each.do, incident) for change in changes for each in _with_stand_in(change))


def _with_stand_in(change: Change) -> Iterator[Change]:
    yield change
    if change.otherwise and not change.otherwise.offered:
        yield from _with_stand_in(change.otherwise)


def save(path: Path, plan: SavedPlan) -> None:
    """Write a plan; raises `BadInput` where the file cannot be written."""
    try:
        path.write_bytes(msgspec.json.format(msgspec.json.encode(plan), indent=1) + b"\n")
    except OSError as error:
        raise BadInput(f"{path} cannot be written", str(error.strerror)) from error


def load(path: Path) -> SavedPlan:
    """Read a plan; raises `BadInput` where it is not one."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=SavedPlan)
    except OSError as error:
        raise BadInput(f"{path} cannot be read", str(error.strerror)) from error
    except msgspec.DecodeError as error:
        raise BadInput(f"{path} is no plan of this program", str(error)) from error


def check(plan: SavedPlan, host: str, accounts: tuple[str, ...], seen: Survey) -> None:
    """Raise `PlanChanged` where the plan was made for another host, account or state."""
    if (plan.host, plan.accounts) != (host, accounts):
        raise PlanChanged("The plan is for another host or account", f"it says {plan.host}")
    now = state_of(seen)
    if now.fingerprint == plan.fingerprint:
        return
    names = sorted(plan.state.keys() | now.words.keys())
    differs = [
        f"{name} was {plan.state.get(name, 'not there')} and is {now.words.get(name, 'not there')}"
        for name in names
        if plan.state.get(name) != now.words.get(name)
    ]
    raise PlanChanged("The server is not as it was when the plan was made", "; ".join(differs[:5]))
