"""Which settings of a mail server let it happen, held against what is recommended. No I/O."""

from collections.abc import Iterable, Iterator, Mapping
from ipaddress import ip_network
from typing import Final

from playbook.exposure.finding import Finding, State
from playbook.exposure.hardening.rows import Row
from playbook.mail.settings import Settings
from playbook.text import one_line

# A network of more addresses than this is not one site's few machines.
_WIDE_ADDRESSES: Final = 256
_MOST_NAMED: Final = 5
_TRUE: Final = {"true": "1", "false": "0", "yes": "1", "no": "0"}


def audit(settings: Settings, rows: Iterable[Row]) -> tuple[Finding, ...]:
    """How each recommendation stands, those first that would have prevented the most."""
    found = [finding for row in rows for finding in _of(row, settings)]
    found += _passwords(settings)
    return tuple(sorted(found, key=lambda each: _ORDER[each.state]))


_ORDER: Final = {State.DIFFERS: 0, State.UNKNOWN: 1, State.ABSENT: 2, State.HOLDS: 3}


def _of(row: Row, settings: Settings) -> Iterator[Finding]:
    match row.scope:
        case "system":
            yield _of_server(row, settings.system)
        case "domain":
            yield _of_domains(row, settings.domains)
        case "account":
            yield _of_accounts(row, settings)


def _of_server(row: Row, system: Mapping[str, str]) -> Finding:
    value = system.get(row.variable)
    if value is None:
        return _not_here(row)
    wrong = fault(row, value)
    return _stands(row, wrong, f"it is {one_line(value, 80) or 'empty'}")


def _of_domains(row: Row, domains: Mapping[str, Mapping[str, str]]) -> Finding:
    told = {name: each[row.variable] for name, each in domains.items() if row.variable in each}
    if not told:
        return _not_here(row)
    wrong = [name for name, value in told.items() if fault(row, value)]
    said = f"{_named(wrong)} of {len(told)} domains" if wrong else f"in all {len(told)} domains"
    return _stands(row, "; ".join(wrong), said)


def _of_accounts(row: Row, settings: Settings) -> Finding:
    count = settings.accounts.get(row.variable)
    if count is None:
        return _not_here(row)
    said = f"{count.differ:,} of {count.of:,} accounts differ"
    sample = f": {_named(list(count.sample), count.differ)}" if count.sample else ""
    return _stands(row, said if count.differ else "", said + sample)


def _passwords(settings: Settings) -> list[Finding]:
    weak = settings.weak_passwords
    topic = "Passwords obey the policy"
    if weak is None:
        return []
    if not weak.differ:
        return [Finding("passpolicy", topic, State.HOLDS, "all of them, says the product")]
    said = f"{weak.differ:,} accounts do not: {_named(list(weak.sample), weak.differ)}"
    wanted = "Have these people choose another one."
    return [Finding("passpolicy", topic, State.DIFFERS, said, wanted)]


def _stands(row: Row, wrong: str, said: str) -> Finding:
    """A choice of the operator's is told, and never called wrong."""
    if not wrong:
        return Finding(row.variable, row.en, State.HOLDS, said)
    breaks = f" It may hinder {row.breaks}." if row.breaks else ""
    if row.choice:
        return Finding(row.variable, row.en, State.ABSENT, f"{said}: {row.why}", f"Decide.{breaks}")
    wanted = f"Set it as recommended ({wanted_value(row)}).{breaks}"
    return Finding(row.variable, row.en, State.DIFFERS, f"{said}: {row.why}", wanted)


def _not_here(row: Row) -> Finding:
    said = "this version does not know it, or did not tell"
    return Finding(row.variable, row.en, State.UNKNOWN, said)


def _named(names: list[str], of: int | None = None) -> str:
    shown = ", ".join(one_line(each, 60) for each in names[:_MOST_NAMED])
    more = (of or len(names)) - min(len(names), _MOST_NAMED)
    return f"{shown} and {more:,} more" if more > 0 else shown


def wanted_value(row: Row) -> str:
    """What a row wants, in words."""
    if row.is_ is not None:
        return " or ".join(row.is_)
    if row.at_least is not None:
        return f"at least {row.at_least}"
    if row.at_most is not None:
        return f"1 to {row.at_most}"
    return "few addresses" if row.narrow else "a value"


def fault(row: Row, value: str) -> str:
    """Why a value is not what the row wants, or ""."""
    plain = _TRUE.get(value.strip().lower(), value.strip())
    if row.is_ is not None:
        return "" if plain in row.is_ else "another value"
    if row.narrow:
        return _wide(plain)
    if row.not_empty:
        return "" if plain else "empty"
    if not plain.isdecimal():
        return "not a number"
    number = int(plain)
    if row.not_zero:
        return "" if number else "no limit"
    if row.at_least is not None:
        return "" if number >= row.at_least else "too small"
    return "" if 0 < number <= (row.at_most or 0) else "too large, or off"


def _wide(text: str) -> str:
    """The entries of a list of trusted addresses that are whole networks, or ""."""
    entries = [each.strip() for each in text.replace(",", ";").split(";")]
    return "; ".join(each for each in entries if each and _is_wide(each))


def _is_wide(entry: str) -> bool:
    first, dash, last = entry.partition("-")
    try:
        if dash:
            ends = ip_network(last.strip()), ip_network(first.strip())
            return int(ends[0][0]) - int(ends[1][0]) >= _WIDE_ADDRESSES
        return ip_network(entry, strict=False).num_addresses > _WIDE_ADDRESSES
    except ValueError:
        return entry.count("*") > 1
