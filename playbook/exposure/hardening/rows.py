"""The recommended settings: a data file, read strictly."""

import tomllib
from importlib.resources import files
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from playbook.errors import BadInput
from playbook.mail.settings import Asked

_TESTS: Final = ("is_", "at_least", "at_most", "not_zero", "not_empty", "narrow")

Name = Annotated[str, Meta(pattern=r"^[cdu]_[a-z0-9_]{2,80}$")]
Words = Annotated[str, Meta(min_length=1)]
Prevents = Literal["relay", "forging", "guessing", "flood", "spam", "blindness", "persistence"]


class Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"is_": "is"}):
    """One recommendation: the product's variable, of what, and the value it is to have.

    Exactly one of the tests is given. `choice`: what is right is the operator's to say. `why` says
    what happens without it, `breaks` whom it may hinder.
    """

    variable: Name
    scope: Literal["system", "domain", "account"]
    en: Words
    fr: Words
    why: Words
    prevents: Prevents
    breaks: str = ""
    source: str = ""
    choice: bool = False
    is_: tuple[str, ...] | None = None
    at_least: int | None = None
    at_most: int | None = None
    not_zero: bool | None = None
    not_empty: bool | None = None
    narrow: bool | None = None

    def __post_init__(self) -> None:
        """One test, no more and no less."""
        given = [name for name in _TESTS if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"{self.variable} has {len(given)} tests, and one is wanted")


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    row: tuple[Row, ...]


def parse(text: str) -> tuple[Row, ...]:
    """The rows of a data file, in its order; raises `BadInput` where a key is not understood."""
    try:
        return msgspec.convert(tomllib.loads(text), _File).row
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise BadInput("The file of settings is not understood", str(error)) from error


def known() -> tuple[Row, ...]:
    """The rows that come with the program."""
    file = files("playbook.exposure.hardening") / "settings.toml"
    return parse(file.read_text(encoding="utf-8"))


def variables(rows: tuple[Row, ...], scope: str) -> tuple[str, ...]:
    """The variables that the rows of a scope need, each once."""
    return tuple(dict.fromkeys(row.variable for row in rows if row.scope == scope))


def asked(rows: tuple[Row, ...], *, check_passwords: bool = False) -> Asked:
    """What a mail server has to be asked for these rows."""
    tests = {row.variable: "~0" if row.not_zero else f"={(row.is_ or ('',))[0]}" for row in rows}
    accounts = {name: tests[name] for name in variables(rows, "account")}
    system, domains = variables(rows, "system"), variables(rows, "domain")
    return Asked(system, domains, accounts, check_passwords)
