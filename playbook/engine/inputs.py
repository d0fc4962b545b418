"""What a person asked of a run: its inputs, asked for by steps by their type."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class NamedAccounts:
    """The accounts that the person named, as they were typed."""

    names: tuple[str, ...]


@dataclass(frozen=True)
class AsideName:
    """What is put behind the name of a folder that is set aside: the incident, and a number."""

    incident: str
    round: int = 1

    @property
    def suffix(self) -> str:
        """The incident's name, with a number from the second time on."""
        return self.incident if self.round == 1 else f"{self.incident}.{self.round}"


@dataclass(frozen=True)
class Consent:
    """What the person agreed to beforehand: to end processes, to have the password expire."""

    kill: bool = False
    expire_password: bool = False


@dataclass(frozen=True)
class WatchTime:
    """How long `confirm_closed` watches, in seconds."""

    seconds: int = 90


@dataclass(frozen=True)
class PublicAddresses:
    """The addresses that the person knows the server to send from."""

    addresses: tuple[str, ...]


@dataclass(frozen=True)
class EarlierIncidents:
    """What other incidents of the server left: whether one of them owes its watchdog of SMTP."""

    watchdog_was_on: bool = False


@dataclass(frozen=True)
class SessionModules:
    """The modules that hold logged-in sessions; `always`: restart them whatever was seen."""

    names: tuple[str, ...]
    always: bool = False


@dataclass(frozen=True)
class Retention:
    """How many days after the opening of the incident the spam is kept as evidence."""

    opened_at: datetime
    days: int


@dataclass(frozen=True)
class Pace:
    """How good mail is given back.

    `per_minute` is the pace after the canary, 0 for none. The canary is `canary_size` mails, and
    is waited for at most `canary_patience_s`; so is what is still in the queue at the end.
    `default_from` is put into mail that has no From line; with "" no byte is changed.
    """

    per_minute: int = 60
    canary_size: int = 10
    canary_patience_s: int = 300
    default_from: str = ""


@dataclass(frozen=True)
class ClosedElsewhere:
    """Stolen accounts of the same mail server that other incidents kept here have closed."""

    accounts: tuple[str, ...]

    def knows(self, account: str) -> bool:
        """Whether one of them is this account."""
        return account.lower() in {each.lower() for each in self.accounts}
