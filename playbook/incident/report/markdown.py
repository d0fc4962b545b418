"""The report for people, as Markdown; what came from outside is escaped."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Final

from playbook.incident.manifest.questions import Tallies
from playbook.incident.manifest.values import Misuse
from playbook.incident.report.facts import Facts, Persistence, QueueFacts
from playbook.incident.report.mail_state import DOWN, UP
from playbook.text import counted, one_line

_MOST: Final = 10_000
_SHOWN_ADDRESSES: Final = 20
_UTC: Final = "%Y-%m-%d %H:%M:%S UTC"


def as_markdown(facts: Facts) -> str:
    """The whole report."""
    parts = [
        f"# Incident {facts.incident} on {escaped(facts.host)}",
        _opened(facts),
        "## In short",
        *_in_short(facts),
        "## What is still to do, and by whom",
        *(_line(each.who, each.what, each.command) for each in facts.to_do),
        "## How fast",
        *_speed(facts),
        "## The queue that was set aside",
        *_queue(facts),
        "## What happened",
        *(
            f"- {each.at:%Y-%m-%d %H:%M:%S} {escaped(each.step)}: {escaped(each.what)}"
            for each in facts.timeline
        ),
        "## Evidence (SHA-256)",
        *([f"- {_code(name)} {_code(h)}" for name, h in facts.evidence.items()] or ["None."]),
    ]
    return "\n".join(parts) + "\n"


def _opened(facts: Facts) -> str:
    accounts = escaped(", ".join(facts.opened.accounts)) or "none was named"
    return (
        f"Accounts: {accounts}. Opened {facts.opened_at:{_UTC}} by {escaped(facts.opened.who)}."
        " Times of the run are UTC, by the clock of the machine that acted; times of mail are by"
        " the server's clock, in the server's own zone."
    )


def _in_short(facts: Facts) -> Iterator[str]:
    """What people ask first, each with its answer."""
    yield f"- **Since when, from where?** {_since(facts.misuse)}"
    yield f"- **How much spam left?** {_left(facts.misuse)}"
    yield f"- **Does mail work now?** {_mail(facts)}"
    yield f"- **Was mail lost?** {_lost(facts)}"
    yield f"- **What did the attacker leave in the account?** {_persistence(facts.persistence)}"
    yield "- **Was mail read?** Not known: logins to read mail are not looked at."
    yield f"- **Is anything owed?** {_owed(facts)}"


def _since(misuse: Misuse | None) -> str:
    if misuse is None:
        return "Not known: the queue was not sorted."
    if misuse.began_at_s is None:
        began = "The beginning is not known: neither log nor queue tells it"
    else:
        began = f"The first proven spam is of {_server_time(misuse.began_at_s)}"
        if misuse.last_at_s:
            began += f", the last in the queue of {_server_time(misuse.last_at_s)}"
    if not misuse.addresses:
        return f"{began}. No address of the attacker is proven."
    count = counted(misuse.address_count, "address", "addresses")
    more = _and_more(misuse.address_count - _SHOWN_ADDRESSES)
    return f"{began}. From {count}: {_listed(misuse.addresses[:_SHOWN_ADDRESSES])}{more}."


def _left(misuse: Misuse | None) -> str:
    if misuse is None or misuse.messages is None or misuse.recipients is None:
        return "Not known: no SMTP log was read."
    handed_in = counted(misuse.messages, "message")
    to = counted(misuse.recipients, "recipient")
    accepted = counted(misuse.accepted or 0, "delivery", "deliveries")
    return (
        f"By the SMTP log that was read, {handed_in} to {to} were handed in from those addresses,"
        f" and remote servers accepted {accepted} of them. What that log does not hold, or does"
        " not tell apart, is not counted."
    )


def _mail(facts: Facts) -> str:
    seen = facts.mail
    words = {UP: "Yes, SMTP was up", DOWN: "No, SMTP was down"}.get(seen.state, "Not known")
    when = f" when it was last seen, {seen.seen_at:{_UTC}}" if seen.seen_at else ""
    return f"{words}{when}: {escaped(seen.because)}."


def _lost(facts: Facts) -> str:
    queue = facts.queue
    if queue is None:
        if not facts.is_aside:
            return "No queue was set aside, and no file of one was removed."
        return "Nothing that was set aside was removed, but it is not sorted: see below."
    counts, waits = queue.counts, queue.waiting
    return (
        f"No. Of {counted(counts.whole, 'file')} that were set aside each is accounted for:"
        f" {counts.given:,} given back, {waits.good:,} good ones wait, {waits.kept:,} could not be"
        f" given back, {waits.doubtful:,} are in doubt, {counts.spam:,} are spam,"
        f" {counts.not_a_message:,} are no mail. {queue.removed:,} of them were removed from the"
        " server, with their SHA-256 kept."
    )


def _persistence(found: Persistence) -> str:
    if found.found:
        return "; ".join(map(escaped, found.found))
    if found.looked:
        return f"By the settings that were read: {escaped(found.looked)}."
    return "Not known: nobody looked."


def _owed(facts: Facts) -> str:
    waits = facts.queue.waiting.whole if facts.queue else 0
    parts = []
    if facts.owed:
        parts.append(f"{counted(len(facts.owed), 'thing')} (below)")
    if waits:
        parts.append(f"{counted(waits, 'mail waits', 'mails wait')} (below)")
    elif facts.is_aside and facts.queue is None:
        parts.append("the mail that was set aside waits (below)")
    return f"Yes: {'; '.join(parts)}." if parts else "Nothing is owed."


def _speed(facts: Facts) -> Iterator[str]:
    named = (
        ("SMTP stopped", facts.speed.smtp_down),
        ("account closed", facts.speed.account_closed),
        ("queue set aside", facts.speed.queue_set_aside),
        ("SMTP started again", facts.speed.smtp_up),
    )
    yield "From the opening of the incident, which is not when the misuse began:\n"
    for name, seconds in named:
        yield f"- {name}: {'not done' if seconds is None else f'after {seconds:.1f} s'}"


def _queue(facts: Facts) -> Iterator[str]:
    if facts.queue is not None:
        yield from _sorted_queue(facts.queue)
    elif facts.sorted_before:
        yield f"It was sorted: {escaped(facts.sorted_before)}. That sorting is not kept any more."
    else:
        yield "It was not sorted." if facts.is_aside else "No queue was set aside."


def _sorted_queue(queue: QueueFacts) -> Iterator[str]:
    counts, waits = queue.counts, queue.waiting
    yield f"- spam, kept aside: {counts.spam:,}"
    waiting = f"{waits.good:,} wait, {waits.kept:,} could not be"
    yield f"- good: {counts.good:,} ({counts.given:,} given back, {waiting})"
    clusters = counted(counts.decisions_open, "cluster")
    yield f"- in doubt, neither sent nor bounced: {counts.doubtful:,} in {clusters}"
    yield f"- not a message: {counts.not_a_message:,}"
    yield from (f"- held to be compromised: {escaped(each)}" for each in queue.stolen)
    yield from (f"- {escaped(each)}" for each in queue.caveats)
    for name, table in queue.by.items():
        yield from _table(name, table)


def _table(name: str, found: Tallies) -> Iterator[str]:
    yield f"\nMails by {name}, the most first:\n"
    yield f"| {name} | verdict | mails |"
    yield "|---|---|---|"
    for who, ruling, files in found.rows:
        yield f"| {escaped(who) or 'not told'} | {escaped(ruling)} | {files:,} |"
    if found.left_out:
        yield f"| {_and_more(found.left_out).strip()} | | |"
    yield ""


def _and_more(left_out: int) -> str:
    return f" and {left_out:,} more" if left_out > 0 else ""


def _line(who: str, what: str, command: str) -> str:
    return f"- {who}: {escaped(what)}{f' Command: {_code(command)}' if command else ''}"


def _listed(texts: Iterable[str]) -> str:
    return ", ".join(map(escaped, texts))


def _server_time(at_s: int) -> str:
    return f"{datetime.fromtimestamp(at_s, UTC):%Y-%m-%d %H:%M} (server's clock)"


def _code(text: str) -> str:
    """Text to be copied as it is: nothing in it is markup, and nothing in it ends it."""
    plain = one_line(text, _MOST).replace("`", "'")
    return f"`{plain}`"


def escaped(text: str) -> str:
    """Text that may hold what an attacker wrote, as plain words in Markdown and HTML.

    No markup works in it, and no address in it becomes a link.
    """
    plain = one_line(text, _MOST)
    for character, written in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        plain = plain.replace(character, written)
    plain = "".join(f"\\{each}" if each in "\\`*_[]#|~" else each for each in plain)
    return plain.replace("://", "&#58;//").replace("www.", "www&#46;")
