"""What one look at a mail server tells, as frozen values."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from playbook.mail.lease import Holder
from playbook.smtplog.deliveries import Delivery
from playbook.smtplog.sessions import Session


class Role(StrEnum):
    """What a queue folder is for."""

    OUTGOING = "outgoing"
    RETRY = "retry"
    TEMPORARY = "temporary"
    INCOMING = "incoming"


class Kind(StrEnum):
    """What lies at the path of a queue folder."""

    FOLDER = "folder"
    LINK = "link"
    MOUNT = "mount"
    ABSENT = "absent"
    OTHER = "other"


@dataclass(frozen=True)
class Module:
    """A module of the mail server: its processes, and whether its port answers."""

    name: str
    pids: tuple[int, ...]
    listening: bool
    banner: str = ""

    @property
    def stopped(self) -> bool:
        """Seen stopped: no process is left and nothing listens."""
        return not self.pids and not self.listening

    @property
    def running(self) -> bool:
        """Seen running: a process is there, and its port answers."""
        return bool(self.pids) and self.listening


@dataclass(frozen=True)
class QueueFolder:
    """A queue folder: where the server looks for it, and what is really there.

    `target` is the path with links followed; `identity` is volume and inode ("" when absent).
    """

    role: Role
    path: str
    kind: Kind
    target: str
    identity: str


@dataclass(frozen=True)
class SetAside:
    """A queue folder that lies under another name, by this incident or another."""

    role: Role
    path: str


@dataclass(frozen=True)
class Volume:
    """Where a folder lies: its mount point, and what is free there (None: not told)."""

    path: str
    mount: str
    free_bytes: int | None
    free_inodes: int | None
    read_only: bool


@dataclass(frozen=True)
class Persistence:
    """Something in an account by which an attacker may stay: the setting, what it does, a remedy.

    `remedy` is the command that takes it out, with every name as one argument.
    """

    setting: str
    what: str
    remedy: str


@dataclass(frozen=True)
class Account:
    """An account that was named, as the server knows it; `address` is "" for an unknown one.

    `candidates` are the addresses that a bare login name may mean. `settings` are those that a
    attacker changes in order to stay (forwarders, rules, aliases, rights), name and value;
    `persistence` is what of them is in use.
    """

    named: str
    address: str
    may_submit: bool = True
    disabled: int = 0
    directory: str = ""
    candidates: tuple[str, ...] = ()
    settings: tuple[tuple[str, str], ...] = ()
    persistence: tuple[Persistence, ...] = ()


@dataclass(frozen=True)
class PasswordPolicy:
    """The counts that the server asks of a new password (0: none asked)."""

    length: int = 0
    digits: int = 0
    capitals: int = 0
    signs: int = 0


@dataclass(frozen=True)
class Product:
    """What runs there: product, version, operating system, and how its tool is spoken to."""

    name: str
    version: str
    system: str
    dialect: str
    tool_answers: bool
    tool: str
    control: str
    folder: str


@dataclass(frozen=True)
class Signs:
    """What a sample of the queue and the end of the SMTP log say of who submits.

    `queued`: how many of the `sampled` queue files name each account as their submitter.
    `sessions`: those at the end of the log, given anew whenever they are asked for; the first may
    lack its beginning. `partly`: there is more in the log than was read.
    """

    queued: tuple[tuple[str, int], ...] = ()
    sampled: int = 0
    sessions: Iterable[Session | Delivery] = ()
    partly: bool = False


@dataclass(frozen=True)
class Waiting:
    """A folder where mail waits for local delivery and that no role has, and what was counted."""

    path: str
    pairs: int
    of_accounts: int


@dataclass(frozen=True)
class Survey:
    """Everything that one look at the server tells, as far as a runbook needs it.

    `settings` are those that a run may change or that decide how it goes, by their product
    name. `watchdog` is None where the product has none. `incoming_pairs` is counted up to the
    limit that matters. `clock` is the server's, in Unix seconds. `addresses` are the one that the
    server binds to and those of its interfaces: behind a router, none of them is public.
    `unnameable` counts folders beside the queues whose names hold control characters: they are
    left out of `aside`, because nobody could be told of them.
    """

    host: str
    root: bool
    clock: int
    product: Product
    smtp: Module
    watchdog: bool | None
    policy: PasswordPolicy
    accounts: tuple[Account, ...]
    folders: tuple[QueueFolder, ...]
    aside: tuple[SetAside, ...]
    volumes: tuple[Volume, ...]
    incoming_pairs: int
    incoming_of_accounts: int
    nodes: tuple[str, ...]
    settings: tuple[tuple[str, str], ...]
    signs: Signs
    holder: Holder | None
    state_folder: str
    logs: str
    addresses: tuple[str, ...]
    unnameable: int = 0
    waiting: tuple[Waiting, ...] = ()

    @property
    def domains(self) -> tuple[str, ...]:
        """The mail domains of the accounts named."""
        found = (each.address.rpartition("@")[2] for each in self.accounts)
        return tuple(dict.fromkeys(filter(None, found)))

    def folder(self, role: Role) -> QueueFolder | None:
        """The queue folder of a role, where the server has one."""
        return next((each for each in self.folders if each.role is role), None)


@dataclass(frozen=True)
class Activity:
    """What was seen while somebody watched: what came into the SMTP log, and who submitted.

    `sessions` are given anew whenever they are asked for. `queued`: how many files of the queue
    that is filled since the other was set aside name each account as their submitter. `blind` says
    why a login might not have been seen, in words; it is empty where the log was seen to live and
    was read whole. `foreseen`: nobody watched, it was only planned.
    """

    watched_s: int
    smtp: Module
    sessions: Iterable[Session | Delivery] = ()
    queued: tuple[tuple[str, int], ...] = ()
    skipped: bool = False
    blind: tuple[str, ...] = ()
    foreseen: bool = False


@dataclass(frozen=True)
class Evidence:
    """What would be lost by the stop, by name: the bytes as the server gave them."""

    items: tuple[tuple[str, bytes], ...]
