"""The SMTP log of the days before and of the attack."""

import base64
from collections.abc import Iterable, Iterator
from itertools import groupby, islice

from playbook.drill.faults import Fault
from playbook.drill.layout import Layout
from playbook.drill.mails import ATTACK_S, from_office, good, seeded
from playbook.drill.queuefile import Submission
from playbook.drill.scenario import (
    HOST,
    ORDINARY_ACCOUNTS,
    VICTIM,
    Scenario,
    first_password,
)
from playbook.drill.smtplog import append, banner, log_file, log_line

DAYS = 7
SESSIONS_A_DAY = 60
MESSAGES_A_SESSION = 20


def write_ordinary_days(layout: Layout, scenario: Scenario, now: float) -> None:
    """Write what was logged in the days before the attack."""
    random = seeded("history", scenario.seed)
    first = now - ATTACK_S - DAYS * 86_400
    for number in range(DAYS * SESSIONS_A_DAY):
        at = first + number * 86_400 / SESSIONS_A_DAY
        account = random.choice((VICTIM, *ORDINARY_ACCOUNTS))
        colleague = random.choice(ORDINARY_ACCOUNTS) if number % 3 == 0 else None
        text = good(random, at, account, colleague)
        write_sessions(layout, scenario, [from_office(account, text).submitted(at)])


def write_sessions(layout: Layout, scenario: Scenario, mails: Iterable[Submission]) -> None:
    """Write how messages were submitted, oldest first; a client hands over several in a session."""
    by_file = groupby(_sessions(mails), lambda together: log_file(layout, together[0].at))
    for file, sessions in by_file:
        lines = "".join(session_lines(scenario, together) for together in sessions)
        append(file, lines, odd=scenario.has(Fault.ODD_LOG))


def _sessions(mails: Iterable[Submission]) -> Iterator[list[Submission]]:
    for _, in_a_row in groupby(mails, lambda mail: (mail.address, mail.account)):
        while together := list(islice(in_a_row, MESSAGES_A_SESSION)):
            yield together


def session_lines(scenario: Scenario, mails: list[Submission]) -> str:
    """The log of one session that logs in and hands over one message or several."""
    first = mails[0]
    thread = int(first.stem) // 7
    said = [
        (first.at, text)
        for text in (
            "Connected",
            f">>> {banner(HOST, scenario.version, first.at)}",
            f"<<< EHLO {first.helo}",
            f">>> 250-{HOST} Hello {first.helo} [{first.address}], pleased to meet you.",
            "<<< AUTH LOGIN",
            ">>> 334 VXNlcm5hbWU6",
            f"<<< {_base64(first.account)}",
            ">>> 334 UGFzc3dvcmQ6",
            f"<<< {_base64(first_password(first.account, scenario.seed))}",
            ">>> 235 2.0.0 Authentication successful",
        )
    ]
    said += [(mail.at, text) for mail in mails for text in _transaction(scenario, mail)]
    said += [(mails[-1].at, text) for text in ("<<< QUIT", "Disconnected")]
    return "".join(log_line(first.address, thread, at, text) for at, text in said)


def _transaction(scenario: Scenario, mail: Submission) -> Iterator[str]:
    yield f"<<< MAIL FROM:<{mail.sender}>"
    yield f">>> 250 2.1.0 <{mail.sender}>... Sender ok"
    for recipient in mail.recipients:
        yield f"<<< RCPT TO:<{recipient}>"
        forward = "" if scenario.is_local(recipient) else "; will forward"
        yield f">>> 250 2.1.5 <{recipient}>... Recipient ok{forward}"
    size = len(mail.content)
    yield "<<< DATA"
    yield '>>> 354 Enter mail, end with "." on a line by itself'
    yield f"<<< {size} bytes (overall data transfer speed={size} b/s)"
    yield "Start of mail processing"
    yield mail.log_summary()
    yield f">>> {mail.acceptance()}"


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode("ascii")
