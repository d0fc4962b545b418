"""How good mail is given back."""

from dataclasses import dataclass, replace

from playbook.engine.findings import (
    AccountsClosed,
    CompromisedAccounts,
    QueuesSetAside,
)
from playbook.engine.inputs import ClosedElsewhere
from playbook.incident.manifest.store import Manifest
from playbook.incident.obligations import KEPT, WAITING, good, good_key, kept, waiting
from playbook.mail.reinjection import ReinjectionState
from playbook.mail.survey import Role
from playbook.plan import Hindrance, Obligation, Plan


@dataclass(frozen=True)
class GoodQueue:
    """A queue that was set aside: how many of its mails are good, how many are not given back."""

    role: Role
    aside: str
    good: int
    left: int


def good_queues(
    aside: QueuesSetAside, manifest: Manifest, roles: tuple[Role, ...], foreseen: int
) -> tuple[GoodQueue, ...]:
    """The queues set aside of some roles; what was foreseen is taken off in their order."""
    found = []
    for each in aside.folders:
        if each.role in roles:
            good, left = manifest.still_good(each.path)
            planned = min(left, foreseen)
            foreseen -= planned
            found.append(GoodQueue(each.role, each.path, good, left - planned))
    return tuple(found)


def with_good_owed(plan: Plan, queues: tuple[GoodQueue, ...]) -> Plan:
    """The plan, which also owes the good mail that is not given back, and pays for the other."""
    return replace(
        plan,
        owes=(*plan.owes, *(good(each.aside, each.left) for each in queues if each.left)),
        pays=(*plan.pays, *(good_key(each.aside) for each in queues if not each.left)),
    )


def closed_or_not(closed: AccountsClosed | None) -> Hindrance | None:
    """Giving mail back while the attacker can still submit mixes theirs with ours."""
    if closed is not None:
        return None
    return Hindrance(
        "The compromised account is not closed",
        "Close it: `respond resume --from reset_password`.",
        overridable=True,
    )


def owed(given: ReinjectionState) -> tuple[tuple[Obligation, ...], tuple[str, ...]]:
    """What is owed of the mail given back, and the keys of what is not owed any more."""
    obligations, paid = [], []
    if given.in_queue:
        obligations.append(waiting(given.in_queue, given.waiting))
    else:
        paid.append(WAITING)
    if given.kept:
        obligations.append(kept(given.kept, given.kept_why[0]))
    else:
        paid.append(KEPT)
    return tuple(obligations), tuple(paid)


def open_accounts(
    found: tuple[str, ...], stolen: CompromisedAccounts | None, elsewhere: ClosedElsewhere | None
) -> tuple[str, ...]:
    """Of the accounts found stolen, those that neither this incident closes nor another one did."""
    named = {each.lower() for each in stolen.addresses} if stolen else set()
    return tuple(
        each
        for each in found
        if each.lower() not in named and not (elsewhere and elsewhere.knows(each))
    )
