"""Every obligation that an incident can have: its key, its text, and the command that pays it."""

from dataclasses import dataclass
from typing import Final

from playbook.incident.manifest.decisions import clusters
from playbook.incident.manifest.store import Manifest
from playbook.plan import Obligation
from playbook.text import counted

SMTP: Final = "smtp"
DOUBTFUL: Final = "doubtful"
WAITING: Final = "given-back:waiting"
KEPT: Final = "given-back:kept"
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
    return Obligation(SMTP, "SMTP is stopped and its watchdog is off")


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
    """The key of what is owed because of another account that looks stolen."""
    return f"{_SUSPECT}{account.lower()}"


def suspect(account: str, reasons: str) -> Obligation:
    """Another account looks stolen, for these reasons."""
    return Obligation(
        suspect_key(account),
        f"{account} looks stolen too{reasons}",
        f"respond compromised-account {account}",
    )


def suspects(owed: tuple[Obligation, ...]) -> tuple[str, ...]:
    """The accounts that look stolen too, by what is owed."""
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
        f"{address} still has the stolen password; it is only forbidden to submit. "
        f"Set a new one by hand, then allow it to submit again (u_smtp 1)",
        _BY_HAND,
    )


def of_password(address: str) -> tuple[str, ...]:
    """The keys of what is owed while an account is only forbidden to submit."""
    return f"password:{address}", f"directory:{address}"


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
