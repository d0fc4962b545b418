"""Who stands out in an excerpt of the SMTP log and in lines of queue files."""

from collections import Counter
from dataclasses import dataclass

from playbook.detection.suspects import find_suspects
from playbook.mail.icewarp.formats.logs import read_log
from playbook.mail.icewarp.formats.queue_file import parse_message
from playbook.mail.survey import Signs
from playbook.smtplog.accounts import is_among
from playbook.smtplog.sessions import Login, Session


@dataclass(frozen=True)
class Suspicion:
    """An account that stands out, and why, in sentences that a person can check."""

    account: str
    is_strong: bool
    reasons: tuple[str, ...]


def suspicions(
    log: bytes, log_name: str, submitters: tuple[tuple[bytes, int], ...]
) -> tuple[Suspicion, ...]:
    """The accounts with evidence against them, the most suspicious first.

    `submitters` are lines from the top of queue files, each with the number of files that begin
    so; `log` may begin and end in the middle of a line.
    """
    found = find_suspects(read_log([log], log_name), submitter_counts(submitters))
    return tuple(
        Suspicion(each.account, each.is_strong, each.reasons) for each in found if each.reasons
    )


def submitter_counts(submitters: tuple[tuple[bytes, int], ...]) -> Counter[str]:
    """How many queue files name each account as their submitter."""
    counts: Counter[str] = Counter()
    for line, count in submitters:
        envelope = parse_message(line + b"\n\n").envelope
        if envelope and envelope.original_sender:
            counts[envelope.original_sender.lower()] += count
    return counts


def logins(log: bytes, accounts: tuple[str, ...]) -> tuple[str, ...]:
    """A sentence for every session in which one of the accounts logged in."""
    return tuple(
        f"{session.account} logged in from {session.address}"
        for session in read_log([log], "")
        if isinstance(session, Session)
        and session.login is Login.ACCEPTED
        and is_among(session.account, accounts)
    )


def logins_from_here(log: bytes, accounts: tuple[str, ...]) -> tuple[str, ...]:
    """A sentence for every login of one of the accounts from the server itself (webmail)."""
    return tuple(each for each in logins(log, accounts) if each.endswith((" 127.0.0.1", " ::1")))


def suspicions_in(signs: Signs) -> tuple[Suspicion, ...]:
    """Who stands out in the signs of a survey."""
    lines = tuple((text.encode("utf-8", "surrogateescape"), n) for text, n in signs.submitters)
    return suspicions(signs.log, signs.log_name, lines)
