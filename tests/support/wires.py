"""What the transport tests share: a script that answers, and every way to send it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from playbook.secret import Secret
from playbook.transports.base import Request, Script, Transport, Value
from tests.support.ssh_servers import Relay

_BEFORE = """
while IFS= read -r pair && [ "$pair" != . ]; do eval "${pair%%=*}=\\${pair#*=}"; done
field() { printf '~%s' "$(printf %s "$1" | od -An -tx1 -v | tr -d ' \\n')"; }
"""
_AFTER = """
body=$(main; printf x)
body=${body%x}
sum=$(printf %s "$body" | cksum)
printf 'begin\\n%send %s %s\\n' "$body" "$(printf %s "$body" | wc -c | tr -d ' ')" "${sum%% *}"
"""
HEARTBEAT = "while printf '@\\n' >&2; do sleep 0.05; done"
ECHO = 'main() { printf \'said %s\\n\' "$(field "$text")"; }'


def request(
    main: str,
    values: "dict[str, Value] | None" = None,
    *,
    name: str = "read/test",
    lines: tuple[str, ...] = (),
    deadline_s: float = 60.0,
) -> Request:
    """A script whose function `main` prints the records."""
    return Request(Script(name, _BEFORE + main + _AFTER), values or {}, lines, deadline_s)


def raw(text: str, deadline_s: float = 60.0) -> Request:
    """A script that is sent as it is."""
    return Request(Script("read/test", text), deadline_s=deadline_s)


def said(transport: Transport, text: Value) -> str:
    """Send a text there and back."""
    (record,) = transport.run(request(ECHO, {"text": text}))
    return record.fields[0]


@dataclass(frozen=True)
class Wire:
    """A transport under test, and the relay it goes through, where there is a line to cut."""

    transport: Transport
    folder: Path
    relay: Relay | None = None
    patient: Callable[[float], Transport] | None = None


def relay_of(wire: Wire) -> Relay:
    if wire.relay is None:
        pytest.skip("there is no line to cut on this machine")
    return wire.relay


@dataclass
class Answers:
    """A person who answers every question with the same secret, and what was asked."""

    secret: str = field(repr=False)
    asked: list[str] = field(default_factory=list)

    def passphrase(self, key_file: str) -> Secret:
        self.asked.append(f"passphrase of {Path(key_file).name}")
        return Secret(self.secret)

    def login_password(self, login: str) -> Secret:
        self.asked.append(f"password of {login}")
        return Secret(self.secret)

    def sudo_password(self, login: str) -> Secret:
        self.asked.append(f"sudo of {login}")
        return Secret(self.secret)
