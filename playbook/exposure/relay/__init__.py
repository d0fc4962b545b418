"""Whether a server passes mail on for strangers, tried over SMTP as a stranger would.

It stops at RCPT: an acceptance there is said as what it is, and proves nothing until a mail has
arrived. The server's own defences are respected: a pace, few connections, an end at the first 421.
"""

import smtplib
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from playbook.exposure.conversation import Conversation
from playbook.exposure.finding import Finding, State
from playbook.exposure.relay.cases import Case, Envelope, Names, envelopes
from playbook.secret import Secret

_MOST_CONNECTIONS: Final = 8
_CLOSES: Final = 421
_MOST_WORDS: Final = 160


@dataclass(frozen=True)
class Place:
    """Where a server takes mail, how it is greeted, how long it may take, and at which pace.

    `tls`: TLS is begun at once (port 465). Nothing secret goes over it, so that a certificate of
    any kind will do.
    """

    host: str
    port: int
    helo: str
    tls: bool = False
    deadline_s: float = 20.0
    pace_s: float = 1.0


@dataclass(frozen=True)
class Tried:
    """What was found, from which address of ours it was tried, and what that proves."""

    findings: tuple[Finding, ...]
    here: str
    there: str

    @property
    def is_conclusive(self) -> bool:
        """Whether it came from where no server has a reason to trust it."""
        return bool(self.here) and ip_address(self.here).is_global


@dataclass
class _Course:
    """The connection in use, and how many there were."""

    place: Place
    wait: Callable[[float], None]
    open: Conversation | None = None
    connections: int = 0
    here: str = ""
    there: str = ""

    def conversation(self) -> Conversation:
        """The connection in use, or another; raises `SMTPException` or `OSError`."""
        if self.open is None:
            if self.connections >= _MOST_CONNECTIONS:
                raise smtplib.SMTPServerDisconnected("it closed the connection again and again")
            self.connections += 1
            place = self.place
            tls = _any_certificate() if place.tls else None
            self.open = Conversation(place.host, place.port, place.helo, place.deadline_s, tls)
            self.here, self.there = self.open.here, self.open.there
            self.open.ehlo_or_helo_if_needed()
        return self.open

    def drop(self) -> None:
        """Leave the connection, politely where it still stands."""
        if self.open is not None:
            try:
                self.open.quit()
            except (smtplib.SMTPException, OSError):
                self.open.close()
            self.open = None


class _LeftError(Exception):
    """The server wants no more of it; the text is what it said."""


def tried(
    place: Place,
    names: Callable[[str], Names],
    wait: Callable[[float], None] = time.sleep,
) -> Tried:
    """Try every envelope, and look at what the server offers before.

    `names` gives the names of the addresses when the server's own address is known. Raises
    `SMTPException` and `OSError` where the server cannot be spoken to at all.
    """
    course = _Course(place, wait)
    found: list[Finding] = []
    try:
        conversation = course.conversation()
        found += _offers(place, conversation)
        for envelope in envelopes(names(course.there)):
            found.append(_case(course, envelope))
            wait(place.pace_s)
    except _LeftError as left:
        topic = "the cases behind it"
        found.append(Finding(place.host, topic, State.UNKNOWN, str(left), "Try again later."))
    finally:
        course.drop()
    return Tried(tuple(found), course.here, course.there)


def _offers(place: Place, conversation: Conversation) -> Iterator[Finding]:
    """What the server says of itself before anybody logged in."""
    yield Finding(place.host, "banner", State.HOLDS, _words(conversation.banner))
    has_tls = place.tls or conversation.has_extn("starttls")
    if conversation.has_extn("auth") and not place.tls:
        said = "a login is offered before TLS: passwords cross the line in the clear"
        wanted = "Offer AUTH only after STARTTLS."
        yield Finding(place.host, "AUTH before TLS", State.DIFFERS, said, wanted)
    else:
        yield Finding(place.host, "AUTH before TLS", State.HOLDS, "no login is offered before TLS")
    if not has_tls:
        wanted = "Give the server a certificate and switch TLS on."
        yield Finding(place.host, "STARTTLS", State.DIFFERS, "TLS is not offered", wanted)
    for verb in ("VRFY", "EXPN"):
        yield _tells(place, conversation, verb)


