"""Account names: folded for comparison, and whether two of them are one account.

People type the same account in several ways: with or without the domain, with `%` or `/` where
the server takes them for `@`, behind a domain and a backslash, by an alias, by an alias of the
domain, in capitals. Here alone stands which of these are one.
"""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final

MAX_ACCOUNT_CHARS: Final = 254
NO_ALIASES: Final[Mapping[str, str]] = MappingProxyType({})
_BLANKS: Final = " \t\r\n<>\"'"
_DOMAIN: Final = r"[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}\.?"
_BEHIND: Final = re.compile(rf"([^@%/\\]{{1,190}})[%/]({_DOMAIN})", re.ASCII)
_BEFORE: Final = re.compile(r"([^@\\]{1,190})\\([^\\]{1,254})")


@lru_cache(maxsize=1 << 14)
def fold_account(name: str) -> str:
    r"""An account's name as it is compared: `name@domain` or a bare name, lower case, bounded.

    Blanks, quotes and brackets around it are left out. A domain of Windows (`CORP\name`) is
    none of mail: what is left is the bare name.
    """
    folded = name.strip(_BLANKS).lower()[:MAX_ACCOUNT_CHARS]
    if "\\" in folded and (found := _BEFORE.fullmatch(folded)):
        domain, account = found.groups()
        is_bare = "@" not in account and re.fullmatch(_DOMAIN, domain, re.ASCII)
        folded = f"{account}@{domain}" if is_bare else account
    if ("%" in folded or "/" in folded) and (found := _BEHIND.fullmatch(folded)):
        folded = f"{found.group(1)}@{found.group(2)}"
    return (folded.rstrip(".") if "@" in folded else folded)[:MAX_ACCOUNT_CHARS]


def is_same_account(one: str, other: str, aliases: Mapping[str, str] = NO_ALIASES) -> bool:
    """Whether two names may be one account; a login name without domain fits any domain.

    `aliases` gives for a folded name the account that is known to be behind it.
    """
    one, other = fold_account(one), fold_account(other)
    one, other = aliases.get(one, one), aliases.get(other, other)
    if one == other:
        return bool(one)
    if "@" in one and "@" in other:
        return False
    return bool(one and other) and one.partition("@")[0] == other.partition("@")[0]


def is_among(
    account: str, accounts: Iterable[str], aliases: Mapping[str, str] = NO_ALIASES
) -> bool:
    """Whether a name may be one of some accounts."""
    return any(is_same_account(account, each, aliases) for each in accounts)


def known_aliases(accounts: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Aliases as a server tells them: pairs of an address and its aliases with `;` between.

    An alias without a domain is one in the account's own. A bare name, of the address or of an
    alias, is one too, where it fits no other of the accounts.
    """
    known: dict[str, str] = {}
    bare: dict[str, set[str]] = {}
    for address, told in accounts:
        account = fold_account(address)
        local, _, domain = account.partition("@")
        if account:
            bare.setdefault(local, set()).add(account)
        for alias in map(fold_account, told.split(";")):
            if alias and account:
                known[alias if "@" in alias else f"{alias}@{domain}"] = account
                bare.setdefault(alias.partition("@")[0], set()).add(account)
    known |= {name: each for name, (each, *others) in bare.items() if not others}
    return {alias: account for alias, account in known.items() if alias != account}
