"""What the records of an IceWarp server mean: records in, values out, no I/O."""

import ipaddress
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

from playbook.errors import AnswerUnreadable, ServerRefused
from playbook.mail.icewarp import accounts
from playbook.mail.icewarp.formats.queue_file import parse_message
from playbook.mail.icewarp.persistence import with_persistence
from playbook.mail.icewarp.smtp_logs import LogExcerpt
from playbook.mail.icewarp.variables import WATCHDOG
from playbook.mail.lease import Holder, home_of
from playbook.mail.names import holds_controls
from playbook.mail.scripts.answers import Answers, gathered, is_on, number, shown, unpacked
from playbook.mail.survey import (
    Account,
    Kind,
    Module,
    Product,
    QueueFolder,
    Role,
    SetAside,
    Signs,
    Survey,
    Volume,
    Waiting,
)
from playbook.transports.frame import ScriptRecord

_SHOWN: Final = 300
_RENAME: Final = (
    "Give it another name, or its real path in the inventory. Nothing was done; what a person "
    "types to stop SMTP meanwhile is in `respond show`."
)

# What comes of a log from a server that has nothing to pack it with.
_PLAIN_LOG_BYTES: Final = 200_000


def module(fields: tuple[str, ...]) -> Module:
    """What `say_smtp` says: name, process ids with commas, whether the port listens, banner."""
    name, pids, listening, banner = fields
    numbers = tuple(int(each) for each in pids.split(",") if each.isdecimal())
    return Module(shown(name), numbers, listening == "yes", shown(banner))


def holder(held: str, idle_since: int | None, clock: int) -> Holder | None:
    """The lease as its link says it: incident, who, since when, token."""
    parts = held.split(" ")
    if len(parts) != 4:
        return None
    incident, who, since, token = parts
    began = number(since) or clock
    idle_s = max(clock - (idle_since or began), 0)
    return Holder(shown(incident), shown(who), began, idle_s, shown(home_of(token)))


def survey(records: tuple[ScriptRecord, ...], named: tuple[str, ...], log_bytes: int) -> Survey:
    """A whole survey, of the accounts named; raises `AnswerUnreadable` where it is not one.

    `log_bytes` is how much of the end of the log was asked for. Raises `ServerRefused` where a
    folder or program that would be acted on has a name with control characters.
    """
    with strictly():
        return _nameable(_survey(records, named, log_bytes))


@contextmanager
def strictly() -> Iterator[None]:
    """Turn whatever a record that is none makes of a parser into `AnswerUnreadable`."""
    try:
        yield
    except (ValueError, TypeError, LookupError) as error:
        raise AnswerUnreadable(
            "The server's answer is not understood", shown(str(error))
        ) from error


def _survey(records: tuple[ScriptRecord, ...], named: tuple[str, ...], log_bytes: int) -> Survey:
    answers = gathered(records)
    host, user, clock = answers.one("host", 3)
    settings = tuple((name.lower(), value) for name, value in answers.all("setting", 2))
    values = dict(settings)
    watchdog = values.get(WATCHDOG)
    lease = answers.all("lease", 2)
    now = number(clock) or 0
    aside = tuple(map(_aside, answers.all("aside", 2)))
    product = _product(answers.one("product", 8))
    return Survey(
        host=shown(host),
        root=user == "0",
        clock=now,
        product=product,
        smtp=module(answers.one("module", 4)),
        watchdog=None if watchdog is None else is_on(watchdog),
        policy=accounts.policy(values),
        accounts=tuple(
            with_persistence(each, product) for each in accounts.accounts(records, named)
        ),
        folders=tuple(map(_folder, answers.all("folder", 5))),
        aside=tuple(each for each in aside if not holds_controls(each.path)),
        volumes=tuple(map(_volume, answers.all("volume", 5))),
        incoming_pairs=number(answers.one("pairs", 1)[0]) or 0,
        incoming_of_accounts=sum(number(n) or 0 for _, n in answers.all("incoming_of", 2)),
        nodes=tuple(shown(node) for (node,) in answers.all("node", 1)),
        settings=settings,
        signs=_signs(answers, log_bytes),
        holder=holder(lease[0][0], number(lease[0][1]), now) if lease else None,
        state_folder=answers.one("state", 1)[0],
        logs=answers.one("logs", 1)[0],
        addresses=tuple(each for (each,) in answers.all("address", 1) if _is_address(each)),
        unnameable=sum(holds_controls(each.path) for each in aside),
        waiting=tuple(
            Waiting(shown(path), number(pairs) or 0, number(of_accounts) or 0)
            for path, pairs, of_accounts in answers.all("waiting", 3)
        ),
    )


