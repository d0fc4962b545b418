"""What a certificate and the protocols spoken mean. No I/O."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from playbook.exposure.finding import Finding, State
from playbook.exposure.tls.handshake import Version
from playbook.text import one_line

_SOON_DAYS: Final = 21
_OLD: Final = (Version.TLS_1_0, Version.TLS_1_1)
_NEW: Final = (Version.TLS_1_2, Version.TLS_1_3)


def certificate(
    where: str, host: str, mistrust: str, der: bytes, now: datetime
) -> Iterator[Finding]:
    """Whether the certificate is believed, for which name, and how long."""
    if mistrust:
        wanted = f"Give it a certificate for {host} that an authority vouches for."
        said = f"not believed: {one_line(mistrust, 160)}"
        yield Finding(where, "certificate", State.DIFFERS, said, wanted)
    else:
        yield Finding(where, "certificate", State.HOLDS, f"believed, for {host}")
    if der:
        yield _dated(where, der, now)


def _dated(where: str, der: bytes, now: datetime) -> Finding:
    from cryptography import x509  # noqa: PLC0415 - slow to load, and only wanted here

    try:
        found = x509.load_der_x509_certificate(der)
        ends, issuer = found.not_valid_after_utc, found.issuer.rfc4514_string()
    except ValueError:
        said = "the certificate cannot be read"
        return Finding(where, "dates", State.DIFFERS, said, "Make a new one.")
    days = (ends - now).days
    said = f"until {ends:%Y-%m-%d} ({days} days), by {one_line(issuer, 80)}"
    if ends < now:
        said = f"expired on {ends:%Y-%m-%d}, by {one_line(issuer, 80)}"
        return Finding(where, "dates", State.DIFFERS, said, "Renew it.")
    if days < _SOON_DAYS:
        return Finding(where, "dates", State.DIFFERS, said, "Renew it: it ends soon.")
    return Finding(where, "dates", State.HOLDS, said)


def injected(where: str, said_too_early_bytes: int) -> Iterator[Finding]:
    """Whether something was said in the clear that would count as said under TLS."""
    if said_too_early_bytes:
        said = f"{said_too_early_bytes} bytes came before TLS began"
        wanted = "Somebody may speak into the line: update the server, look at the network."
        yield Finding(where, "STARTTLS", State.DIFFERS, said, wanted)


def protocols(where: str, spoken: Mapping[Version, bool | None]) -> Iterator[Finding]:
    """Whether old protocols are off and a new one is on; what cannot be tried here is not off."""
    for version in _OLD:
        yield _old(where, version, is_spoken=spoken.get(version))
    new = [version.value for version in _NEW if spoken.get(version)]
    if new:
        yield Finding(where, "TLS 1.2 or 1.3", State.HOLDS, f"spoken: {', '.join(new)}")
    elif None in (spoken.get(version) for version in _NEW):
        said = "not known: nobody answered, or this machine cannot speak it"
        yield Finding(where, "TLS 1.2 or 1.3", State.UNKNOWN, said)
    else:
        said = "neither is spoken"
        yield Finding(where, "TLS 1.2 or 1.3", State.DIFFERS, said, "Switch them on.")


def _old(where: str, version: Version, *, is_spoken: bool | None) -> Finding:
    if is_spoken is None:
        said = "not tested: this machine cannot speak it, or nobody answered"
        return Finding(where, version.value, State.UNKNOWN, said, "Test it from another machine.")
    if is_spoken:
        wanted = "Switch it off, unless old programs of your own need it."
        return Finding(where, version.value, State.DIFFERS, "spoken", wanted)
    return Finding(where, version.value, State.HOLDS, "refused")
