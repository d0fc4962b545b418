"""Whether a journal and its evidence are what was written, and what nobody can know of that.

A chain shows what was altered in its middle. That its end is missing, or that all of it was
written anew, shows only beside something that lies elsewhere: the mail server's copy, or an
anchor that was printed when a run ended.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from playbook.errors import BadInput, JournalBroken
from playbook.incident import evidence
from playbook.incident.copies import compare, who_wrote
from playbook.incident.incident import Incident
from playbook.incident.journal import Record, verify
from playbook.incident.records import EvidenceKept

_ANCHOR: Final = re.compile(r"([0-9]{1,9})-([0-9a-f]{16})")


@dataclass(frozen=True)
class Anchor:
    """How many records a journal had, and the beginning of the hash of the last of them."""

    number: int
    hash: str

    def __str__(self) -> str:
        return f"{self.number}-{self.hash}"


def anchor_of(records: tuple[Record, ...]) -> Anchor:
    """What is to be noted elsewhere of a journal as it stands."""
    return Anchor(len(records), records[-1].hash[:16])


def anchor_from(text: str) -> Anchor:
    """An anchor as it was printed; raises `BadInput`."""
    found = _ANCHOR.fullmatch(text.strip())
    if not found:
        raise BadInput(
            f"{text[:40]!r} is no anchor", "", "A run prints one when it ends: 57-0a1b..."
        )
    return Anchor(int(found[1]), found[2])


@dataclass(frozen=True)
class Verification:
    """What was seen to be whole, what is wrong, and what was not looked at or cannot be known."""

    whole: tuple[str, ...]
    wrong: tuple[str, ...]
    unknown: tuple[str, ...]


def verified(
    case: Incident, theirs: tuple[Record, ...] | None, anchors: Iterable[Anchor] = ()
) -> Verification:
    """Look at chain and evidence, and beside the mail server's copy (None: not asked) and anchors.

    Raises `JournalBroken` where the chain itself is broken.
    """
    records = case.journal.records
    whole = [f"{verify(records)} records, their chain is whole"]
    wrong: list[str] = []
    unknown: list[str] = []
    _look_at_evidence(case, whole, wrong)
    if theirs:
        _beside_the_copy(records, theirs, whole, wrong)
    else:
        seen = "was not asked for (--host)" if theirs is None else "is not there"
        unknown.append(f"The mail server's copy {seen}")
    anchors = tuple(anchors)
    for each in anchors:
        _at_anchor(records, each, whole, wrong)
    if not theirs and not anchors:
        unknown.append(
            "Whether records are missing at the end, or the chain was written anew, shows only "
            "beside the server's copy or an anchor that a run printed (--anchor)"
        )
    return Verification(tuple(whole), tuple(wrong), tuple(unknown))


def _look_at_evidence(case: Incident, whole: list[str], wrong: list[str]) -> None:
    kept = case.all(EvidenceKept)
    if not kept or not case.folder:
        whole.append("no evidence was kept")
        return
    altered = evidence.altered(case.folder / "evidence", kept[-1].manifest_sha256)
    wrong += [f"evidence was altered or is gone: {each}" for each in altered]
    if not altered:
        whole.append("the evidence is what was kept")


def _beside_the_copy(
    ours: tuple[Record, ...], theirs: tuple[Record, ...], whole: list[str], wrong: list[str]
) -> None:
    found = compare(ours, theirs)
    if not found.theirs:
        whole.append(f"the mail server's copy is the same up to record {len(found.common)}")
    elif found.ours:
        wrong.append(
            f"the mail server's copy is another one from record {len(found.common) + 1} on: "
            "two went on, or ours was written anew"
        )
    else:
        who = ", ".join(who_wrote(found.theirs))
        by = f"{who} went on elsewhere" if who else "the end of ours is missing"
        wrong.append(f"the mail server's copy has {len(found.theirs)} records more: {by}")


def _at_anchor(
    records: tuple[Record, ...], anchor: Anchor, whole: list[str], wrong: list[str]
) -> None:
    if not 0 < anchor.number <= len(records):
        wrong.append(f"there were {anchor.number} records once, and there are {len(records)}")
    elif not records[anchor.number - 1].hash.startswith(anchor.hash):
        wrong.append(f"record {anchor.number} is not the one that {anchor} was printed of")
    else:
        whole.append(f"up to record {anchor.number} it is what {anchor} was printed of")


def in_words(case: Incident, found: Verification) -> tuple[str, ...]:
    """What was found, a sentence a line; raises `JournalBroken` where something is wrong."""
    if found.wrong:
        raise JournalBroken(f"{case.name} is not what was written", "; ".join(found.wrong))
    return (
        f"{case.name}: {'; '.join(found.whole)}.",
        *(f"Not known. {each}." for each in found.unknown),
        f"To be noted elsewhere: --anchor {anchor_of(case.journal.records)}",
    )
