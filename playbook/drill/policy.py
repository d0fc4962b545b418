"""The password policy, as the tool enforces it."""

from playbook.drill.settings import Settings, Values

FORBIDDEN = frozenset(" \"'`$%^&,;\\|<>")


def breaks_policy(settings: Settings, address: str, password: str) -> bool:
    """Whether the policy refuses a password for an account."""
    rules = {
        name.removeprefix("c_accounts_policies_pass_"): value
        for name, value in settings.system.items()
    }
    if rules["enable"] != "1":
        return False
    counts = {
        "minlength": len(password),
        "digits": sum(letter.isdigit() for letter in password),
        "alpha": sum(letter.isalpha() for letter in password),
        "upperalpha": sum(letter.isupper() for letter in password),
        "nonalphanum": sum(not letter.isalnum() for letter in password),
    }
    too_few = any(count < int(rules[rule]) for rule, count in counts.items())
    return too_few or password.lower() in _names(settings.accounts[address], address)


def _names(account: Values, address: str) -> frozenset[str]:
    return frozenset({address, address.partition("@")[0], *account["u_alias"].split(";")})
