"""The ways in which a server is asked to pass mail on for strangers, as a table. No I/O.

They are those that the classic open-relay tests agree on (nmap's `smtp-open-relay`, the MAPS
transcript), and three that matter today: a forged local sender, an unknown one, and a route
through a hosted domain.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Names:
    """What stands in the addresses of a test.

    `outside` is a mailbox of the tester's beyond the server, `host` the server's name, `address`
    its IP address, `hosted` a domain it takes mail for ("": none is known), and `user` an account
    there ("": none is known).
    """

    outside: str
    host: str
    address: str
    hosted: str = ""
    user: str = ""

    @property
    def literal(self) -> str:
        """The server's address as a domain literal (RFC 5321, 4.1.3)."""
        return f"[IPv6:{self.address}]" if ":" in self.address else f"[{self.address}]"


@dataclass(frozen=True)
class Case:
    """One envelope, written with {local}, {domain}, {host}, {literal}, {hosted} and {user}.

    `local_by_right`: a server may take the recipient for a name of its own, so that an acceptance
    proves nothing. `why` says in words what is tried.
    """

    why: str
    sender: str
    recipient: str
    local_by_right: bool = False


_ANYBODY: Final = "{local}@{domain}"
_FROM_LITERAL: Final = "relaytest@{literal}"

CASES: Final = (
    Case("an outside sender", _ANYBODY, _ANYBODY),
    Case("the empty sender", "", _ANYBODY),
    Case("a sender at the server's name", "relaytest@{host}", _ANYBODY),
    Case("a sender at the server's address", _FROM_LITERAL, _ANYBODY),
    Case("a sender without a domain", "relaytest", _ANYBODY),
    Case("a sender at localhost", "relaytest@localhost", _ANYBODY),
    Case("a forged account of the server", "{user}@{hosted}", _ANYBODY),
    Case("an account that does not exist", "nobody-of-relaytest@{hosted}", _ANYBODY),
    Case("percent, at the server's address", _FROM_LITERAL, "{local}%{domain}@{literal}"),
    Case("percent, at the server's name", _FROM_LITERAL, "{local}%{domain}@{host}"),
    Case("percent, through a hosted domain", _FROM_LITERAL, "{local}%{domain}@{hosted}"),
    Case("the whole address in quotes", _FROM_LITERAL, '"{local}@{domain}"', local_by_right=True),
    Case("percent in quotes", _FROM_LITERAL, '"{local}%{domain}"', local_by_right=True),
    Case("two at signs, at the address", _FROM_LITERAL, "{local}@{domain}@{literal}"),
    Case("two at signs, at the name", _FROM_LITERAL, "{local}@{domain}@{host}"),
    Case("quotes, at the address", _FROM_LITERAL, '"{local}@{domain}"@{literal}'),
    Case("a source route by the address", _FROM_LITERAL, "@{literal}:{local}@{domain}"),
    Case("a source route by the name", _FROM_LITERAL, "@{host}:{local}@{domain}"),
    Case("a bang path", _FROM_LITERAL, "{domain}!{local}", local_by_right=True),
    Case("a bang path, at the address", _FROM_LITERAL, "{domain}!{local}@{literal}"),
    Case("a bang path, at the name", _FROM_LITERAL, "{domain}!{local}@{host}"),
    Case("an at sign at the end", _FROM_LITERAL, "{local}@{domain}@"),
)


@dataclass(frozen=True)
class Envelope:
    """A case with the names filled in."""

    case: Case
    sender: str
    recipient: str


def envelopes(names: Names) -> tuple[Envelope, ...]:
    """The envelopes that can be written with the names known, in order."""
    local, _, domain = names.outside.rpartition("@")
    known = {
        "local": local,
        "domain": domain,
        "host": names.host,
        "literal": names.literal,
        "hosted": names.hosted,
        "user": names.user,
    }
    return tuple(
        Envelope(case, case.sender.format(**known), case.recipient.format(**known))
        for case in CASES
        if _is_known(case, known)
    )


def _is_known(case: Case, known: dict[str, str]) -> bool:
    text = case.sender + case.recipient
    return all(value or f"{{{name}}}" not in text for name, value in known.items())
