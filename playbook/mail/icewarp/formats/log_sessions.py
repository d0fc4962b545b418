"""SMTP sessions and deliveries out of the lines of IceWarp's SMTP log."""

import re
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from enum import Enum

from playbook.mail.icewarp.formats.log_deliveries import (
    MAX_OPEN_SESSIONS,
    SUMMARY,
    OpenDelivery,
    delivery_line,
)
from playbook.mail.icewarp.formats.log_lines import LineKind, LogLine
from playbook.smtplog.accounts import Mechanism, account_in_answer, fold_account, mechanism_of
from playbook.smtplog.deliveries import Delivery
from playbook.smtplog.sessions import Login, Session, Submission

MAX_SUBMISSIONS_HELD = 256


MAX_RECIPIENTS_HELD = 64


MAX_CLIENT_NAME = 64


_PATH = re.compile(rb"(?:MAIL FROM|RCPT TO)\s{0,4}:\s{0,4}<?([^>\s]{0,320})", re.IGNORECASE)


_ACCEPTED = re.compile(rb"2\d\d[ -].{0,200}?Message id ([0-9A-Za-z]{4,32}) accepted", re.DOTALL)


class _Answer(Enum):
    NOTHING = 0
    NAME = 1
    SECRET = 2


@dataclass(slots=True)
class _OpenSession:
    address: str
    thread: str
    first_at_s: int | None
    has_start: bool
    last_at_s: int | None = None
    client_name: str = ""
    account: str = ""
    login: Login = Login.NONE
    mechanism: Mechanism = Mechanism.OTHER
    expects: _Answer = _Answer.NOTHING
    sender: str | None = None
    recipients: int = 0
    waits_for_id: bool = False
    submissions: list[Submission] = field(default_factory=list)
    written_to: list[str] = field(default_factory=list)

    def closed(self) -> Session:
        return Session(
            address=self.address,
            thread=self.thread,
            first_at_s=self.first_at_s,
            last_at_s=self.last_at_s,
            account=self.account,
            login=self.login,
            has_start=self.has_start,
            submissions=tuple(self.submissions),
            client_name=self.client_name,
            written_to=tuple(self.written_to),
        )


def read_sessions(lines: Iterable[LogLine]) -> Iterator[Session | Delivery]:
    """Sessions in the order in which they end; those still open at the end of the log come last.

    At most 16,384 sessions are open at once; the oldest is given out first.
    """
    sessions: OrderedDict[tuple[str, str], _OpenSession] = OrderedDict()
    deliveries: OrderedDict[str, OpenDelivery] = OrderedDict()
    for line in lines:
        if line.is_delivery:
            yield from delivery_line(deliveries, line)
        elif line.address != "SYSTEM":
            yield from _server_line(sessions, line)
    for session in sessions.values():
        yield session.closed()
    for delivery in deliveries.values():
        yield delivery.closed(None)


def _server_line(
    sessions: OrderedDict[tuple[str, str], _OpenSession], line: LogLine
) -> Iterator[Session]:
    key = (line.address, line.thread)
    is_start = line.kind is LineKind.CONNECTED
    session = sessions.get(key)
    if session is not None and is_start:
        yield sessions.pop(key).closed()
    if session is None or is_start:
        session = sessions[key] = _OpenSession(line.address, line.thread, line.at_s, is_start)
    if len(sessions) > MAX_OPEN_SESSIONS:
        yield sessions.popitem(last=False)[1].closed()
    _add_line(session, line)
    if line.kind is LineKind.DISCONNECTED:
        yield sessions.pop(key).closed()
    elif _is_part_full(session, line):
        yield session.closed()
        session.submissions.clear()
        session.written_to.clear()


def _is_part_full(session: _OpenSession, line: LogLine) -> bool:
    """A part ends where the client speaks again, so that no message falls into two of them."""
    held = len(session.submissions)
    if line.kind is LineKind.RECEIVED:
        return held >= MAX_SUBMISSIONS_HELD
    return held >= 2 * MAX_SUBMISSIONS_HELD


def _add_line(session: _OpenSession, line: LogLine) -> None:
    session.last_at_s = line.at_s
    if line.kind is LineKind.RECEIVED:
        _client_says(session, line.text)
    elif line.kind is LineKind.SENT:
        _server_says(session, line)
    elif line.kind is LineKind.SUMMARY:
        _summarise(session, line)


def _client_says(session: _OpenSession, text: bytes) -> None:
    if session.expects is _Answer.NAME:
        session.account = account_in_answer(session.mechanism, text)
        session.expects = (
            _Answer.SECRET if session.mechanism is Mechanism.LOGIN else _Answer.NOTHING
        )
        return
    if session.expects is _Answer.SECRET:
        session.expects = _Answer.NOTHING
        return
    verb = text[:4].upper()
    if verb == b"AUTH":
        _begin_login(session, text)
    elif verb == b"MAIL":
        session.sender = _path_in(text)
        session.recipients = 0
        session.waits_for_id = False
    elif verb == b"RCPT":
        if len(session.written_to) < MAX_RECIPIENTS_HELD:
            session.written_to.append(_path_in(text))
    elif verb in {b"EHLO", b"HELO"}:
        session.client_name = fold_account(text[5 : 5 + MAX_CLIENT_NAME].decode("latin-1"))
    elif verb == b"RSET":
        session.sender = None


def _begin_login(session: _OpenSession, text: bytes) -> None:
    words = text.split(None, 2)
    session.mechanism = mechanism_of(words[1]) if len(words) > 1 else Mechanism.OTHER
    session.login = Login.TRIED
    session.account = ""
    session.expects = _Answer.NAME
    if len(words) > 2:
        session.account = account_in_answer(session.mechanism, words[2])
        is_login = session.mechanism is Mechanism.LOGIN
        session.expects = _Answer.SECRET if is_login else _Answer.NOTHING


def _server_says(session: _OpenSession, line: LogLine) -> None:
    code = line.text[:3]
    if session.login is Login.TRIED and code != b"334":
        session.expects = _Answer.NOTHING
        if code == b"235":
            session.login = Login.ACCEPTED
        elif code[:1] in b"45" and code.isdigit():
            session.login = Login.REFUSED
        return
    if code == b"250" and b"Recipient ok" in line.text:
        session.recipients += 1
    elif b"Message id" in line.text:
        accepted = _ACCEPTED.match(line.text)
        if accepted is not None:
            _accept(session, line, accepted.group(1).decode("ascii"))


def _accept(session: _OpenSession, line: LogLine, message_id: str) -> None:
    last = session.submissions[-1] if session.submissions else None
    if last is not None and last.message_id == message_id:
        return
    if last is not None and session.waits_for_id and not last.message_id:
        session.submissions[-1] = replace(last, message_id=message_id)
    else:
        sender = session.sender or ""
        session.submissions.append(
            Submission(line.at_s, sender, max(session.recipients, 1), message_id, "OK")
        )
    session.waits_for_id = False
    session.sender = None


def _summarise(session: _OpenSession, line: LogLine) -> None:
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
    last = session.submissions[-1] if session.submissions else None
    if last is None or not last.message_id or last.message_id != submission.message_id:
        session.submissions.append(submission)
    session.waits_for_id = not submission.message_id
    session.recipients = 0


def _path_in(text: bytes) -> str:
    found = _PATH.match(text)
    return fold_account(found.group(1).decode("latin-1")) if found else ""
