"""The paper: what was found, what was done and when, what is owed, and what remains to do."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from playbook.incident.evidence import MANIFEST
from playbook.incident.incident import Incident
from playbook.incident.journal import Record
from playbook.incident.manifest.store import Manifest
from playbook.incident.manifest.values import Trait
from playbook.plan import action_from_json

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
        if (what := _words(record))
    )


def _words(record: Record) -> str:  # noqa: C901 - one case a kind of record
    data = record.data
    match record.kind:
        case "did":
            return f"{_sentence(data)}: {data['said']}"
        case "failed":
            return f"{_sentence(data)}: {data['what']}"
        case "declined":
            return f"A person said no to: {_sentence(data)}"
        case "closes":
            return f"{data['outcome']}: {data['because']}"
        case "overrides":
            return f"Gone on although {data['what']}; reason given: {data['reason']}"
        case "undid":
            return f"Undone: {data['said']}"
        case "discharged":
            return f"A person settled {', '.join(map(str, _list(data['pays'])))}: {data['because']}"
        case "decides":
            return f"{data['who']} decided {data['verdict']}: {data['cluster']}"
        case "undecides":
            return f"{data['who']} took the decision back: {data['cluster']}"
        case "opened":
            return f"Opened by {data['who']} for {', '.join(map(str, _list(data['accounts'])))}"
        case "leased":
            return f"{data['who']} holds the lease on the server. {data['because']}".strip()
        case _:
            return ""


def _sentence(data: Any) -> str:
    return str(action_from_json(data["do"]))


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def seconds_to(incident: Incident, kind: str, action: str) -> float | None:
    """Seconds from the opening to the last time an action of this name was done, or None."""
    records = incident.journal.records
    found = [
        record.at for record in records if record.kind == kind and _named(record.data) == action
    ]
    return (found[0] - records[0].at).total_seconds() if found else None


def _named(data: Any) -> str:
    do = data.get("do")
    return str(do["type"]) if isinstance(do, dict) else ""


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
            trait.name.lower(): [list(row) for row in manifest.tallies(trait)]
            for trait in (Trait.ACCOUNT, Trait.SENDER, Trait.RECIPIENT_DOMAIN)
        },
    }


def as_json(incident: Incident, manifest: Manifest | None = None) -> dict[str, Any]:
    """The report as a value for programs."""
    kept = incident.folder / "evidence" / MANIFEST if incident.folder else None
    return {
        "incident": incident.name,
        "host": incident.host,
        "opened": dict(incident.opening),
        "seconds_to": {
            "smtp_down": seconds_to(incident, "did", "SmtpStopped"),
            "account_closed": seconds_to(incident, "did", "PasswordReset")
            or seconds_to(incident, "did", "SubmissionSet"),
            "queue_set_aside": seconds_to(incident, "did", "FolderSetAside"),
            "smtp_up": seconds_to(incident, "did", "SmtpStarted"),
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
