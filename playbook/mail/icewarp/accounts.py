"""What the records of an IceWarp server say of accounts, and of the passwords they may have."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from playbook.mail.names import holds_controls
from playbook.mail.scripts.answers import is_on, number, shown
from playbook.mail.survey import Account, PasswordPolicy
from playbook.transports.frame import ScriptRecord


def policy(values: Mapping[str, str]) -> PasswordPolicy:
    """The counts that the server asks of a new password; none where its policy is off."""

    def count(name: str) -> int:
        return min(number(values.get(f"c_accounts_policies_pass_{name}", "")) or 0, 100)

    if not is_on(values.get("c_accounts_policies_pass_enable", "0")):
        return PasswordPolicy()
    return PasswordPolicy(
        count("minlength"), count("digits"), count("upperalpha"), count("nonalphanum")
    )


def accounts(records: Iterable[ScriptRecord], asked: tuple[str, ...]) -> tuple[Account, ...]:
    """The accounts that were asked for, each as the server knows it.

    An account record is followed by its settings; several of one name are candidates. An address
    with blanks or control characters is none.
    """
    found: list[_Found] = []
    for record in records:
        if record.kind == "account":
            named, address = record.fields
            is_one = len(address.split()) == 1 and not holds_controls(address)
            found.append(_Found(named, address.strip().lower() if is_one else "", {}))
        elif record.kind == "account_setting" and found:
            name, value = record.fields
            found[-1].settings[name.lower()] = value
    return tuple(
        _account(named, [each for each in found if each.named == named and each.address])
        for named in asked
    )


class _Found(NamedTuple):
    named: str
    address: str
    settings: dict[str, str]


def _account(named: str, found: list[_Found]) -> Account:
    addresses = tuple(dict.fromkeys(each.address for each in found))
    if len(addresses) != 1:
        return Account(named, "", candidates=addresses)
    _, address, values = found[-1]
    mode = values.get("u_authmode", "0").strip()
    directory = values.get("u_authmodevalue", "").strip() or f"u_authmode {mode}"
    return Account(
        named=named,
        address=address,
        may_submit=is_on(values.get("u_smtp", "1")),
        disabled=number(values.get("u_accountdisabled", "0")) or 0,
        directory="" if mode in ("0", "") else shown(directory),
        settings=tuple((name, value) for name, value in values.items() if value),
    )
