"""What the first mails that are given back show, and what keeps the others from going."""

from playbook.engine.findings import ListedAddresses
from playbook.engine.inputs import Pace
from playbook.mail.reinjection import ReinjectionState
from playbook.plan import Hindrance


def passed(given: ReinjectionState, pace: Pace) -> bool:
    """Half of the first ones are enough: a dead domain among them says nothing of us."""
    first = min(pace.canary_size, given.tried)
    return given.answered * 2 >= first


def listed_or_not(found: ListedAddresses | None) -> Hindrance | None:
    """Mail from a listed address bounces, and each one makes the address worse."""
    if found is None or not found.listed:
        return None
    return Hindrance(
        f"The server is on blacklists: {'; '.join(found.listed[:5])}",
        "Have it taken off first; to give mail back all the same, give a reason with --override.",
        overridable=True,
    )


def blocked(given: ReinjectionState) -> Hindrance:
    """Remote servers name our address as their reason."""
    texts = [f"{each.address}: {each.text}" for each in given.refusals if each.of_us]
    return Hindrance(
        f"{len(texts)} remote servers refuse our address: {'; '.join(texts[:3])}",
        "Have the address taken off their lists, then `respond resume`; nothing is lost.",
    )


def not_taken(given: ReinjectionState) -> Hindrance:
    """Too few of the first ones were answered."""
    texts = "; ".join(each.text for each in given.refusals[:3]) or "no remote server refused one"
    return Hindrance(
        f"Of the first {given.published} mails {given.answered} were answered ({texts})",
        "Look at the SMTP log and the queue, then `respond resume`; nothing is lost.",
    )
