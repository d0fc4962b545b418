"""What the records of an IceWarp server say of accounts, and of the passwords they may have."""

from collections.abc import Iterable, Mapping

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
    with control characters is none.
    """
    found: list[tuple[str, str, dict[str, str]]] = []
    for record in records:
        if record.kind == "account":
            named, address = record.fields
            plain = "" if holds_controls(address) else address.strip().lower()
            found.append((named, plain, {}))
        elif record.kind == "account_setting" and found:
            name, value = record.fields
            found[-1][2][name.lower()] = value
    return tuple(
        _account(named, [(address, each) for n, address, each in found if n == named and address])
        for named in asked
    )


def _account(named: str, found: list[tuple[str, dict[str, str]]]) -> Account:
    addresses = tuple(dict.fromkeys(address for address, _ in found))
    if len(addresses) != 1:
        return Account(named, "", candidates=addresses)
    address, values = found[-1]
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
