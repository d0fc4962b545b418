"""What the ledger of the mail given back says, with what is seen of staging, queues and log.

Pure: bytes in, counts out. A file that is ready in the ledger and absent from staging was
published; everything else follows from that.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from playbook.mail.icewarp.formats.logs import read_log
from playbook.mail.reinjection import Answered, ReinjectionState
from playbook.mail.scripts.answers import shown
from playbook.mail.survey import Role
from playbook.smtplog.deliveries import Delivery, DeliveryOutcome
from playbook.smtplog.refusals import names_our_address, telling_refusal

_SHOWN: Final = 20


@dataclass(frozen=True)
class Entry:
    """A file that was made ready: its number in staging, its stem in the live queue, its original.

    `original` is the whole path in the folder that was set aside, bytes as on disk.
    """

    role: Role
    number: int
    stem: str
    original: bytes


@dataclass(frozen=True)
class Ledger:
    """The files that were made ready, by number, and those that were kept, with the reason.

    Those `before` were given back before, with the incident by which they were.
    """

    ready: Mapping[int, Entry]
    kept: Mapping[bytes, tuple[Role, str]]
    before: Mapping[bytes, tuple[Role, str]]

    def published(self, staging: Collection[int], roles: Collection[Role]) -> tuple[Entry, ...]:
        """What was published of these roles, given the numbers that are still in staging."""
        return tuple(
            each
            for each in self.ready.values()
            if each.number not in staging and each.role in roles
        )


def read_ledger(text: bytes) -> Ledger:
    """The ledger; a line that was cut in the writing does not count."""
    ready: dict[int, Entry] = {}
    kept: dict[bytes, tuple[Role, str]] = {}
    before: dict[bytes, tuple[Role, str]] = {}
    for line in text.split(b"\n"):
        match line.decode("ascii", "replace").split(" "):
            case ["ready", role, number, stem, original, _, "."]:
                entry = Entry(Role(role), int(number), stem, bytes.fromhex(original))
                ready[entry.number] = entry
                kept.pop(entry.original, None)
            case ["kept", role, reason, original, "."]:
                kept[bytes.fromhex(original)] = (Role(role), reason)
            case ["already", role, incident, original, "."]:
                before[bytes.fromhex(original)] = (Role(role), incident)
                kept.pop(bytes.fromhex(original), None)
            case _:
                pass
    return Ledger(ready, kept, before)


def read_deliveries(log: bytes) -> dict[str, tuple[Delivery, ...]]:
    """The attempts to deliver, by stem, as they ended in the lines of an SMTP log."""
    found: dict[str, tuple[Delivery, ...]] = {}
    for each in read_log([log], ""):
        if isinstance(each, Delivery):
            stem = each.stem or each.message_id
            found[stem] = (*found.get(stem, ()), each)
    return found


def reinjected(
    ledger: Ledger,
    published: Iterable[Entry],
    here: Collection[str],
    deliveries: Mapping[str, tuple[Delivery, ...]],
    roles: Collection[Role],
    before: Collection[str] = (),
) -> ReinjectionState:
    """Count what became of the files published; `here` are the stems that lie in a live queue.

    `before` are the stems that were refused for our address before this run.
    """
    counts = dict.fromkeys(("accepted", "refused", "deferred", "leaving", "untried"), 0)
    waiting: list[str] = []
    refusals: list[Answered] = []
    whole = known = 0
    for each in published:
        whole += 1
        attempts = deliveries.get(each.stem, ())
        refusal = _refusal(attempts)
        if refusal and refusal.of_us and each.stem in before:
            known += 1
        elif refusal:
            refusals.append(refusal)
        if each.stem in here:
            waiting.append(f"{each.stem}.tmp")
            counts[_waits_as(attempts)] += 1
        else:
            was_taken = bool(attempts) and attempts[-1].outcome is DeliveryOutcome.ACCEPTED
            counts["refused" if refusal and not was_taken else "accepted"] += 1
    kept = [
        f"{original.decode('utf-8', 'surrogateescape')}: {reason}"
        for original, (role, reason) in ledger.kept.items()
        if role in roles
    ]
    before_by = [incident for role, incident in ledger.before.values() if role in roles]
    return ReinjectionState(
        published=whole,
        **counts,
        waiting=tuple(waiting[:_SHOWN]),
        refusals=tuple(sorted(refusals, key=lambda each: not each.of_us)[:_SHOWN]),
        kept=len(kept),
        kept_why=tuple(shown(each) for each in kept[:_SHOWN]),
        refused_before=known,
        given_before=len(before_by),
        given_before_by=tuple(sorted({shown(each, 64) for each in before_by})[:_SHOWN]),
    )


def _waits_as(attempts: tuple[Delivery, ...]) -> str:
    """How a file waits: its log is read a moment after the queue, so it may be gone already."""
    if not attempts:
        return "untried"
    last = attempts[-1]
    ended = last.outcome is DeliveryOutcome.ACCEPTED or last.refusal.startswith("5")
    return "leaving" if ended else "deferred"


def refused_for_our_address(
    published: Iterable[Entry], deliveries: Mapping[str, tuple[Delivery, ...]]
) -> frozenset[str]:
    """The stems that remote servers refuse because of the address they come from."""
    found = (_refusal(deliveries.get(each.stem, ())) for each in published)
    return frozenset(each.stem for each in found if each and each.of_us)


def _refusal(attempts: tuple[Delivery, ...]) -> Answered | None:
    """Of all refusals of a file, the one that tells most.

    A refusal that is not of our address is forgotten once a remote server took the file; one of
    our address only once the server that gave it did.
    """
    open_ones: list[Delivery] = []
    for each in attempts:
        if each.outcome is DeliveryOutcome.ACCEPTED:
            open_ones = [
                one
                for one in open_ones
                if one.address != each.address and names_our_address(one.refusal)
            ]
        elif each.refusal:
            open_ones.append(each)
    told = telling_refusal(each.refusal for each in open_ones)
    for each in reversed(open_ones):
        if each.refusal == told:
            stem = each.stem or each.message_id
            return Answered(stem, each.address, shown(told), names_our_address(told))
    return None
