"""SMTP sessions and deliveries out of the lines of IceWarp's SMTP log."""

import re
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from playbook.mail.icewarp.formats.log_deliveries import (
    MAX_OPEN_SESSIONS,
    SUMMARY,
    OpenDelivery,
    delivery_line,
)
from playbook.mail.icewarp.formats.log_lines import LineKind, LogLine
from playbook.mail.icewarp.formats.log_logins import Attempt, begun_login
from playbook.mail.icewarp.formats.open_session import OpenSession, Turn
from playbook.smtplog.accounts import fold_account
from playbook.smtplog.deliveries import Delivery
from playbook.smtplog.sessions import Login, Session, Submission

MAX_SUBMISSIONS_HELD: Final = 256
MAX_TURNS_HELD: Final = 16
MAX_RECIPIENTS_HELD: Final = 64
MAX_CLIENT_NAME: Final = 64
_PATH: Final = re.compile(rb"(?:MAIL FROM|RCPT TO)\s{0,4}:\s{0,4}<?([^>\s]{0,320})", re.IGNORECASE)
_ACCEPTED: Final = re.compile(
    rb"2\d\d[ -].{0,200}?Message id ([0-9A-Za-z]{4,32}) accepted", re.DOTALL
)
_COMMANDS: Final = re.compile(
    rb"(?:(?:EHLO|HELO) \S|AUTH [A-Z]|(?:MAIL FROM|RCPT TO)\s{0,4}:|(?:DATA|RSET|QUIT|NOOP)\s*$)",
    re.IGNORECASE,
)
_LOCAL: Final = re.compile(rb"Connected,\s{0,4}local IP=([0-9A-Fa-f.:]{2,45})")
_BANNER: Final = re.compile(rb"220[ -](\S{1,64})\s.{0,200}SMTP", re.IGNORECASE)
_ENDS_LOGIN: Final = re.compile(rb"530\b|250\b.{0,80}\b(?:auth|log(?:in|ged))", re.IGNORECASE)


def read_sessions(lines: Iterable[LogLine]) -> Iterator[Session | Delivery]:
    """Sessions in the order in which they end; those still open at the end of the log come last.

    At most 16,384 sessions are open at once; the oldest is given out first.
    """
    sessions: OrderedDict[tuple[str, str], OpenSession] = OrderedDict()
    deliveries: OrderedDict[str, OpenDelivery] = OrderedDict()
    for line in lines:
        if line.is_delivery:
            yield from delivery_line(deliveries, line)
        elif line.address != "SYSTEM":
            yield from _server_line(sessions, line)
    for session in sessions.values():
        yield from session.closed()
    for delivery in deliveries.values():
        yield delivery.closed(None)


def _server_line(
    sessions: OrderedDict[tuple[str, str], OpenSession], line: LogLine
) -> Iterator[Session]:
    key = (line.address, line.thread)
    is_start = line.kind is LineKind.CONNECTED
    session = sessions.get(key)
    if session is not None and is_start:
        yield from sessions.pop(key).closed()
    if session is None or is_start:
        session = sessions[key] = OpenSession(line.address, line.thread, line.at_s, is_start)
    if len(sessions) > MAX_OPEN_SESSIONS:
        yield from sessions.popitem(last=False)[1].closed()
    _add_line(session, line)
    if line.kind is LineKind.DISCONNECTED:
        yield from sessions.pop(key).closed()
    elif _is_part_full(session, line):
        yield from session.closed()
        session.begin_part()


def _is_part_full(session: OpenSession, line: LogLine) -> bool:
    """A part ends where the client speaks again, so that no message falls into two of them."""
    if line.kind is LineKind.RECEIVED:
        return session.held >= MAX_SUBMISSIONS_HELD or len(session.turns) > MAX_TURNS_HELD
    return session.held >= 2 * MAX_SUBMISSIONS_HELD


def _add_line(session: OpenSession, line: LogLine) -> None:
    session.last_at_s = line.at_s
    match line.kind:
        case LineKind.RECEIVED:
            _client_says(session, line.text)
        case LineKind.SENT:
            _server_says(session, line)
        case LineKind.SUMMARY:
            _summarise(session, line)
        case LineKind.CONNECTED if found := _LOCAL.match(line.text):
            session.local_address = found.group(1).decode("ascii").lower()
        case _:
            pass


