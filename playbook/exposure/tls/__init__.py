"""What a server's TLS is like, port by port: certificate, name, dates, and which protocols."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from playbook.exposure.finding import Finding, State
from playbook.exposure.tls.handshake import Endpoint, Handshake, NotReachedError, Version, shake
from playbook.exposure.tls.judgement import certificate, injected, protocols


def secured(
    endpoints: Iterable[Endpoint], now: datetime, roots: Path | None = None
) -> tuple[Finding, ...]:
    """How each port stands, all ports at once; `roots` replaces this machine's authorities."""
    asked = tuple(endpoints)
    with ThreadPoolExecutor(max_workers=max(1, len(asked))) as pool:
        found = pool.map(lambda endpoint: tuple(_of(endpoint, now, roots)), asked)
        return tuple(finding for each in found for finding in each)


def _of(endpoint: Endpoint, now: datetime, roots: Path | None) -> Iterator[Finding]:
    where = str(endpoint)
    try:
        trusted = shake(endpoint, roots=roots)
        seen = trusted if trusted.certificate else replace(shake(endpoint, verify=False))
    except NotReachedError as error:
        state = State.DIFFERS if error.is_refused else State.UNKNOWN
        yield Finding(where, "TLS", state, str(error), error.next)
        return
    yield from certificate(where, endpoint.host, trusted.mistrust, seen.certificate, now)
    yield from injected(where, seen.said_too_early_bytes)
    yield from protocols(where, {version: _speaks(endpoint, version) for version in Version})


def _speaks(endpoint: Endpoint, version: Version) -> bool | None:
    """Whether a protocol is spoken; None where this machine cannot, or nobody answered."""
    if not version.is_spoken_here():
        return None
    try:
        seen: Handshake = shake(endpoint, verify=False, only=version)
    except NotReachedError as error:
        return False if error.is_refused else None
    return bool(seen.certificate)
