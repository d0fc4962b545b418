"""The report for people, as Markdown."""

from typing import Any

from playbook.incident.incident import Incident
from playbook.incident.manifest.store import Manifest
from playbook.incident.report.facts import as_json, seconds_to, timeline
from playbook.mail.actions import PasswordReset, SmtpStopped, SubmissionSet
from playbook.text import one_line


def _in_short(incident: Incident) -> str:
    """The first paragraph, for whoever reads nothing else."""
    down = seconds_to(incident, SmtpStopped)
    closed = seconds_to(incident, PasswordReset, SubmissionSet)
    stopped = f"Nothing left the server from {down:.0f} s after the alarm" if down else ""
    shut = f"the stolen account was closed after {closed:.0f} s" if closed else ""
    obligations = len(incident.obligations())
    owed = f"{obligations} things are still owed (below)" if obligations else "nothing is owed"
    said = "; ".join(filter(None, (stopped, shut, owed)))
    return f"{said[:1].upper()}{said[1:]}."


def _queue_words(queue: dict[str, Any]) -> list[str]:
    if not queue:
        return ["It was not sorted."]
    given, clusters = queue["reinjected"], queue["decisions_open"]
    waiting = queue["good"] - given
    lines = [
        f"- spam, kept aside: {queue['spam']:,}",
        f"- good: {queue['good']:,} ({given:,} given back, {waiting:,} wait)",
        f"- in doubt, neither sent nor bounced: {queue['doubtful']:,} in {clusters:,} clusters",
        f"- not a message: {queue['not_a_message']:,}",
        *[f"- {_escaped(each)}" for each in queue["caveats"]],
    ]
    for column, rows in queue["by"].items():
        lines += [
            f"\nBy {column.replace('_', ' ')}:\n",
            "| who | verdict | files |",
            "|---|---|---|",
        ]
        lines += [f"| {_escaped(who) or '(none)'} | {ruling} | {n:,} |" for who, ruling, n in rows]
    return lines


def as_markdown(incident: Incident, manifest: Manifest | None = None) -> str:
    """The report for people; what came from the server is escaped."""
    whole = as_json(incident, manifest)
    accounts = ", ".join(incident.opening.accounts)
    parts = [
        f"# Incident {whole['incident']} on {_escaped(whole['host'])}",
        f"Account: {_escaped(accounts)}. Times are UTC.",
        "## In short",
        _in_short(incident),
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
        "## The queue that was set aside",
        *_queue_words(whole["queue"]),
        "## What is owed",
        *([f"- {_escaped(each['text'])}" for each in whole["owed"]] or ["Nothing."]),
        "## What remains to be done by hand",
        *[f"- {each}" for each in whole["by_hand"]],
        "## Evidence (SHA-256)",
        *([f"- `{n}` {h}" for n, h in whole["evidence"].items()] or ["None was kept."]),
    ]
    return "\n".join(parts) + "\n"


_MOST = 10_000


def _escaped(text: str) -> str:
    """Text that may hold what an attacker wrote, as plain words in Markdown and HTML."""
    plain = one_line(text, _MOST)
    for sign, written in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        plain = plain.replace(sign, written)
    return "".join(f"\\{sign}" if sign in "\\`*_[]#|" else sign for sign in plain)
