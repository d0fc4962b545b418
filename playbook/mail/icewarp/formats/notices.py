"""What to say beside the verdicts of a folder: what was not read, and what was asked amiss."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from playbook.smtplog.accounts import fold_account, is_same_account
from playbook.smtplog.reading import LogReading
from playbook.text import counted, one_line
from playbook.triage.features import Features, FileKind
from playbook.triage.history import LogHistory

_SHOWN: Final = 5
_MOST_ACCOUNTS: Final = 1 << 16


@dataclass(frozen=True)
class QueueSeen:
    """A queue as it was found: how many files of each kind, what could not be read, who sent."""

    kinds: Counter[FileKind] = field(default_factory=Counter)
    unreadable: tuple[bytes, ...] = ()
    accounts: frozenset[str] = frozenset()


def look_at(queue: Iterable[Features]) -> QueueSeen:
    """One pass over the features of a queue."""
    kinds: Counter[FileKind] = Counter()
    unreadable: list[bytes] = []
    accounts: set[str] = set()
    for features in queue:
        kinds[features.kind] += 1
        if features.kind is FileKind.UNREADABLE and len(unreadable) < _SHOWN:
            unreadable.append(features.path)
        if len(accounts) < _MOST_ACCOUNTS:
            accounts.update(
                filter(None, (features.account, features.sender, features.from_address))
            )
    return QueueSeen(kinds, tuple(unreadable), frozenset(accounts))


def notices(
    seen: QueueSeen, log: LogHistory, accounts: tuple[str, ...], reading: LogReading | None
) -> tuple[str, ...]:
    """The sentences, names escaped and bounded; none where there is nothing to say.

    `reading` is `None` where no log was named.
    """
    said = [*_of_queue(seen), *_of_accounts(seen, log, accounts)]
    if reading is None:
        return tuple(said)
    if not reading.files:
        said.append("No SMTP log was found in what was named as logs.")
    said += [one_line(each, 400) for each in reading.sentences]
    return tuple(said)


def _of_queue(seen: QueueSeen) -> list[str]:
    files = seen.kinds.total()
    said: list[str] = []
    if not files:
        said.append("The folder is empty: is the queue somewhere below another one?")
    elif not files - seen.kinds[FileKind.FOREIGN] - seen.kinds[FileKind.UNREADABLE]:
        said.append(f"{counted(files, 'file')}, none a queue file: is this the folder of the logs?")
    elif not seen.kinds[FileKind.MESSAGE]:
        said.append(f"{counted(files, 'file')}, and none a message that can be judged.")
    if count := seen.kinds[FileKind.UNREADABLE]:
        names = ", ".join(
            one_line(each.decode("utf-8", "replace"), 120) for each in seen.unreadable
        )
        more = f" and {count - _SHOWN:,} more" if count > _SHOWN else ""
        said.append(
            f"Not read and not judged, a link, a folder that cannot be opened or no file:"
            f" {names}{more}."
        )
    return said


def _of_accounts(seen: QueueSeen, log: LogHistory, accounts: tuple[str, ...]) -> list[str]:
    known = log.logins | log.known_logins | seen.accounts
    return [
        f"{one_line(account, 254)} occurs neither in the queue nor in the log: is it mistyped?"
        for account in accounts
        if known and not any(is_same_account(fold_account(account), each) for each in known)
    ]
