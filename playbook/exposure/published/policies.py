"""What a domain asks of those who receive mail in its name, or write to it: DMARC, DKIM, TLS."""

import base64
import binascii
import re
from typing import Final

from playbook.exposure.finding import Finding, State
from playbook.exposure.published.asking import Answers

_TAG: Final = re.compile(r"\s*([a-zA-Z][a-zA-Z0-9_]*)\s*=\s*([^;]*?)\s*")
_WEAK_RSA_BITS: Final = 2048
_BROKEN_RSA_BITS: Final = 1024
# The walk up to the organisational domain has to stop somewhere.
_MOST_LABELS: Final = 8


def tags(text: str) -> dict[str, str]:
    """The tags of a record of the form `name=value; name=value`, names in lower case."""
    found = (_TAG.fullmatch(part) for part in text.split(";"))
    return {each[1].lower(): each[2] for each in found if each}


def dmarc(domain: str, answers: Answers) -> tuple[Finding, ...]:
    """What receivers are asked to do with mail that neither SPF nor DKIM vouches for."""
    for name in _upwards(domain):
        found = _of_version(answers.one(f"_dmarc.{name}", "TXT"), "DMARC1")
        if len(found) > 1:
            said = f"{len(found)} records at _dmarc.{name}, and one is allowed"
            return (Finding(domain, "DMARC", State.DIFFERS, said, "Leave one of them."),)
        if found:
            return (_asked(domain, name, tags(found[0])),)
    said = "no record: receivers decide by themselves, and tell nobody"
    return (Finding(domain, "DMARC", State.DIFFERS, said, "Begin with v=DMARC1; p=none; rua=..."),)


def _asked(domain: str, at: str, found: dict[str, str]) -> Finding:
    policy = found.get("p", "").lower() if at == domain else found.get("sp", found.get("p", ""))
    told = "and reports are asked for" if found.get("rua") else "and no reports are asked for"
    where = "" if at == domain else f" (from {at})"
    if policy in ("quarantine", "reject"):
        return Finding(domain, "DMARC", State.HOLDS, f"p={policy}{where}, {told}")
    if policy == "none":
        said = f"p=none{where}: forged mail is watched and let through, {told}"
        wanted = "Go on to p=quarantine when the reports show only your own servers."
        return Finding(domain, "DMARC", State.DIFFERS, said, wanted)
    return Finding(domain, "DMARC", State.DIFFERS, "its policy is not understood", "Mend its p=.")


def _upwards(domain: str) -> tuple[str, ...]:
    """The domain and those above it, but for the top: where a policy is looked for (RFC 7489)."""
    labels = domain.split(".")[-_MOST_LABELS:]
    above = [".".join(labels[start:]) for start in range(len(labels) - 1)]
    return tuple(dict.fromkeys((domain, *above)))


def _of_version(records: tuple[str, ...], version: str) -> list[str]:
    return [each for each in records if tags(each.partition(";")[0]).get("v") == version]


def dkim(domain: str, selector: str, answers: Answers) -> tuple[Finding, ...]:
    """Whether the key of a selector is there, and long enough (RFC 6376, 8301)."""
    topic = f"DKIM, selector {selector}"
    records = answers.one(f"{selector}._domainkey.{domain}", "TXT")
    found = [tags(each) for each in records if "p" in tags(each)]
    if not found:
        wanted = "Publish the key that the server signs with, or name the right selector."
        return (Finding(domain, topic, State.DIFFERS, "no key", wanted),)
    if not found[0]["p"]:
        said = "the key is withdrawn (an empty p=)"
        return (Finding(domain, topic, State.DIFFERS, said, "Sign with another selector."),)
    return (_strong(domain, topic, found[0]),)


def _strong(domain: str, topic: str, key: dict[str, str]) -> Finding:
    if key.get("k", "rsa") == "ed25519":
        return Finding(domain, topic, State.HOLDS, "an Ed25519 key")
    bits = _rsa_bits(key["p"])
    if bits is None:
        return Finding(
            domain, topic, State.DIFFERS, "a key that cannot be read", "Publish it anew."
        )
    tested = ", for tests only (t=y)" if "y" in key.get("t", "") else ""
    said = f"an RSA key of {bits} bits{tested}"
    if bits < _BROKEN_RSA_BITS:
        wanted = "Make a new one of 2,048 bits: receivers do not believe this one."
        return Finding(domain, topic, State.DIFFERS, said, wanted)
    if bits < _WEAK_RSA_BITS:
        return Finding(domain, topic, State.DIFFERS, said, "Make a new one of 2,048 bits.")
    return Finding(domain, topic, State.HOLDS, said)


def _rsa_bits(text: str) -> int | None:
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415 - slow to load
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import load_der_public_key  # noqa: PLC0415

    try:
        key = load_der_public_key(base64.b64decode("".join(text.split()), validate=True))
    except (ValueError, binascii.Error, UnsupportedAlgorithm):
        return None
    return key.key_size if isinstance(key, RSAPublicKey) else None


def mta_sts(domain: str, answers: Answers) -> tuple[Finding, ...]:
    """Whether senders are told to insist on TLS (RFC 8461); the policy itself is not fetched."""
    found = _of_version(answers.one(f"_mta-sts.{domain}", "TXT"), "STSv1")
    if len(found) == 1 and tags(found[0]).get("id"):
        said = f"announced; the policy at https://mta-sts.{domain}/ was not read"
        return (Finding(domain, "MTA-STS", State.HOLDS, said),)
    if found:
        return (Finding(domain, "MTA-STS", State.DIFFERS, "not one record with an id", "Mend it."),)
    return (Finding(domain, "MTA-STS", State.ABSENT, "an attacker in the middle can strip TLS"),)


def tls_reports(domain: str, answers: Answers) -> tuple[Finding, ...]:
    """Whether senders are asked to tell of failed TLS (RFC 8460)."""
    found = _of_version(answers.one(f"_smtp._tls.{domain}", "TXT"), "TLSRPTv1")
    if len(found) == 1 and tags(found[0]).get("rua"):
        return (Finding(domain, "TLS-RPT", State.HOLDS, f"to {tags(found[0])['rua'][:100]}"),)
    if found:
        return (Finding(domain, "TLS-RPT", State.DIFFERS, "not one record with a rua", "Mend it."),)
    return (Finding(domain, "TLS-RPT", State.ABSENT, "nobody tells when TLS to it fails"),)
