"""The settings of a mail server as it tells them, under its product's own names."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Asked:
    """What a mail server is asked for, under its product's own names.

    `accounts` says by variable what an account is to have: `=VALUE`, or `~0` for above zero. With
    `check_passwords` the product holds every password against its policy, which may take minutes.
    """

    system: tuple[str, ...]
    domains: tuple[str, ...]
    accounts: Mapping[str, str]
    check_passwords: bool = False


@dataclass(frozen=True)
class Count:
    """How many accounts have another value than is wanted, of how many, and some of them."""

    differ: int
    of: int
    sample: tuple[str, ...] = ()


@dataclass(frozen=True)
class Settings:
    """What was asked for and is known there; a variable that a version has not is left out.

    `accounts` are counted where they lie: there may be tens of thousands of them.
    """

    system: Mapping[str, str]
    domains: Mapping[str, Mapping[str, str]]
    accounts: Mapping[str, Count]
    weak_passwords: Count | None = None
