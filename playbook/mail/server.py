"""What any mail server can say and do, in our words.

A `Reader` is all that a step's probe is handed: a `perform` there is a type error.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from playbook.transports.base import Tell, untold
from playbook.triage.features import Features

if TYPE_CHECKING:
    from playbook.mail.actions import MailAction


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
class Account:
    """An account that was named, as the server knows it; `address` is "" for an unknown one.

    `candidates` are the addresses that a bare login name may mean. `settings` are those that a
    thief changes in order to stay (forwarders, rules, aliases, rights), name and value.
    """

    named: str
    address: str
    may_submit: bool = True
    disabled: int = 0
    directory: str = ""
    candidates: tuple[str, ...] = ()
    password_changed: int | None = None
    settings: tuple[tuple[str, str], ...] = ()


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
class Holder:
    """Who holds the lease on the mail server, for which incident, since when.

    Times are Unix seconds on the server's clock; `idle_s` is how long nothing was done under it.
    """

    incident: str
    who: str
    token: str
    since: int
    idle_s: int


@dataclass(frozen=True)
class Signs:
    """What the queue and the log say of who submits, within the time they were given.

    `submitters`: `original sender` lines in a sample of the queue, with counts. `log`: the last
    lines of the SMTP log, raw. `partly`: the time ended before all was read.
    """

    submitters: tuple[tuple[str, int], ...] = ()
    sampled: int = 0
    log: bytes = b""
    log_name: str = ""
    partly: bool = False


@dataclass(frozen=True)
class Survey:
    """Everything that one look at the server tells, as far as a runbook needs it.

    `settings` are those that a run may change or that decide how it goes, by their product
    name. `watchdog` is None where the product has none. `incoming_pairs` is counted up to the
    limit that matters. `clock` is the server's, in Unix seconds. `addresses` are the one that the
    server binds to and those of its interfaces: behind a router, none of them is public.
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
    """What was seen while somebody watched: by how much the SMTP log grew, and who submitted.

    `log` is raw; `submitters` are the `original sender` lines of the files that came into the
    queue since it was set aside.
    """

    watched_s: int
    smtp: Module
    log: bytes = b""
    submitters: tuple[str, ...] = ()
    skipped: bool = False


@dataclass(frozen=True)
class Evidence:
    """What would be lost by the stop, by name: the bytes as the server gave them."""

    items: tuple[tuple[str, bytes], ...]


@dataclass(frozen=True)
class LogPiece:
    """A piece of an SMTP log: the log's path below the folder of the logs, and the next bytes.

    The pieces of a log come one after the other; the first of each is empty.
    """

    path: str
    data: bytes


@dataclass(frozen=True)
class Piece:
    """A file that is to be given back: its path below the folder set aside, bytes as on disk."""

    path: bytes
    size_bytes: int


@dataclass(frozen=True)
class Answered:
    """A remote server's refusal of a mail that was given back: for now (4xx) or for good (5xx).

    `text` is what it said, bounded and without what a terminal would obey; `of_us`: it says that
    our own address is the reason.
    """

    stem: str
    address: str
    text: str
    of_us: bool


@dataclass(frozen=True)
class GivenBack:
    """What became of the mail that was given back, by counts.

    Of the `published`, `accepted` left the queue without a refusal that was seen, `refused` left
    it with one, `deferred` wait there after a remote server's refusal for now, `leaving` were
    answered for good and lay there a moment before, and `untried` wait there unanswered;
    `waiting` samples the names of all three. `kept` counts what could not be given back,
    `kept_why` samples it. `refused_before` counts those that remote servers refused for our
    address before this run: a person has read that, and goes on; their texts are left out.
    `foreseen` is the part that only a plan gave back.
    """

    published: int = 0
    accepted: int = 0
    refused: int = 0
    deferred: int = 0
    leaving: int = 0
    untried: int = 0
    waiting: tuple[str, ...] = ()
    refusals: tuple[Answered, ...] = ()
    kept: int = 0
    kept_why: tuple[str, ...] = ()
    refused_before: int = 0
    foreseen: int = 0

    @property
    def answered(self) -> int:
        """How many were taken, or refused or put off for a reason that is not our address."""
        of_us = sum(each.of_us for each in self.refusals) + self.refused_before
        return self.accepted + max(self.refused + self.deferred + self.leaving - of_us, 0)

    @property
    def unsettled(self) -> int:
        """How many another look may see gone: a deferred one waits for hours."""
        return self.untried + self.leaving

    @property
    def in_queue(self) -> int:
        """How many lie in a live queue."""
        return self.deferred + self.unsettled

    @property
    def tried(self) -> int:
        """How many were published, but for those refused before this run."""
        return self.published - self.refused_before


class Reader(Protocol):
    """What a step may ask of the mail server."""

    def survey(self) -> Survey:
        """What is there: as last seen, each change having said what it left."""

    def evidence(self) -> Evidence:
        """What would be lost by a stop: connections, account settings, log files."""

    def watch(self, seconds: int) -> Activity:
        """Watch the accounts for so long."""

    def given_back(self, roles: tuple[Role, ...], patience_s: int) -> GivenBack:
        """What became of the mail given back out of queues of these roles.

        Waits until nothing of it is untried or remote servers name our address, and at most so
        long.
        """

    def look_again(self) -> None:
        """Forget what was seen: the next `survey` asks the server."""

    def queue_files(self, folder: str, tell: Tell = untold) -> Iterator[Features]:
        """The features of every file below a folder, as they come; paths relative to it.

        Raises a `TransportError`, in the middle too: it is then asked again from the beginning.
        """

    def smtp_logs(self, days: int, tell: Tell = untold) -> Iterator[LogPiece]:
        """The SMTP logs of the last days, in pieces, as they come; raises as `queue_files` does."""


class MailServer(Reader, Protocol):
    """A mail server that can also be changed."""

    def perform(self, action: "MailAction", tell: Tell = untold) -> str:
        """Bring the action about and say in a sentence what was seen of it.

        Raises `ServerRefused` where a script looked and did not do it, and a `TransportError`
        where it is not known.
        """
