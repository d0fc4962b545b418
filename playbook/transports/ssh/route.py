"""The way to a host: what the inventory says of it, and then the user's ssh configuration."""

import getpass
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import paramiko

from playbook.errors import BadInput
from playbook.hosts.host import Host
from playbook.transports.ssh.known_hosts import HostNames

_CONNECT_S: Final = 15.0
_JUMPS_AT_MOST: Final = 8
_CONFIGS: Final = (Path("~/.ssh/config"), Path("/etc/ssh/ssh_config"))
_KNOWN_HOSTS: Final = "~/.ssh/known_hosts ~/.ssh/known_hosts2"
_GLOBAL_KNOWN_HOSTS: Final = "/etc/ssh/ssh_known_hosts /etc/ssh/ssh_known_hosts2"
_KEY_FILES: Final = ("~/.ssh/id_ed25519", "~/.ssh/id_ecdsa", "~/.ssh/id_rsa")
_JUMP: Final = re.compile(
    r"(?:ssh://)?(?:(?P<user>.+)@)?(?:\[(?P<bare>[^\]]+)\]|(?P<address>[^:@\[\]]+))"
    r"(?::(?P<port>\d+))?/?"
)


@dataclass(frozen=True)
class Hop:
    """One SSH server on the way, the last one being the mail server.

    It is reached through `via`, else through what `proxy_command` connects to, else straight.
    With `only_these_keys` the agent is asked for no other key. `agent` is the socket of the
    agent, "" the usual one, and `None` for no agent.
    """

    address: str
    port: int
    user: str
    names: HostNames
    known_hosts: tuple[Path, ...]
    key_files: tuple[Path, ...]
    only_these_keys: bool
    agent: str | None
    connect_s: float
    via: "Hop | None" = None
    proxy_command: str | None = None


@dataclass(frozen=True)
class _Wanted:
    """What is said of a host outside the ssh configuration; it outweighs that."""

    address: str
    port: int | None = None
    user: str | None = None
    key_file: Path | None = None
    known_hosts: Path | None = None


def find(host: Host) -> Hop:
    """The way to a host; raises `BadInput` for an ssh configuration that is not understood."""
    files = [host.ssh_config] if host.ssh_config else [path.expanduser() for path in _CONFIGS]
    if host.ssh_config and not host.ssh_config.exists():
        raise BadInput(f"There is no ssh configuration at {host.ssh_config}")
    lines = tuple(line for path in files for line in (*_lines(path), "Host *"))
    wanted = _Wanted(host.address, host.port, host.user, host.key_file, host.known_hosts)
    try:
        return _hop(lines, wanted, None, _JUMPS_AT_MOST)
    except paramiko.ConfigParseError as error:
        raise BadInput("The ssh configuration is not understood", str(error)) from error
    except ImportError as error:
        because = "`Match exec` needs the Python package invoke"
        raise BadInput("The ssh configuration is not understood", because) from error
    except (KeyError, ValueError) as error:
        because = f"a value that a host of it needs is missing or no number: {error}"
        raise BadInput("The ssh configuration is not understood", because) from error


def _hop(lines: tuple[str, ...], wanted: _Wanted, via: Hop | None, jumps_left: int) -> Hop:
    # In front, because the first value counts, also where a later line asks for it by a token.
    said = ("Port", wanted.port), ("User", wanted.user)
    front = ["Host *", *(f"{word} {value}" for word, value in said if value)]
    found = paramiko.SSHConfig.from_file((*front, "Host *", *lines)).lookup(wanted.address)
    address, port = found["hostname"], int(found.get("port", 22))
    identities: list[str] = list(found.get("identityfile", _KEY_FILES))
    global_files = found.get("globalknownhostsfile", _GLOBAL_KNOWN_HOSTS)
    files = f"{found.get('userknownhostsfile', _KNOWN_HOSTS)} {global_files}"
    via = via or _jump(lines, found.get("proxyjump", "none"), jumps_left)
    return Hop(
        address=address,
        port=port,
        user=found.get("user") or getpass.getuser(),
        names=HostNames.of(address, port, found.get("hostkeyalias")),
        known_hosts=(wanted.known_hosts,) if wanted.known_hosts else _paths(files.split()),
        key_files=(wanted.key_file,) if wanted.key_file else _paths(identities),
        only_these_keys=bool(wanted.key_file) or found.get("identitiesonly", "no") == "yes",
        agent=_agent(found.get("identityagent", "")),
        connect_s=float(found.get("connecttimeout", _CONNECT_S)),
        via=via,
        proxy_command=None if via else found.get("proxycommand"),
    )


def _jump(lines: tuple[str, ...], text: str, jumps_left: int) -> Hop | None:
    """The last of the comma-separated jump hosts, reached through those before it."""
    if text.lower() == "none":
        return None
    if not jumps_left:
        raise BadInput("The ssh configuration is not understood", "ProxyJump goes in a circle")
    via: Hop | None = None
    for jump in text.split(","):
        said = _JUMP.fullmatch(jump.strip())
        if not said:
            raise BadInput(f"The ProxyJump {jump.strip()!r} is not understood")
        port = int(said["port"]) if said["port"] else None
        wanted = _Wanted(said["bare"] or said["address"], port, said["user"])
        via = _hop(lines, wanted, via, jumps_left - 1)
    return via


def _agent(text: str) -> str | None:
    if text.lower() == "none":
        return None
    return "" if text in ("", "SSH_AUTH_SOCK") else str(Path(text).expanduser())


def _paths(texts: "list[str] | tuple[str, ...]") -> tuple[Path, ...]:
    return tuple(Path(text).expanduser() for text in texts if text.lower() != "none")


def _lines(path: Path, depth: int = 0) -> Iterator[str]:
    """The lines of a configuration file with its `Include` lines followed, 16 deep as OpenSSH."""
    try:
        lines = path.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return
    block = "Host *"
    for line in lines:
        word, _, rest = line.strip().replace("=", " ", 1).partition(" ")
        if word.lower() != "include":
            block = line if word.lower() in ("host", "match") else block
            yield line
            continue
        if depth < 16:
            for included in _included(path, rest):
                yield from _lines(included, depth + 1)
        # What follows belongs to the block that the line stood in, whatever was included.
        yield block


def _included(path: Path, patterns: str) -> Iterator[Path]:
    for pattern in patterns.split():
        wanted = Path(pattern.strip('"')).expanduser()
        base = Path("/") if wanted.is_absolute() else path.parent
        relative = wanted.relative_to("/") if wanted.is_absolute() else wanted
        yield from sorted(base.glob(str(relative)))