def _tells(place: Place, conversation: Conversation, verb: str) -> Finding:
    code, said = conversation.docmd(verb, "postmaster")
    if code in (250, 251):
        wanted = f"Switch {verb} off: it tells which accounts there are."
        return Finding(place.host, verb, State.DIFFERS, _words(f"{code} {_text(said)}"), wanted)
    return Finding(place.host, verb, State.HOLDS, f"it tells nothing ({code})")


def _case(course: _Course, envelope: Envelope) -> Finding:
    """One envelope up to RCPT; a connection that breaks is opened once more."""
    subject, topic = course.place.host, envelope.case.why
    for _ in range(2):
        try:
            code, said = _up_to_rcpt(course.conversation(), envelope)
        except (smtplib.SMTPException, OSError) as error:
            course.open, lost = None, _words(str(error))
            continue
        if code == _CLOSES:
            course.drop()
            raise _LeftError(f"the server broke off: {_words(_text(said))}")
        return _judged(subject, envelope, code, _text(said))
    return Finding(subject, topic, State.UNKNOWN, lost, "Try again later.")


def _up_to_rcpt(conversation: Conversation, envelope: Envelope) -> tuple[int, bytes]:
    """The first answer that is no yes, or that to RCPT; the transaction is taken back."""
    code, said = conversation.docmd("MAIL", f"FROM:<{envelope.sender}>")
    if code == 250:
        code, said = conversation.docmd("RCPT", f"TO:<{envelope.recipient}>")
    if code != _CLOSES:
        conversation.docmd("RSET")
    return code, said


def _judged(subject: str, envelope: Envelope, code: int, said: str) -> Finding:
    """What an answer says: a refusal for now is none, and an acceptance is not yet a mail."""
    topic = envelope.case.why
    words = _words(f"{code} {said}")
    if 200 <= code < 300 and envelope.case.local_by_right:
        what = f"taken, perhaps as a name of its own: {words}"
        return Finding(subject, topic, State.UNKNOWN, what, "See where such a mail goes.")
    if 200 <= code < 300:
        what = f"<{envelope.recipient}> is accepted at RCPT, which a mail would prove: {words}"
        return Finding(subject, topic, State.DIFFERS, what, "Close the relay: relay for nobody.")
    if 500 <= code < 600:
        return Finding(subject, topic, State.HOLDS, f"refused: {words}")
    what = f"put off, which is neither yes nor no: {words}"
    return Finding(subject, topic, State.UNKNOWN, what, "Try again in some minutes.")


def as_another(
    place: Place, login: tuple[str, Secret], other: str, outside: str, roots: Path | None = None
) -> tuple[Finding, ...]:
    """Whether an account that logged in may send as another one of the server; stops at RCPT.

    The certificate must hold for the name, since a password goes over the line; `roots` is a file
    of authorities, those of this machine without it. Raises `SMTPException` and `OSError`, where
    the login is refused too.
    """
    account, password = login
    checked = ssl.create_default_context(cafile=roots)
    conversation = Conversation(
        place.host, place.port, place.helo, place.deadline_s, checked if place.tls else None
    )
    try:
        if not place.tls:
            conversation.begin_tls(checked)
        conversation.login(account, password.reveal())
        envelope = Envelope(Case(f"{account} sends as {other}", "", ""), other, outside)
        code, said = _up_to_rcpt(conversation, envelope)
    finally:
        conversation.close()
    topic, words = envelope.case.why, _words(f"{code} {_text(said)}")
    if 200 <= code < 300:
        wanted = "Reject a sender that is not the login's own."
        return (Finding(place.host, topic, State.DIFFERS, f"allowed: {words}", wanted),)
    state = State.HOLDS if code >= 500 else State.UNKNOWN
    return (Finding(place.host, topic, state, f"not allowed: {words}"),)


def _any_certificate() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _text(said: bytes) -> str:
    return said.decode("latin-1")


def _words(text: str) -> str:
    return " ".join(text.split())[:_MOST_WORDS]
