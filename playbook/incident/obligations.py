"""Every obligation that an incident can have: its key, its text, and the command that pays it."""

import shlex
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from playbook.incident.manifest.decisions import clusters
from playbook.incident.manifest.store import Manifest
from playbook.mail.survey import Persistence, Role, SetAside
from playbook.plan import Obligation
from playbook.text import counted

SMTP: Final = "smtp"
DOUBTFUL: Final = "doubtful"
WAITING: Final = "given-back:waiting"
PERSISTENCE: Final = "persistence:"
KEPT: Final = "given-back:kept"
RETENTION: Final = "retention"
_BY_HAND: Final = "respond discharge"
_SUSPECT: Final = "suspect:"


@dataclass(frozen=True)
class Doubts:
    """What waits for a person: so many files in so many clusters, of these senders."""

    files: int
    clusters: int
    senders: tuple[str, ...]


def doubts_in(manifest: Manifest) -> Doubts:
    """What waits for a person in a manifest."""
    waiting = [each for each in clusters(manifest) if each.decided is None]
    senders = {sender: None for each in waiting for sender in each.senders}
    return Doubts(sum(each.files for each in waiting), len(waiting), tuple(senders)[:10])


def doubtful(seen: Doubts) -> Obligation:
    """Mail is in doubt."""
    return Obligation(DOUBTFUL, doubts_in_words(seen), "respond review")


def doubts_in_words(seen: Doubts) -> str:
    """How much waits, and of whom."""
    senders = ", ".join(each or "an empty sender" for each in seen.senders[:5])
    return (
        f"{counted(seen.files, 'file')} in {counted(seen.clusters, 'cluster')} "
        f"{'is' if seen.files == 1 else 'are'} in doubt, neither sent nor bounced, of {senders}"
    )


def smtp_stopped() -> Obligation:
    """SMTP was stopped by a run."""
    text = "SMTP was stopped, or a stop was tried: it may be down, and its watchdog off"
    return Obligation(SMTP, text)


def smtp_stopped_by_undo() -> Obligation:
    """SMTP was stopped by taking its start back."""
    return Obligation(SMTP, "SMTP is stopped by an undo")


def other_node(name: str) -> Obligation:
    """The server has another node."""
    return Obligation(
        f"node:{name}",
        f"{name} is another node of this server, with a queue of its own: contain it too",
        f"respond compromised-account ... --host {name}",
    )


def suspect_key(account: str) -> str:
    """The key of what is owed because of another account that looks compromised."""
    return f"{_SUSPECT}{account.lower()}"


def suspect(account: str, reasons: str) -> Obligation:
    """Another account looks compromised, for these reasons."""
    return Obligation(
        suspect_key(account),
        f"{account} looks compromised too{reasons}",
        f"respond compromised-account {account}",
    )


def suspects(owed: tuple[Obligation, ...]) -> tuple[str, ...]:
    """The accounts that look compromised too, by what is owed."""
    return tuple(each.key.removeprefix(_SUSPECT) for each in owed if each.key.startswith(_SUSPECT))


def password_in_directory(address: str, directory: str) -> Obligation:
    """The account's password lies in a directory, where the mail server cannot change it."""
    return Obligation(
        f"directory:{address}",
        f"Change the password of {address} in its directory ({directory}), "
        f"then allow it to submit again (u_smtp 1)",
        _BY_HAND,
    )


def password_unchanged(address: str) -> Obligation:
    """The server did not take a new password for the account."""
    return Obligation(
        f"password:{address}",
        f"The server did not say that it took a new password for {address}: it may still be the "
        f"stolen one, and the account is only forbidden to submit. "
        f"Set a new one by hand, then allow it to submit again (u_smtp 1)",
        _BY_HAND,
    )


def of_password(address: str) -> tuple[str, ...]:
    """The keys of what is owed while an account is only forbidden to submit."""
    return f"password:{address}", f"directory:{address}"


def persistence(address: str, found: Persistence) -> Obligation:
    """An account has something by which an attacker may stay."""
    return Obligation(
        f"{PERSISTENCE}{address}:{found.setting}",
        f"{address}: {found.what} ({found.setting}). "
        f"Where its owner did not set it: {found.remedy}",
        _BY_HAND,
    )


def other_folder(folder: SetAside) -> Obligation:
    """Somebody else set a queue folder aside, and its mail waits there."""
    command = "repair-incoming" if folder.role is Role.INCOMING else "adopt"
    return Obligation(
        f"folder:{folder.path}",
        f"{folder.path} lies aside, by other hands: mail may wait in it",
        f"respond {command} {shlex.quote(folder.path)}",
    )


def unsorted_key(folder: str) -> str:
    """The key of what is owed while a folder set aside is not sorted."""
    return f"unsorted:{folder}"


def unsorted(folder: str) -> Obligation:
    """A queue was set aside, and nobody knows yet what of it is good."""
    text = f"{folder} is set aside and not sorted: the company's mail waits in it"
    return Obligation(unsorted_key(folder), text, "respond resume")


def good_key(folder: str) -> str:
    """The key of what is owed while good mail of a folder is not given back."""
    return f"good:{folder}"


def good(folder: str, count: int) -> Obligation:
    """Good mail waits in a folder that nothing sends."""
    waits = counted(count, "good mail waits", "good mails wait")
    return Obligation(good_key(folder), f"{waits} in {folder}", "respond reinject")


def retention(until: datetime) -> Obligation:
    """The spam is kept as evidence, and goes when its time is over."""
    text = f"the spam is kept as evidence until {until:%Y-%m-%d}: remove it then"
    return Obligation(RETENTION, text, "respond close")


def left_out(step: str, sentence: str) -> Obligation:
    """A person left a step out."""
    return Obligation(
        left_out_key(step), f"{step} was left out: {sentence}", f"respond resume --from {step}"
    )


def left_out_key(step: str) -> str:
    """The key of what is owed while a step that was left out is not done."""
    return f"left-out:{step}"


def listing_key(subject: str, zone: str) -> str:
    """The key of what is owed because a blacklist names an address or a domain."""
    return f"listed:{subject}:{zone}"


def listing(subject: str, zone: str, words: str) -> Obligation:
    """A blacklist names an address or a domain."""
    return Obligation(listing_key(subject, zone), words, "respond resume --from check_blacklists")


def waiting(count: int, names: tuple[str, ...]) -> Obligation:
    """Mail that was given back has not left yet."""
    shown = ", ".join(names[:5])
    text = f"{count:,} mails given back wait in the queue ({shown}): see that they leave"
    return Obligation(WAITING, text, _BY_HAND)


def kept(count: int, why: str) -> Obligation:
    """Good mail could not be given back."""
    text = f"{count:,} good mails could not be given back ({why})"
    return Obligation(KEPT, text, _BY_HAND)
