"""Settings of an IceWarp server, its domains and its accounts, read in one script."""

from collections.abc import Callable, Mapping
from typing import Final

from playbook.mail.scripts import answers
from playbook.mail.settings import Asked, Count, Settings
from playbook.transports.base import Value
from playbook.transports.frame import ScriptRecord

# An export of 50,000 accounts takes a while; the product does it in one call.
EXPORT_S: Final = 600

Ask = Callable[[str, Mapping[str, Value], float], tuple[ScriptRecord, ...]]


def read(ask: Ask, service: Mapping[str, Value], wanted: Asked) -> Settings:
    """The settings of the server and of its domains, and its accounts counted.

    Raises a `TransportError`.
    """
    values: dict[str, Value] = {
        **service,
        "export_patience": EXPORT_S,
        "variables": " ".join(wanted.system),
        "domain_variables": " ".join(wanted.domains),
        "account_tests": " ".join(f"{name}{test}" for name, test in wanted.accounts.items()),
        "check_passwords": "yes" if wanted.check_passwords else "",
    }
    found = answers.gathered(ask("read/settings", values, 3 * EXPORT_S))
    return _settings(found, set(wanted.system))


def _settings(found: answers.Answers, asked: set[str]) -> Settings:
    system = {name: value for name, value in found.all("setting", 2) if name in asked}
    domains: dict[str, dict[str, str]] = {}
    for domain, name, value in found.all("domain_setting", 3):
        domains.setdefault(domain, {})[name] = value
    samples: dict[str, list[str]] = {}
    for name, address in found.all("account_sample", 2):
        samples.setdefault(name, []).append(address)
    accounts = {
        name: Count(int(differ), int(of), tuple(samples.get(name, ())))
        for name, differ, of in found.all("account_count", 3)
        if differ.isdecimal() and of.isdecimal()
    }
    weak = next((int(count) for (count,) in found.all("weak", 1) if count.isdecimal()), None)
    named = tuple(address for (address,) in found.all("weak_sample", 1))
    of = max((each.of for each in accounts.values()), default=0)
    return Settings(system, domains, accounts, None if weak is None else Count(weak, of, named))
