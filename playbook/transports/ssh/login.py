"""Who we are: the keys and passwords that are shown to a server, one after the other."""

import base64
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

import paramiko

from playbook.errors import AuthenticationRefused
from playbook.secret import Secret
from playbook.text import one_line
from playbook.transports.ssh.route import Hop

_KEY_CLASSES: Final = (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey)


class Questions(Protocol):
    """What only the person at the terminal knows.

    Each may raise `PersonNeeded` or `StoppedByPerson`, which end the login.
    """

    def passphrase(self, key_file: str) -> Secret:
        """The passphrase of a private key."""

    def login_password(self, login: str) -> Secret:
        """The password of `user@host`."""

    def sudo_password(self, login: str) -> Secret:
        """The password that sudo asks `user@host` for."""


@dataclass(frozen=True)
class _Key:
    """A key to show, and what to call it when it is refused."""

    name: str
    key: paramiko.PKey


def log_in(transport: paramiko.Transport, hop: Hop, questions: Questions | None) -> None:
    """Log in over an encrypted connection whose host key was checked.

    Raises `AuthenticationRefused` with everything that was tried. A password is tried once:
    a second wrong one may lock the account.
    """
    refused: list[str] = []
    if _with_keys(transport, hop, questions, refused):
        return
    _still_open(transport, hop, refused)
    allowed = _allowed(transport, hop, refused)
    ways = [way for way in ("password", "keyboard-interactive") if way in allowed]
    if transport.is_authenticated():
        return
    if ways and questions is not None:
        _with_password(transport, hop, ways[0], questions)
        return
    raise _refusal(hop, refused, f"it takes {', '.join(allowed) or 'nothing else'}")


def _with_keys(
    transport: paramiko.Transport, hop: Hop, questions: Questions | None, refused: list[str]
) -> bool:
    """Whether a key opened the door; the names of those that did not are added to `refused`."""
    for shown in _keys(hop, questions, refused):
        try:
            transport.auth_publickey(hop.user, shown.key)
        except paramiko.BadAuthenticationType:
            return False
        except paramiko.AuthenticationException:
            refused.append(shown.name)
            _still_open(transport, hop, refused)
            continue
        # Accepted, and yet a second factor may be wanted.
        return transport.is_authenticated()
    return False


def _with_password(transport: paramiko.Transport, hop: Hop, way: str, questions: Questions) -> None:
    password = questions.login_password(f"{hop.user}@{hop.address}")
    answers = iter([password.reveal()])

    def answer(_title: str, _text: str, prompts: Sequence[tuple[str, bool]]) -> list[str]:
        return [next(answers, "") for _ in prompts]

    try:
        if way == "password":
            transport.auth_password(hop.user, password.reveal(), fallback=False)
        else:
            transport.auth_interactive(hop.user, answer)
    except paramiko.AuthenticationException as error:
        raise _refusal(hop, ["the password"], str(error)) from error
    if not transport.is_authenticated():
        raise _refusal(hop, [], "it wants one more proof after the password")


def _allowed(transport: paramiko.Transport, hop: Hop, refused: list[str]) -> Sequence[str]:
    """What the server takes; asking is free, and no question is put to the person in vain."""
    try:
        transport.auth_none(hop.user)
    except paramiko.BadAuthenticationType as error:
        return error.allowed_types
    except paramiko.AuthenticationException:
        _still_open(transport, hop, refused)
        raise
    return ()


def _still_open(transport: paramiko.Transport, hop: Hop, refused: list[str]) -> None:
    if not transport.is_active():
        because = f"it closed the connection, keys shown: {len(refused)} (MaxAuthTries)"
        remedy = "Name the right key as `key_file` in the inventory, so that only it is shown."
        raise _refusal(hop, refused, because, remedy)


def _refusal(hop: Hop, refused: list[str], because: str, remedy: str = "") -> AuthenticationRefused:
    tried = f"; tried: {', '.join(refused)}" if refused else "; there was no key to try"
    return AuthenticationRefused(
        f"{hop.address} does not let {hop.user} in", f"{one_line(because, 300)}{tried}", remedy
    )


def _keys(hop: Hop, questions: Questions | None, refused: list[str]) -> Iterator[_Key]:
    """The agent's keys, those that the configuration names first, then the key files."""
    named = {_public(path): path for path in hop.key_files}
    offered = set()
    with _agent(hop) as agent_keys:
        for key in sorted(agent_keys, key=lambda key: key.blob not in named):
            if hop.only_these_keys and key.blob not in named:
                continue
            offered.add(key.blob)
            yield _Key(f"{key.comment or key.get_name()} of the agent", key)
    for path in hop.key_files:
        if _public(path) in offered:
            continue
        if not path.is_file():
            if hop.only_these_keys:
                refused.append(f"{path} (not there)")
            continue
        if loaded := _load(path, questions, refused):
            yield _Key(str(path), loaded)


def _public(path: Path) -> bytes:
    """The public half that lies beside a key file, as bytes; empty where there is none."""
    try:
        return base64.b64decode(path.with_name(path.name + ".pub").read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return b""


@contextmanager
def _agent(hop: Hop) -> Iterator[Sequence[paramiko.AgentKey]]:
    """The agent's keys, which sign only as long as it is open; none where there is no agent."""
    path = None if hop.agent is None else hop.agent or os.environ.get("SSH_AUTH_SOCK", "")
    if path is None or (path and not Path(path).is_socket()):
        yield ()
        return
    try:
        with _named(path):
            agent = paramiko.Agent()
    except (paramiko.SSHException, OSError):
        yield ()
        return
    try:
        yield agent.get_keys()
    finally:
        agent.close()


@contextmanager
def _named(path: str) -> Iterator[None]:
    """Name another agent for a moment: the library reads the environment and nothing else."""
    before = os.environ.get("SSH_AUTH_SOCK")
    if path:
        os.environ["SSH_AUTH_SOCK"] = path
    try:
        yield
    finally:
        if path and before is not None:
            os.environ["SSH_AUTH_SOCK"] = before
        elif path:
            del os.environ["SSH_AUTH_SOCK"]


def _load(path: Path, questions: Questions | None, refused: list[str]) -> paramiko.PKey | None:
    """The private key in a file; what hinders it is added to `refused`."""
    try:
        return _read(path, None)
    except paramiko.PasswordRequiredException:
        if questions is None:
            refused.append(f"{path} (has a passphrase, and nobody is there)")
            return None
    except (paramiko.SSHException, OSError, ValueError) as error:
        refused.append(f"{path} ({error})")
        return None
    try:
        return _read(path, questions.passphrase(str(path)))
    except (paramiko.SSHException, ValueError):
        refused.append(f"{path} (wrong passphrase)")
        return None


def _read(path: Path, passphrase: Secret | None) -> paramiko.PKey:
    """Try each kind of key, as the file does not say which it holds; with its certificate."""
    fault: paramiko.SSHException | None = None
    for kind in _KEY_CLASSES:
        try:
            key = kind.from_private_key_file(
                str(path), None if passphrase is None else passphrase.reveal()
            )
        except paramiko.PasswordRequiredException:
            raise
        except paramiko.SSHException as error:
            fault = fault or error
            continue
        certificate = path.with_name(path.name + "-cert.pub")
        if certificate.is_file():
            key.load_certificate(str(certificate))
        return key
    raise fault or paramiko.SSHException("no key")