def _nameable(seen: Survey) -> Survey:
    """The survey; raises `ServerRefused` for a name that could not be shown, sent or pasted."""
    product = seen.product
    names = [
        ("The product's tool", product.tool),
        ("The product's control script", product.control),
        ("The product's folder", product.folder),
        ("The folder for the incident", seen.state_folder),
        ("The folder of the logs", seen.logs),
    ]
    for each in seen.folders:
        names += [(f"The {each.role} queue", each.path), (f"The {each.role} queue", each.target)]
    for what, name in names:
        if holds_controls(name):
            said = f"{what} has a name with control characters"
            raise ServerRefused("name", said, repr(name)[:_SHOWN], _RENAME)
    return seen


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def after(records: tuple[ScriptRecord, ...], seen: Survey) -> Survey:
    """The survey as a change left it: what its answer says of services, settings and folders.

    A folder that has a name with control characters by now counts as none that can be acted on.
    """
    with strictly():
        return _after(records, seen)


def _after(records: tuple[ScriptRecord, ...], seen: Survey) -> Survey:
    for record in records:
        fields = record.fields
        match record.kind:
            case "module":
                seen = replace(seen, smtp=module(fields))
            case "watchdog":
                seen = replace(seen, watchdog=is_on(fields[0]))
            case "folder":
                new = _actable(_folder(fields))
                kept = tuple(each for each in seen.folders if each.role is not new.role)
                aside = tuple(each for each in seen.aside if each.role is not new.role)
                seen = replace(seen, folders=(*kept, new), aside=aside)
            case "aside" if not holds_controls(fields[1]):
                seen = replace(seen, aside=(*seen.aside, _aside(fields)))
            case "submission":
                seen = replace(seen, accounts=_with_submission(seen.accounts, *fields))
            case _:
                pass
    return seen


def _actable(folder: QueueFolder) -> QueueFolder:
    if holds_controls(folder.path) or holds_controls(folder.target):
        path, target = shown(folder.path), shown(folder.target)
        return replace(folder, path=path, kind=Kind.OTHER, target=target)
    return folder


def _with_submission(
    accounts: tuple[Account, ...], address: str, value: str
) -> tuple[Account, ...]:
    return tuple(
        replace(each, may_submit=is_on(value)) if each.address == address else each
        for each in accounts
    )


def _product(fields: tuple[str, ...]) -> Product:
    name, version, system, dialect, answers, tool, control, folder = fields
    return Product(name, shown(version), system, dialect, answers == "yes", tool, control, folder)


def _folder(fields: tuple[str, ...]) -> QueueFolder:
    role, path, kind, target, identity = fields
    return QueueFolder(Role(role), path, Kind(kind), target, identity)


def _aside(fields: tuple[str, ...]) -> SetAside:
    return SetAside(Role(fields[0]), fields[1])


def _volume(fields: tuple[str, ...]) -> Volume:
    path, mount, kilobytes, inodes, read_only = fields
    free = number(kilobytes)
    return Volume(
        path, mount, None if free is None else free * 1024, number(inodes), read_only == "yes"
    )


def queued_by_account(lines: Iterable[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    """How many queue files name each account, by lines of them and how many begin so."""
    counts: Counter[str] = Counter()
    for text, count in lines:
        envelope = parse_message(text.encode("utf-8", "surrogateescape") + b"\n\n").envelope
        if envelope and envelope.original_sender:
            counts[envelope.original_sender.lower()] += count
    return tuple(counts.items())


def submitters(answers: Answers) -> tuple[tuple[str, int], ...]:
    """The lines that name a submitter, of a sample of the queue, with how often each was seen."""
    return tuple((text, number(count) or 0) for count, text in answers.all("submitter", 2))


def _signs(answers: Answers, log_bytes: int) -> Signs:
    sampled = number((answers.all("sampled", 1) or (("0",),))[0][0]) or 0
    logs = answers.all("log", 3)
    log = LogExcerpt(logs[-1][0], unpacked(*logs[-1][1:])) if logs else LogExcerpt()
    most = log_bytes if not logs or logs[-1][1] == "gzip" else _PLAIN_LOG_BYTES
    queued = queued_by_account(submitters(answers))
    return Signs(queued, sampled, log, partly=len(log.data) >= most)
