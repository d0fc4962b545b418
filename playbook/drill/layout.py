"""Where everything of an attacked server lies below its one folder."""

from dataclasses import dataclass
from pathlib import Path

OUTGOING_LINE, RETRY_LINE, INCOMING_LINE = 8, 9, 13


@dataclass(frozen=True)
class Layout:
    """The folders and files of one attacked server.

    The queue folders are asked of `path.dat` on every use, as the file may name other places.
    """

    root: Path

    @property
    def install(self) -> Path:
        """The product's own folder."""
        return self.root / "icewarp"

    @property
    def conf(self) -> Path:
        """The file by which an installation is found."""
        return self.root / "etc" / "icewarp.conf"

    @property
    def settings(self) -> Path:
        """The product's settings, accounts included."""
        return self.install / "config" / "settings.json"

    @property
    def mail(self) -> Path:
        """The mail root: mailboxes and, unless told otherwise, the queues."""
        return self.install / "mail"

    @property
    def logs(self) -> Path:
        """The log folder."""
        return self.install / "logs"

    @property
    def receiving(self) -> Path:
        """Where SMTP writes a message while it is being received."""
        return self.install / "temp" / "SMTP"

    @property
    def webmail(self) -> Path:
        """Where webmail writes a message before it is queued."""
        return self.install / "temp" / "webmail"

    @property
    def var(self) -> Path:
        """Pid files and locks."""
        return self.install / "var"

    @property
    def path_dat(self) -> Path:
        """The file of fixed lines that may send queues elsewhere."""
        return self.install / "path.dat"

    @property
    def outgoing(self) -> Path:
        """The queue of mail for other servers."""
        return self._told(OUTGOING_LINE) or self.mail / "_outgoing"

    @property
    def retry(self) -> Path:
        """The queue of mail that other servers did not take at first."""
        return self._told(RETRY_LINE) or self.outgoing / "retry"

    @property
    def incoming(self) -> Path:
        """The queue of mail for this server's mailboxes, in pairs of `.tmp` and `.dat`."""
        return self._told(INCOMING_LINE) or self.mail / "_incoming"

    @property
    def other_volume(self) -> Path:
        """Where queues lie that do not lie in the mail root."""
        return self.root / "queues"

    @property
    def sink(self) -> Path:
        """The outer world: what was delivered to other servers."""
        return self.root / "sink"

    @property
    def truth(self) -> Path:
        """One line a message: what it is and by whom. Never shown to a responder."""
        return self.root / "truth.jsonl"

    @property
    def scenario(self) -> Path:
        """The terms of the drill."""
        return self.root / "scenario.json"

    @property
    def processes(self) -> Path:
        """The pids of every process that must not outlive the drill, one a line."""
        return self.root / "processes"

    @property
    def owner(self) -> Path:
        """Locked by the process that runs the drill, for as long as it lives."""
        return self.root / "owner"

    @property
    def moving(self) -> Path:
        """Locked by whoever delivers and by whoever counts: no mail moves while it is counted."""
        return self.root / "moving"

    @property
    def starts(self) -> Path:
        """The pids of the SMTP processes that began to serve, one a line."""
        return self.root / "starts"

    @property
    def was_restarted(self) -> bool:
        """Whether SMTP was started again after the drill began."""
        return self.starts.exists() and len(self.starts.read_bytes().splitlines()) > 1

    @property
    def blocklisted(self) -> Path:
        """Exists when other servers refuse this server's address."""
        return self.root / "blocklisted"

    @property
    def closing(self) -> Path:
        """Exists when the drill is being ended: nothing starts any more."""
        return self.root / "closing"

    def mailbox(self, account: str) -> Path:
        """One account's mailbox."""
        name, _, domain = account.partition("@")
        return self.mail / domain / name

    def mailboxes(self) -> tuple[Path, ...]:
        """All mailboxes."""
        domains = (entry for entry in self.mail.iterdir() if not entry.name.startswith("_"))
        return tuple(mailbox for domain in domains for mailbox in domain.iterdir())

    def _told(self, line: int) -> Path | None:
        lines = self.path_dat.read_bytes().decode("utf-8").split("\r\n")
        told = lines[line - 1] if len(lines) >= line else ""
        return Path(told) if told else None
