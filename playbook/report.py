"""The paper: what was found, what was done and when, what is owed, and what remains to do."""

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from playbook.change import action_from_json
from playbook.evidence import MANIFEST
from playbook.incident import Incident
from playbook.journal import Record

REPORT: Final = "report.md"

# What no step of this runbook does; a person does it, and the report says so.
_BLACKLISTS: Final = "Check whether the server's address is on blacklists."
_BY_HAND: Final = (
    "Tell the owner of the account; give them a new password by another way than mail.",
    "Look for what the thief left to stay: forwarders, rules, aliases (in the evidence).",
    "Sort the queue that was set aside: good mail lies among the spam, and waits.",
    _BLACKLISTS,
    "Check the settings that let it happen: password policy, sending limits, relaying.",
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


def _words(record: Record) -> str:
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


def as_json(incident: Incident) -> dict[str, Any]:
    """The report as a value for programs."""
    manifest = incident.folder / "evidence" / MANIFEST if incident.folder else None
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
        "owed": [{"key": each.key, "text": each.text} for each in incident.debts()],
        "evidence": json.loads(manifest.read_text()) if manifest and manifest.exists() else {},
        "by_hand": _by_hand(incident),
    }


def _by_hand(incident: Incident) -> list[str]:
    """What remains for a person; blacklists do where no list answered for a public address."""
    closed = incident.closed("check_blacklists")
    finding = closed.finding if closed else None
    answered = isinstance(finding, dict) and bool(finding.get("answered"))
    return [each for each in _BY_HAND if not (answered and each == _BLACKLISTS)]


def as_markdown(incident: Incident) -> str:
    """The report for people; what came from the server is escaped."""
    whole = as_json(incident)
    accounts = ", ".join(map(str, _list(whole["opened"].get("accounts"))))
    parts = [
        f"# Incident {whole['incident']} on {_escaped(whole['host'])}",
        f"Account: {_escaped(accounts)}. Times are UTC.",
        "## How fast",
        *[
            f"- {name.replace('_', ' ')}: {'not reached' if s is None else f'{s:.1f} s'}"
            for name, s in whole["seconds_to"].items()
        ],
        "## What happened",
        *[
            f"- {each.at:%Y-%m-%d %H:%M:%S} {_escaped(each.step)}: {_escaped(each.what)}"
            for each in timeline(incident)
        ],
        "## What is owed",
        *([f"- {_escaped(each['text'])}" for each in whole["owed"]] or ["Nothing."]),
        "## What remains to be done by hand",
        *[f"- {each}" for each in whole["by_hand"]],
        "## Evidence (SHA-256)",
        *([f"- `{n}` {h}" for n, h in whole["evidence"].items()] or ["None was kept."]),
    ]
    return "\n".join(parts) + "\n"


def _escaped(text: str) -> str:
    """Text that may hold what an attacker wrote, as plain words in Markdown and HTML."""
    plain = "".join(sign if sign.isprintable() else "?" for sign in text)
    for sign, written in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        plain = plain.replace(sign, written)
    return "".join(f"\\{sign}" if sign in "\\`*_[]#|" else sign for sign in plain)


def write(incident: Incident) -> Path | None:
    """Write `report.md` and `report.json` into the incident's folder, and say where."""
    if not incident.folder:
        return None
    path = incident.folder / REPORT
    path.write_text(as_markdown(incident), encoding="utf-8")
    text = json.dumps(as_json(incident), indent=1)
    path.with_suffix(".json").write_text(text + "\n", encoding="ascii")
    return path
