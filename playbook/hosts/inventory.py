"""The hosts that a person wrote down in `respond.toml`, and those named on the command line."""

import difflib
import ipaddress
import os
import re
import shlex
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

import msgspec
import platformdirs

from playbook.dns.nameserver import name_server
from playbook.errors import BadInput, BadInventory
from playbook.hosts.host import Host, IceWarpOverrides

_FILE: Final = "respond.toml"
_LOCAL: Final = "local"
_ADDRESS = re.compile(
    r"(?:(?P<user>[^@\s]+)@)?(?:\[(?P<bare>[^\]]+)\]|(?P<address>[^@:\[\]\s]+))(?::(?P<port>\d+))?"
)
# No character that a proxy command or a terminal could take for anything but a name.
_HARMLESS = re.compile(r"[A-Za-z0-9_:][A-Za-z0-9_.:%-]*")
_USER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@\\+-]*\$?")


@dataclass(frozen=True)
class Inventory:
    """The hosts of one file (`None` where there is none), in the order they stand there."""

    path: Path | None
    hosts: tuple[Host, ...] = ()

    def host(self, text: str) -> Host:
        """The host of that name; else the one that `user@host:port` or `[v6]:port` describes.

        The word `local` is this machine. Raises `BadInventory` for a text that is neither.
        """
        for host in self.hosts:
            if host.name == text:
                return host
        if text == _LOCAL:
            return Host(name=_LOCAL, address="localhost", transport="local")
        return _described(text, [host.name for host in self.hosts])


def find(given: Path | None = None) -> Path | None:
    """The inventory file to read: the one given, else the first of the usual places that exists.

    Raises `BadInventory` where a file was named, on the command line or in `RESPOND_INVENTORY`,
    and is not there.
    """
    named = given or (Path(text) if (text := os.environ.get("RESPOND_INVENTORY")) else None)
    if named:
        if not named.is_file():
            raise BadInventory(f"There is no inventory at {named}")
        return named
    usual = Path(_FILE), platformdirs.user_config_path("respond") / _FILE
    return next((path for path in usual if path.is_file()), None)


def load(path: Path | None) -> Inventory:
    """Read an inventory file; without one, an inventory without hosts.

    Raises `BadInventory`, which names the file, the table and the key.
    """
    if path is None:
        return Inventory(None)
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadInventory(f"{path} cannot be read", error.strerror or str(error)) from error
    except UnicodeDecodeError as error:
        raise BadInventory(f"{path} is not UTF-8", f"of byte {error.start}") from error
    except tomllib.TOMLDecodeError as error:
        raise BadInventory(f"{path} is not TOML", str(error)) from error
    _known(path, "the top level", content, ("hosts",))
    hosts = content.get("hosts", {})
    tables = _table(path, "hosts", hosts).items()
    return Inventory(path, tuple(_host(path, name, _table(path, name, of)) for name, of in tables))


def _host(path: Path, name: str, table: Mapping[str, Any]) -> Host:
    where = f"hosts.{name}"
    names = [field.name for field in fields(Host) if field.name != "name"]
    _known(path, where, table, names)
    overrides = _table(path, f"{where}.icewarp", table.get("icewarp", {}))
    _known(path, f"{where}.icewarp", overrides, [field.name for field in fields(IceWarpOverrides)])
    _one_of(path, where, table)
    values = {"address": name, **table, "name": name}
    command = values.get("sudo_password")
    try:
        if isinstance(command, str):
            values["sudo_password"] = shlex.split(command)
        host = msgspec.convert(values, Host, dec_hook=_path)
    except msgspec.ValidationError as error:
        reason, _, key = str(error).partition(" - at `$")
        raise BadInventory(f"{path}, [{where}]{_key(key)}", _plain(reason)) from error
    except ValueError as error:
        because = "it is not a command line: a quote is open"
        raise BadInventory(f"{path}, [{where}], key sudo_password", because) from error
    if host.sudo_password == ():
        raise BadInventory(f"{path}, [{where}], key sudo_password", "the command is empty")
    _harmless(f"{path}, [{where}]", host)
    _addressed(f"{path}, [{where}]", host)
    return host


def _one_of(path: Path, where: str, table: Mapping[str, Any]) -> None:
    """A sentence of our own for the two keys whose values are words."""
    for key, words in (("transport", ("ssh", "local")), ("product", ("icewarp",))):
        value = table.get(key, words[0])
        if value not in words:
            because = f"it is {value!r}; understood are: {', '.join(words)}"
            raise BadInventory(f"{path}, [{where}], key {key}", because + _meant(value, words))


def _table(path: Path, where: str, value: object) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise BadInventory(f"{path}: {where} is not a table", f"it is {value!r:.60}")
    return value


def _known(path: Path, where: str, table: Mapping[str, Any], names: Iterable[str]) -> None:
    known = tuple(names)
    for key in table:
        if key not in known:
            because = f"understood are: {', '.join(known)}"
            raise BadInventory(f"{path}, {where}: unknown key {key!r}{_meant(key, known)}", because)


def _meant(word: object, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(str(word), known, 1)
    return f" (did you mean {close[0]!r}?)" if close else ""


def _key(path: str) -> str:
    """Turn `.icewarp.smtp_port` + a backquote, as msgspec writes it, into words."""
    name = path.strip("`.")
    return f", key {name}" if name else ""


def _plain(reason: str) -> str:
    """Name the pattern of a word or path in words: nobody reads a regular expression at night."""
    if "matching regex" not in reason:
        return reason[:1].lower() + reason[1:]
    if "'^/" in reason:
        return "it is a path on the server and begins with /"
    if "A-Fa-f" in reason:
        return "it holds addresses, with commas between them"
    return "it holds a character that no such name holds"


def _path(kind: type, value: Any) -> Any:
    if kind is Path and isinstance(value, str):
        return Path(value).expanduser()
    raise TypeError(f"Expected a path, got `{type(value).__name__}`")


def _described(text: str, names: Iterable[str]) -> Host:
    try:
        ipaddress.IPv6Address(text)
        return Host(name=text, address=text)
    except ValueError:
        found = _ADDRESS.fullmatch(text)
    if not found:
        because = "it is neither a name of the inventory nor user@host:port" + _meant(text, names)
        raise BadInventory(f"The host {text!r} is not understood", because)
    port = int(found["port"]) if found["port"] else None
    if port is not None and not 1 <= port <= 65535:
        raise BadInventory(f"The host {text!r} is not understood", f"there is no port {port}")
    address = found["bare"] or found["address"]
    host = Host(name=text, address=address, port=port, user=found["user"])
    _harmless(f"The host {text!r}", host)
    return host


def _harmless(where: str, host: Host) -> None:
    if not _HARMLESS.fullmatch(host.address):
        raise BadInventory(f"{where}: {host.address!r} is not the address of a host")
    if host.user is not None and not _USER.fullmatch(host.user):
        raise BadInventory(f"{where}: {host.user!r} is not the name of a user")


def _addressed(where: str, host: Host) -> None:
    """What is asked about blacklists, and of whom, are addresses."""
    try:
        if host.resolver is not None:
            name_server(host.resolver)
    except BadInput as error:
        raise BadInventory(f"{where}, key resolver", error.because) from error
    for text in (host.icewarp.public_addresses or "").split(","):
        try:
            if text:
                ipaddress.ip_address(text)
        except ValueError as error:
            what = f"{where}, key icewarp.public_addresses"
            raise BadInventory(what, f"{text!r} is no address") from error
