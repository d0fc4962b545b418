"""The paper: what was found, what was done and when, what is owed, and what remains to do."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, assert_never

import msgspec

from playbook.incident.evidence import MANIFEST
from playbook.incident.incident import Incident
from playbook.incident.manifest.questions import tallies
from playbook.incident.manifest.store import Manifest
from playbook.incident.manifest.values import Trait
from playbook.incident.records import (
    BrokenOff,
    Closed,
    Decided,
    Declined,
    Did,
    Discharged,
    EvidenceKept,
    Failed,
    Intended,
    Joined,
    Leased,
    Opened,
    Overridden,
    Owed,
    Reopened,
    RunEnded,
    Said,
    Saw,
    Settled,
    Split,
    TailCut,
    Taken,
    Undecided,
    Undid,
    UndoEnded,
    Undoing,
    Unreleased,
    Untold,
)
from playbook.mail.actions import (
    FolderSetAside,
    PasswordReset,
    SmtpStarted,
    SmtpStopped,
    SubmissionSet,
)
from playbook.plan import Action

# What a person does, each with the step that does it where a run came so far.
_BY_HAND: Final = (
    ("Tell the owner of the account; give them a new password by another way than mail.", ""),
    ("Look for what the thief left to stay: forwarders, rules, aliases (in the evidence).", ""),
    (
        "Sort the queue that was set aside: good mail lies among the spam, and waits.",
        "triage_queue",
    ),
    ("Check whether the server's address is on blacklists.", "check_blacklists"),
    (
        "Give the good mail of the queue back: it waits where it was set aside.",
        "reinject_good_mail",
    ),
    ("Check the settings that let it happen: password policy, sending limits, relaying.", ""),
)


@dataclass(frozen=True)
class Moment:
    """One line of the timeline."""

    at: datetime
    step: str
    what: str


def timeline(incident: Incident) -> tuple[Moment, ...]:
    """What happened when, from the journal."""
    return tuple(
        Moment(record.at, record.step, what)
        for record in incident.journal.records
        if (what := _words(record.said))
    )


def _words(said: Said) -> str:  # noqa: C901, PLR0912 - one case a kind of record
    """What a record says to a person; "" for what the line of another record says already."""
    match said:
        case Opened():
            return f"Opened by {said.who} for {', '.join(said.accounts) or 'no account'}"
        case Leased():
            words = f"{said.who} holds the lease on the server, to {said.command}"
            return f"{words}: {said.because}" if said.because else words
        case Unreleased():
            return f"The lease was not given up: {said.because}"
        case Untold():
            return f"From here on nobody was shown the run: {said.because}"
        case Overridden():
            return f"Gone on although {said.what}; reason given: {said.reason}"
        case Did():
            return f"{said.do}: {said.said}"
        case Failed():
            return f"{said.do}: {said}"
        case Declined():
            return f"A person said no to: {said.do}"
        case Closed():
            return f"{said.outcome}: {said.because}{_cause(said.cause)}"
        case Reopened():
            return f"Opened again: {', '.join(said.steps)}"
        case Undid():
            return f"Undone: {said.said}"
        case Owed():
            return f"Owed from here on: {'; '.join(each.text for each in said.owes)}"
        case Settled():
            return f"Not owed any more: {', '.join(said.pays)}"
        case Discharged():
            return f"A person settled {', '.join(said.pays)}: {said.because}"
        case Decided():
            return f"{said.who} decided {said.verdict.value}: {said.title}"
        case Undecided():
            return f"{said.who} took the decision back: {said.title}"
        case Split():
            return f"{said.who} split it by {said.by}: {said.title}"
        case Joined():
            return f"{said.who} put it together again: {said.title}"
        case RunEnded():
            return said.stopped or "The run came to its end"
        case BrokenOff():
            return f"Broken off: {said.what}"
        case UndoEnded():
            return said.stopped or "The undo came to its end"
        case TailCut():
            return f"The journal's last line had been cut; {said.size_bytes} bytes were taken off"
        case Taken():
            who = ", ".join(said.who) or "somebody"
            parted = f"; {said.parted} of our own were set apart ({said.reason})"
            more = parted if said.parted else ""
            return f"{who} had gone on: {said.records} records were taken from the server{more}"
        case EvidenceKept():
            return f"Evidence was kept, with the manifest {said.manifest_sha256}"
        case Saw() | Intended() | Undoing():
            return ""
        case _:
            assert_never(said)


def _cause(cause: str) -> str:
    return f", because {cause}" if cause else ""


def seconds_to(incident: Incident, *actions: type[Action]) -> float | None:
    """Seconds from the opening to the first time that one of these actions was done, or None."""
    records = incident.journal.records
    found = [
        record.at
        for record in records
        if isinstance(record.said, Did) and isinstance(record.said.do, actions)
    ]
    return (found[0] - records[0].at).total_seconds() if found else None


def _by_hand(incident: Incident) -> list[str]:
    """What remains for a person; blacklists do where no list answered for a public address."""
    done = {step for _, step in _BY_HAND if (end := incident.closed(step)) and end.outcome.good}
    closed = incident.closed("check_blacklists")
    finding = closed.finding if closed else None
    if not (isinstance(finding, dict) and finding.get("answered")):
        done.discard("check_blacklists")
    return [text for text, step in _BY_HAND if step not in done]


def _queue(manifest: Manifest | None) -> dict[str, Any]:
    """What the queue held, for programs: counts, and files by account, sender and domain."""
    if manifest is None or not manifest.is_sorted:
        return {}
    counts = manifest.counts()
    return {
        "spam": counts.spam,
        "good": counts.good,
        "doubtful": counts.doubtful,
        "not_a_message": counts.not_a_message,
        "decisions_open": counts.decisions_open,
        "reinjected": counts.given,
        "stolen": list(manifest.notes("stolen")),
        "caveats": list(manifest.notes("caveat")),
        "by": {
            trait.name.lower(): [list(row) for row in tallies(manifest, trait).rows]
            for trait in (Trait.ACCOUNT, Trait.SENDER, Trait.RECIPIENT_DOMAIN)
        },
    }


def as_json(incident: Incident, manifest: Manifest | None = None) -> dict[str, Any]:
    """The report as a value for programs."""
    kept = incident.folder / "evidence" / MANIFEST if incident.folder else None
    return {
        "incident": incident.name,
        "host": incident.host,
        "opened": msgspec.to_builtins(incident.opening),
        "seconds_to": {
            "smtp_down": seconds_to(incident, SmtpStopped),
            "account_closed": seconds_to(incident, PasswordReset, SubmissionSet),
            "queue_set_aside": seconds_to(incident, FolderSetAside),
            "smtp_up": seconds_to(incident, SmtpStarted),
        },
        "timeline": [
            {"at": each.at.isoformat(), "step": each.step, "what": each.what}
            for each in timeline(incident)
        ],
        "owed": [{"key": each.key, "text": each.text} for each in incident.obligations()],
        "evidence": json.loads(kept.read_text()) if kept and kept.exists() else {},
        "queue": _queue(manifest),
        "by_hand": _by_hand(incident),
    }
