"""Which host keys are known: the known_hosts files of OpenSSH, read with its rules.

Source of the format: sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT". The reader of the SSH library
gives up at a line with a marker and knows no patterns, hence one of our own.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from playbook.errors import HostKeyRefused

_REVOKED: Final = "@revoked"
_AUTHORITY: Final = "@cert-authority"


@dataclass(frozen=True)
class KnownKey:
    """One line: the host names or patterns, the kind of key, the key, and a marker or nothing."""

    names: str
    kind: str
    blob: bytes
    marker: str = ""

    def covers(self, name: str) -> bool:
        """Whether the line speaks of this host, which is written `host` or `[host]:port`."""
        if self.names.startswith("|1|"):
            return self._covers_hashed(name)
        patterns = self.names.lower().split(",")
        hits = [pattern for pattern in patterns if _matches(pattern.removeprefix("!"), name)]
        return bool(hits) and not any(pattern.startswith("!") for pattern in hits)

    def _covers_hashed(self, name: str) -> bool:
        try:
            salt, digest = (base64.b64decode(part) for part in self.names.split("|")[2:4])
        except ValueError:
            return False
        return hmac.compare_digest(hmac.digest(salt, name.encode(), "sha1"), digest)


@dataclass(frozen=True)
class HostNames:
    """What a host is called: where it is connected to, and under which name its key is known.

    OpenSSH looks for `[host]:port` first, and for the bare host where that is unknown.
    """

    address: str
    known_as: tuple[str, ...]

    @classmethod
    def of(cls, address: str, port: int, alias: str | None = None) -> "HostNames":
        """The names of a host at an address and port, or under its HostKeyAlias."""
        plain = address.lower()
        if alias:
            return cls(address, (alias.lower(),))
        return cls(address, (plain,) if port == 22 else (f"[{plain}]:{port}", plain))


@dataclass(frozen=True)
class KnownHosts:
    """The lines of all known_hosts files of a host."""

    keys: tuple[KnownKey, ...]

    def of(self, names: HostNames) -> tuple[KnownKey, ...]:
        """The plain keys known for a host, by the first of its names that is known."""
        for name in names.known_as:
            if found := tuple(key for key in self.keys if not key.marker and key.covers(name)):
                return found
        return ()

    def require(self, names: HostNames, kind: str, blob: bytes) -> None:
        """Let the key of a host pass, or raise `HostKeyRefused` with what to compare."""
        shown, known = f"{kind} {fingerprint(blob)}", self.of(names)
        if self._marked(_REVOKED, names, blob):
            raise HostKeyRefused(
                f"THE HOST KEY OF {names.address} IS REVOKED: {shown}",
                "a line @revoked of known_hosts names it",
                "Do not connect; ask the person who revoked it.",
            )
        if any(key.blob == blob for key in known):
            return
        if not known:
            raise self._unknown(names, shown)
        before = ", ".join(f"{key.kind} {fingerprint(key.blob)}" for key in known)
        changed = any(key.kind == kind for key in known)
        raise HostKeyRefused(
            f"THE HOST KEY OF {names.address} HAS CHANGED: it shows {shown}, known is {before}"
            if changed
            else f"{names.address} shows a host key of another kind: {shown}, known is {before}",
            "the server was installed anew, or somebody sits in between",
            "Compare the fingerprint with one read on the server's own console "
            "(`ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub`). Only if it is the same: "
            f"`ssh-keygen -R '{names.known_as[0]}'`, then `ssh` to it once and accept.",
        )

    def _unknown(self, names: HostNames, shown: str) -> HostKeyRefused:
        authority = any(
            key.marker == _AUTHORITY and key.covers(name)
            for key in self.keys
            for name in names.known_as
        )
        because = "known_hosts has no line for it"
        if authority:
            because = "known_hosts has only a certificate authority for it, which is not read here"
        return HostKeyRefused(
            f"The host key of {names.address} is not known: {shown}",
            because,
            "Compare the fingerprint with one read on the server's own console "
            "(`ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub`). If it is the same, `ssh` to it "
            "once and accept, or append the line that `ssh-keyscan` prints to known_hosts.",
        )

    def _marked(self, marker: str, names: HostNames, blob: bytes) -> bool:
        return any(
            key.marker == marker and key.blob == blob and key.covers(name)
            for key in self.keys
            for name in names.known_as
        )


def read(paths: Iterable[Path]) -> KnownHosts:
    """The lines of all these files; files that are not there and lines that are none left out."""
    lines: list[str] = []
    for path in paths:
        try:
            lines += path.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            continue
    return KnownHosts(tuple(key for line in lines if (key := _key(line))))


def fingerprint(blob: bytes) -> str:
    """A key's fingerprint as OpenSSH prints it."""
    digest = base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")
    return f"SHA256:{digest}"


def _key(line: str) -> KnownKey | None:
    fields = line.split()
    if not fields or fields[0].startswith("#"):
        return None
    marker = fields.pop(0) if fields[0].startswith("@") else ""
    if len(fields) < 3 or marker not in ("", _REVOKED, _AUTHORITY):
        return None
    names, kind, text = fields[:3]
    try:
        return KnownKey(names, kind, base64.b64decode(text, validate=True), marker)
    except binascii.Error:
        return None


def _matches(pattern: str, name: str) -> bool:
    """Whether a name has the pattern, in which only `*` and `?` are special."""
    expression = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(expression, name) is not None
