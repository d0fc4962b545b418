"""What steps leave for later ones, asked for by type."""

from dataclasses import dataclass

from playbook.incident.manifest.values import Counts
from playbook.mail.survey import SetAside


@dataclass(frozen=True)
class CompromisedAccounts:
    """The addresses that the run is about, each a local account.

    `others` look compromised too, and nobody named or closed them yet.
    """

    addresses: tuple[str, ...]
    others: tuple[str, ...] = ()


@dataclass(frozen=True)
class SmtpDown:
    """SMTP was seen stopped; `watchdog` is what its watchdog was before."""

    watchdog: bool | None


@dataclass(frozen=True)
class QueuesSetAside:
    """Where the queue folders lie now, by role."""

    folders: tuple[SetAside, ...]


@dataclass(frozen=True)
class AccountsClosed:
    """The accounts that the attacker can no longer submit with, and how: password, blocked."""

    accounts: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class PersistenceFound:
    """What in the accounts may keep an attacker in: the address, and what it is in words."""

    settings: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class ListedAddresses:
    """The addresses and domains that a list names, and the public addresses that lists know of.

    An address is clean where it is among `answered` and not among `listed`; of any other, nothing
    is known.
    """

    listed: tuple[str, ...]
    answered: tuple[str, ...]


@dataclass(frozen=True)
class QueueInOrder:
    """The queue is sorted: how many files have each verdict, and every account held stolen."""

    counts: Counts
    stolen: tuple[str, ...]
