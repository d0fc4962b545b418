"""Which transport, product, resolver and inputs serve this host."""

import getpass
import socket
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from playbook.dns.nameserver import name_server
from playbook.dns.resolver import LazyResolver
from playbook.engine.findings import AccountsClosed, CompromisedAccounts, QueuesSetAside
from playbook.engine.inputs import (
    AsideName,
    ClosedElsewhere,
    Consent,
    NamedAccounts,
    Pace,
    PublicAddresses,
    Retention,
    SessionModules,
    WatchTime,
)
from playbook.engine.operator import Operator
from playbook.engine.saved_plan import SavedPlan
from playbook.exposure import lists
from playbook.exposure.blacklists import Blacklists
from playbook.hosts.host import Host
from playbook.incident import store
from playbook.incident.incident import Incident
from playbook.incident.journal import Journal
from playbook.incident.manifest.store import MANIFEST, Manifest
from playbook.mail import products
from playbook.mail.actions import PasswordReset
from playbook.mail.reinjection import MailList, NoMail
from playbook.mail.server import HeldServer, ServerReader
from playbook.mail.survey import SetAside
from playbook.secret import Secret, mint
from playbook.transports.base import Transport
from playbook.transports.local import Local
from playbook.transports.ssh import Questions, Ssh

_OTHER_INCIDENTS = 20


@dataclass(frozen=True)
class Options:
    """What the person asked for besides the accounts.

    `adopted` is a folder that somebody set aside by hand, for a runbook that begins with it.
    """

    runbook: str = "compromised-account"
    adopted: SetAside | None = None
    kill: bool = False
    expire_password: bool = False
    end_sessions: bool = False
    contain: bool = False
    first: str = ""
    last: str = ""
    take_over: str = ""
    per_minute: int = 60
    default_from: str = ""
    plan: SavedPlan | None = None
    keep_days: int = 30


@dataclass(frozen=True)
class Desk:
    """A host, how it is reached, and who sits in front of it."""

    host: Host
    transport: Transport
    operator: Operator
    canary_patience_s: int = 300
    home: Path = field(default_factory=store.home)

    def reader(self, accounts: tuple[str, ...] = ()) -> ServerReader:
        """The mail server, to be looked at only; `accounts` are those that it is asked about."""
        return products.reader(self.host, self.transport, accounts, self.operator.watching)

    def server(
        self, looking: ServerReader, journal: Journal, good: MailList | None = None
    ) -> HeldServer:
        """The mail server that was looked at, to be changed; `good` is the mail to give back."""

        def new_password(action: PasswordReset) -> Secret:
            secret = mint(action.shape)
            self.operator.keeps(action.account, secret)
            return secret

        mail = good or NoMail()
        return products.server(looking, journal, new_password, mail, self.operator.interrupted)


def transport(host: Host, questions: Questions | None) -> Transport:
    """How the host is reached."""
    return Local(host.elevate) if host.transport == "local" else Ssh(host, questions)


def who() -> str:
    """Who acts, and from where: for the lease and the journal."""
    return f"{getpass.getuser()}@{socket.gethostname()}"


def accounts_of(case: Incident) -> tuple[str, ...]:
    """The accounts that the incident was opened for."""
    return case.opening.accounts


def manifest_of(case: Incident) -> Manifest:
    """What each queue file of an incident is held to be; to be closed."""
    return Manifest(case.folder / MANIFEST if case.folder else None)


def _inputs(
    desk: Desk,
    case: Incident,
    accounts: tuple[str, ...],
    options: Options,
    manifest: Manifest,
) -> Iterable[object]:
    known = desk.host.icewarp
    modules = tuple(filter(None, known.other_modules.split(",")))
    return (
        NamedAccounts(accounts),
        _closed_elsewhere(desk, case),
        AsideName(case.name, case.round),
        Consent(options.kill, options.expire_password),
        WatchTime(known.confirm_s),
        SessionModules(modules, options.end_sessions),
        Retention(_opened_at(case), options.keep_days),
        Pace(
            options.per_minute,
            canary_patience_s=desk.canary_patience_s,
            default_from=options.default_from,
        ),
        manifest,
        public_addresses(desk.host),
        blacklists(desk.host.resolver),
        *_adopted(accounts, options),
    )


def _opened_at(case: Incident) -> datetime:
    records = case.journal.records
    return records[0].at if records else datetime.now(UTC)


def _adopted(accounts: tuple[str, ...], options: Options) -> tuple[object, ...]:
    """What the steps that were done by hand would have left."""
    if options.adopted is None:
        return ()
    closed = AccountsClosed(tuple((account, "by hand") for account in accounts))
    return CompromisedAccounts(accounts), closed, QueuesSetAside((options.adopted,))


def _closed_elsewhere(desk: Desk, case: Incident) -> ClosedElsewhere:
    sound, _ = store.kept(desk.home)
    closed: list[str] = []
    for other in [each for each in sound if each.name != case.name][:_OTHER_INCIDENTS]:
        end = other.closed("reset_password")
        if other.host == case.host and end and end.outcome.good:
            closed += accounts_of(other)
    return ClosedElsewhere(tuple(closed))


def public_addresses(host: Host) -> PublicAddresses:
    """What the inventory says of the addresses that the host sends from."""
    return PublicAddresses(tuple(filter(None, (host.icewarp.public_addresses or "").split(","))))


def resolver(server: str | None) -> LazyResolver:
    """Whoever answers DNS questions: a name server, or else those of this machine."""
    return LazyResolver((name_server(server),) if server else ())


def blacklists(server: str | None) -> Blacklists:
    """The lists that are known, asked through a name server, or else through this machine's own."""
    return Blacklists(lists.known(), resolver(server))