def _client_says(session: OpenSession, text: bytes) -> None:
    if session.attempt is not None and not _COMMANDS.match(text):
        session.attempt.answer(text)
        return
    verb = text[:4].upper()
    if verb == b"AUTH":
        session.attempt = begun_login(text)
        if session.turns[-1].login is Login.NONE and not session.turns[-1].submissions:
            session.turns[-1].login = Login.TRIED
    elif verb == b"MAIL":
        session.sender = _path_in(text)
        session.sent_in = session.turns[-1]
        session.recipients = 0
        session.waits_for_id = False
    elif verb == b"RCPT":
        if len(session.turn.written_to) < MAX_RECIPIENTS_HELD:
            session.turn.written_to.append(_path_in(text))
    elif verb in {b"EHLO", b"HELO"}:
        session.client_name = fold_account(text[5 : 5 + MAX_CLIENT_NAME].decode("latin-1"))
    elif verb == b"RSET":
        session.sender = session.sent_in = None
    session.was_reset = verb == b"RSET"


def _server_says(session: OpenSession, line: LogLine) -> None:
    code = line.text[:3]
    if session.attempt is not None and code.isdigit():
        _server_answers_login(session, session.attempt, line.text)
    elif code == b"220" and (found := _BANNER.match(line.text)):
        session.server_name = fold_account(found.group(1).decode("latin-1"))
    elif code == b"250" and b"Recipient ok" in line.text:
        session.recipients += 1
    elif code == b"530" or session.was_reset:
        _end_login(session, line.text)
    elif b"Message id" in line.text:
        accepted = _ACCEPTED.match(line.text)
        if accepted is not None:
            _accept(session, line, accepted.group(1).decode("ascii"))


def _server_answers_login(session: OpenSession, attempt: Attempt, text: bytes) -> None:
    """A login that is refused, or not taken at all, changes nothing of the one in force."""
    if text[:3] == b"334":
        attempt.prompt(text[4:])
        return
    session.attempt = None
    in_force = session.turns[-1]
    if text[:3] == b"235":
        turn = in_force
        if in_force.submissions or in_force.login is Login.ACCEPTED:
            turn = Turn()
            session.turns.append(turn)
        turn.account, turn.login = attempt.account, Login.ACCEPTED
    elif text[:1] in b"45" and in_force.login is Login.TRIED:
        in_force.account, in_force.login = attempt.account, Login.REFUSED


def _end_login(session: OpenSession, text: bytes) -> None:
    """The server itself says that nobody is logged in any more."""
    session.was_reset = False
    if session.turns[-1].login is Login.ACCEPTED and _ENDS_LOGIN.match(text):
        session.turns.append(Turn())


def _accept(session: OpenSession, line: LogLine, message_id: str) -> None:
    held = session.turn.submissions
    last = held[-1] if held else None
    if last is not None and last.message_id == message_id:
        session.sent_in = None
        return
    if last is not None and session.waits_for_id and not last.message_id:
        held[-1] = replace(last, message_id=message_id)
    else:
        sender = session.sender or ""
        held.append(Submission(line.at_s, sender, max(session.recipients, 1), message_id, "OK"))
        session.held += 1
    session.waits_for_id = False
    session.sender = session.sent_in = None


def _summarise(session: OpenSession, line: LogLine) -> None:
    found = SUMMARY.match(line.text)
    if found is None:
        return
    sender, recipients, _, status, message_id = found.groups()
    submission = Submission(
        at_s=line.at_s,
        sender=fold_account(sender.decode("latin-1")),
        recipients=max(int(recipients), session.recipients),
        message_id=(message_id or b"").decode("ascii"),
        status=status.decode("ascii").upper(),
    )
    held = session.turn.submissions
    last = held[-1] if held else None
    if last is None or not last.message_id or last.message_id != submission.message_id:
        held.append(submission)
        session.held += 1
    session.waits_for_id = not submission.message_id
    session.recipients = 0


def _path_in(text: bytes) -> str:
    found = _PATH.match(text)
    return fold_account(found.group(1).decode("latin-1")) if found else ""
