"""What an attacker sets in an account to stay, as the product names it (source: its variables)."""

import shlex
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from playbook.mail.scripts.answers import is_on, shown
from playbook.mail.survey import Account, Persistence, Product

# A value that says where mail goes or who gets in: what is true of the account where it has one.
_VALUES: Final = {
    "u_forwardto": "a copy of its mail is forwarded to {value}",
    "u_mailin": "a silent copy of what it receives goes to {value}",
    "u_mailout": "a silent copy of what it sends goes to {value}",
    "u_alternateemail": "a forgotten password is reset through {value}",
    "u_2f_phone": "its second factor is the telephone {value}",
    "u_clientid_allowedlist": "these clients may log in: {value}",
    "u_rulescontentxml": "it has rules, which may forward, answer or delete: {value}",
    "u_rulessieve": "it has rules in Sieve, which may forward, answer or delete: {value}",
}
# A value that counts only while a switch is on.
_SWITCHED: Final = {
    "u_forwardolderto": ("u_forwardolder", "its older mail is forwarded to {value}"),
    "u_remoteaddress": ("u_useremoteaddress", "all its mail is redirected to {value}"),
}
_SWITCHES: Final = {
    "u_respond": "it answers mail by itself",
    "u_admin": "it has the rights of an administrator of the server",
    "u_domainadmin": "it has the rights of an administrator of its domain",
    "u_webadmin": "it has the rights of an administrator on the web",
    "u_gatewayadmin": "it has the rights of an administrator of the gateway",
}


def with_persistence(account: Account, product: Product) -> Account:
    """The account, with what in its settings may keep an attacker in, and how each is taken out."""
    values = dict(account.settings)
    found = {**_of_values(values), **_of_switches(values), **_of_names(account.address, values)}
    return replace(
        account,
        persistence=tuple(
            Persistence(name, what, _remedy(account.address, name, product))
            for name, what in found.items()
        ),
    )


def _of_values(values: Mapping[str, str]) -> dict[str, str]:
    plain = {name: words for name, words in _VALUES.items() if values.get(name, "").strip()}
    switched = {
        name: words
        for name, (switch, words) in _SWITCHED.items()
        if values.get(name, "").strip() and is_on(values.get(switch, ""))
    }
    return {
        name: words.format(value=shown(values[name], 120))
        for name, words in (plain | switched).items()
    }


def _of_switches(values: Mapping[str, str]) -> dict[str, str]:
    return {
        name: words
        for name, words in _SWITCHES.items()
        if values.get(name, "0").strip().lower() not in ("", "0", "false", "no")
    }


def _of_names(address: str, values: Mapping[str, str]) -> dict[str, str]:
    """Its names besides the one in its address, where somebody may have added one."""
    own = address.partition("@")[0]
    names = [each.strip() for each in values.get("u_alias", "").split(";")]
    others = [each for each in names if each and each.lower() not in (own, address)]
    return {"u_alias": f"it has further names: {shown(', '.join(others), 120)}"} if others else {}


def _remedy(address: str, name: str, product: Product) -> str:
    """The command that takes it out; a name or rule is looked at before."""
    verb = "modify" if product.dialect == "display" else "set"
    value = "0" if name in _SWITCHES else address.partition("@")[0] if name == "u_alias" else ""
    words = (product.tool, verb, "account", address, name, value)
    return " ".join(map(shlex.quote, words))
