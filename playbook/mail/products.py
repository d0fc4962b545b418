"""The products that are known: the one place that imports them."""

from collections.abc import Callable

from playbook.hosts.host import Host
from playbook.mail.actions import MailAction, PasswordReset
from playbook.mail.icewarp import guide
from playbook.mail.icewarp.adapter import IceWarp
from playbook.mail.icewarp.formats.folder import judge_queue, read_folder
from playbook.mail.icewarp.formats.notices import look_at, notices
from playbook.mail.icewarp.formats.samples import LocalSamples
from playbook.mail.icewarp.reader import IceWarpReader
from playbook.mail.reinjection import MailList
from playbook.mail.scripts.outbox import Outbox
from playbook.mail.server import HeldServer, Samples, ServerReader
from playbook.secret import Secret
from playbook.smtplog.reading import LogReading
from playbook.transports.base import Transport

# What reads a queue and logs that lie on this machine stands under the names of the product.
__all__ = [
    "LogReading",
    "by_hand",
    "evidence_by_hand",
    "judge_queue",
    "local_samples",
    "look_at",
    "notices",
    "read_folder",
    "reader",
    "server",
]


def reader(
    host: Host,
    transport: Transport,
    accounts: tuple[str, ...] = (),
    watching: Callable[[int, int], bool] = lambda seconds, of: True,
) -> ServerReader:
    """The mail server of a host, to be looked at only: no journal, no lease.

    `accounts` are those that it is asked about; `watching` is told how long a watch has gone on,
    of how many seconds, and says whether to go on.
    """
    return IceWarpReader(transport, host.icewarp, accounts, watching)


def server(
    reader: ServerReader,
    journal: Outbox,
    mint: Callable[[PasswordReset], Secret],
    good: MailList,
    interrupted: Callable[[], str],
) -> HeldServer:
    """The same server, to be changed: it knows what the reader saw.

    `mint` makes a new password when it is sent; `good` is the list of mail to give back;
    `interrupted` says between two slices why it is to stop, and "" where nobody wants that.
    """
    assert isinstance(reader, IceWarpReader)
    return IceWarp(reader, journal, mint, good, interrupted)


def local_samples() -> Samples:
    """Whoever reads samples of a queue in a folder of this machine."""
    return LocalSamples()


def by_hand(kind: type[MailAction]) -> tuple[str, ...]:
    """What a person types for an action of a kind, with placeholders: nobody looked yet."""
    return guide.generic(kind)


def evidence_by_hand() -> tuple[str, ...]:
    """What a person types to keep what a stop would destroy, with placeholders."""
    return guide.generic_evidence()
