"""What a domain publishes in the DNS, looked at as those do who take its mail or write to it."""

from collections.abc import Iterator
from dataclasses import dataclass

from playbook.dns.questions import Resolver
from playbook.exposure.finding import Finding
from playbook.exposure.published import names, policies
from playbook.exposure.published.asking import Answers, Check, findings
from playbook.exposure.published.exchangers import TOPIC, addresses_of, exchangers
from playbook.exposure.published.spf import TOPIC as SPF
from playbook.exposure.published.spf import spf


@dataclass(frozen=True)
class Wanted:
    """What is to be looked at.

    `addresses` are those that the server sends from; without them those of the mail exchangers
    are taken. `selectors` are the names of its DKIM keys, `helo` the name it greets with.
    """

    domains: tuple[str, ...]
    addresses: tuple[str, ...] = ()
    selectors: tuple[str, ...] = ()
    helo: str = ""


def published(wanted: Wanted, resolver: Resolver) -> tuple[Finding, ...]:
    """How each point stands, a domain after the other, then addresses and the greeting."""
    return findings(_checks(wanted), resolver)


def _checks(wanted: Wanted) -> Iterator[Check]:
    for domain in wanted.domains:
        yield from _of_domain(domain, wanted)
    yield Check("addresses", "reverse name (PTR)", lambda answers: _named(wanted, answers))
    if wanted.helo:
        yield Check(
            wanted.helo,
            "HELO name",
            lambda answers: names.greeted(wanted.helo, _senders(wanted, answers), answers),
        )


def _of_domain(domain: str, wanted: Wanted) -> Iterator[Check]:
    yield Check(domain, TOPIC, lambda answers: exchangers(domain, answers))
    yield Check(domain, SPF, lambda answers: spf(domain, wanted.addresses, answers))
    yield Check(domain, "DMARC", lambda answers: policies.dmarc(domain, answers))
    for selector in wanted.selectors:
        yield _of_selector(domain, selector)
    yield Check(domain, "MTA-STS", lambda answers: policies.mta_sts(domain, answers))
    yield Check(domain, "TLS-RPT", lambda answers: policies.tls_reports(domain, answers))


def _of_selector(domain: str, selector: str) -> Check:
    topic = f"DKIM, selector {selector}"
    return Check(domain, topic, lambda answers: policies.dkim(domain, selector, answers))


def _senders(wanted: Wanted, answers: Answers) -> tuple[str, ...]:
    if wanted.addresses:
        return wanted.addresses
    found = [each for domain in wanted.domains for each in addresses_of(domain, answers)]
    return tuple(dict.fromkeys(found))


def _named(wanted: Wanted, answers: Answers) -> tuple[Finding, ...]:
    senders = _senders(wanted, answers)
    return tuple(found for each in senders for found in names.named(each, answers))
