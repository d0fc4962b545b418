"""IceWarp on Linux: which script brings which action about, and what it is told."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import assert_never

from playbook.errors import LeaseHeld, ServerRefused
from playbook.hosts.host import IceWarpOverrides
from playbook.mail.actions import (
    EmptyFolderRemoved,
    FolderRestored,
    FolderSetAside,
    IncidentForgotten,
    MailAction,
    MailReinjected,
    PasswordReset,
    SessionsEnded,
    SettledMailRemoved,
    SmtpStarted,
    SmtpStopped,
    SubmissionSet,
    foresee,
)
from playbook.mail.icewarp import queue_files, removal, smtp_logs, survey
from playbook.mail.icewarp.reinjection import Reinjection
from playbook.mail.icewarp.sentences import sentence
from playbook.mail.icewarp.variables import ACCOUNT, MAIL_PORTS, SYSTEM, WATCHDOG
from playbook.mail.icewarp.watching import Watch
from playbook.mail.lease import Lease, ServerCopy
from playbook.mail.reinjection import MailList, NoMail, ReinjectionState
from playbook.mail.scripts import answers
from playbook.mail.scripts.outbox import Outbox
from playbook.mail.scripts.pack import script
from playbook.mail.server import SAMPLE_BYTES
from playbook.mail.survey import Activity, Evidence, LogPiece, Role, Survey
from playbook.progress import Tell, untold
from playbook.secret import Secret
from playbook.transports.base import Request, Transport
from playbook.transports.frame import Record, Value
from playbook.triage.features import Features

# Past so many pairs a start of SMTP may fail; one more is enough to know.
INCOMING_LIMIT = 5001

# What a person sees of a mail, and how long the screen lets the server search for it.
_SAMPLE_S = 15

_SLICE_S = 5


@dataclass
class IceWarp:
    """A mail server that runs IceWarp on Linux, reached through a transport.

    `accounts` are those that the run is about, as they were named. `mint` makes the new
    password at the moment it is sent. `watching` is told how long the watch has gone on, and
    says whether to go on. `good` is the list of good mail, which is asked for it and told what
    became of it; `interrupted` says between two slices whether a person wants to stop.
    """

    transport: Transport
    overrides: IceWarpOverrides
    journal: Outbox
    accounts: tuple[str, ...] = ()
    mint: Callable[[PasswordReset], Secret] = field(default=lambda action: Secret(""))
    watching: Callable[[int, int], bool] = lambda seconds, of: True
    log_bytes: int = 4_000_000
    good: MailList = field(default_factory=NoMail)
    interrupted: Callable[[], bool] = lambda: False
    _giving: Reinjection | None = None
    _seen: Survey | None = None
    _lease: Lease | None = None
    _log_end: tuple[str, ...] = ("", "0")

    def survey(self) -> Survey:
        """What is there, as last seen."""
        if self._seen is None:
            self._seen = survey.survey(
                self.ask("read/survey", self._survey_values(), 120), self.accounts
            )
        return self._seen

    def begin_with(self, seen: Survey) -> None:
        """Take a survey that was just made, instead of making another."""
        self._seen = seen

    def look_again(self) -> None:
        """Forget what was seen."""
        self._seen = None

    def evidence(self) -> Evidence:
        """Connections on the mail ports, account settings, log files, the clock."""
        addresses = [each.address for each in self.survey().accounts if each.address]
        values: dict[str, Value] = {
            "accounts": " ".join(addresses),
            "account_variables": " ".join(ACCOUNT),
            "variables": " ".join(SYSTEM),
            "ports": MAIL_PORTS,
            "logs": self.survey().logs,
        }
        records = self.ask("read/evidence", {**self.service_values(), **values}, 60)
        items = answers.gathered(records).all("item", 2)
        return Evidence(
            tuple((name, text.encode("utf-8", "surrogateescape")) for name, text in items)
        )

    def watch(self, seconds: int) -> Activity:
        """Watch in slices of a few seconds, so that a line that is lost costs one slice.

        The log is read from where it ended before SMTP was started, if this run started it.
        """
        watch = Watch(self, self._log_end)
        watched = 0
        while watched < seconds:
            if not self.watching(watched, seconds):
                return watch.seen(watched, skipped=True)
            watched += watch.slice(min(_SLICE_S, seconds - watched))
        return watch.seen(watched, skipped=False)

    def queue_files(self, folder: str, tell: Tell = untold) -> Iterator[Features]:
        """The features of every file below a folder, taken on the server in one pass."""
        return queue_files.scan(self.transport, folder, tell)

    def smtp_logs(self, days: int, tell: Tell = untold) -> Iterator[LogPiece]:
        """The SMTP logs of the last days, by the server's clock."""
        seen = self.survey()
        since = smtp_logs.first_day(seen.clock, days)
        return smtp_logs.fetch(self.transport, seen.logs, since, tell)

    @property
    def giving(self) -> Reinjection:
        """The mail given back under this lease, and how more of it is given."""
        if self._giving is None:
            self._giving = Reinjection(self, self.good, self.interrupted)
        return self._giving

    @property
    def incident(self) -> str:
        """The incident that the lease is held for, or ""."""
        return self._lease.incident if self._lease else ""

    def reinjected(self, roles: tuple[Role, ...], patience_s: int) -> ReinjectionState:
        """What became of the mail given back, by the ledger, the queues and the log there."""
        return self.giving.look(roles, patience_s)

    def perform(self, action: MailAction, tell: Tell = untold) -> str:
        """Send the action's script, keep what it says of the server, and say it in a sentence."""
        if isinstance(action, MailReinjected):
            return self.giving.give(action, tell)
        if isinstance(action, SettledMailRemoved):
            return removal.remove(self, self.good, action, tell)
        name, values = self.describe(action)
        if isinstance(action, PasswordReset):
            values["password"] = self.mint(action)
        found = answers.gathered(self._change(name, values, self._deadline_s(), tell))
        self._log_end = next(iter(found.all("log_end", 2)), self._log_end)
        if isinstance(action, IncidentForgotten):
            self._lease = None
        if isinstance(action, EmptyFolderRemoved):
            self._seen = foresee(action, self.survey())
        return sentence(action, found)

    def describe(  # noqa: C901 - one case an action
        self, action: MailAction
    ) -> tuple[str, dict[str, Value]]:
        """The script that brings the action about, and its values (a password is not yet made)."""
        service = self.service_values()
        watchdog = WATCHDOG if self.survey().watchdog is not None else ""
        match action:
            case SmtpStopped(kill):
                stop = {"kill": "yes" if kill else "", "watchdog": watchdog}
                patience = self.overrides.stop_patience_s
                return "change/stop_smtp", {**service, **stop, "patience": patience}
            case SmtpStarted(state):
                start = {"watchdog": watchdog, "state": "" if state is None else str(int(state))}
                start |= {"logs": self.survey().logs}
                patience = self.overrides.start_patience_s
                return "change/start_smtp", {**service, **start, "patience": patience}
            case PasswordReset(account, _, expire):
                reset = {"account": account, "password": "", "expire": "yes" if expire else ""}
                return "change/reset_password", {**service, **reset}
            case SubmissionSet(account, allowed):
                return "change/set_submission", {
                    **service,
                    "account": account,
                    "allowed": int(allowed),
                }
            case FolderSetAside():
                aside = {
                    "emptied": "yes" if action.emptied else "",
                    "recreate": "yes" if action.recreate else "",
                }
                return "change/set_aside", {**service, **self._places(action), **aside}
            case FolderRestored():
                return "change/restore_folder", {**service, **self._places(action)}
            case SessionsEnded(modules):
                names = " ".join(modules)
                return "change/restart_modules", {**service, "modules": names, "patience": 30}
            case MailReinjected():
                return "change/reinject", self.giving.values(action)
            case EmptyFolderRemoved(_, aside):
                return "change/remove_empty", {"aside": aside}
            case SettledMailRemoved(_, aside):
                return "change/remove_settled", {"aside": aside}
            case IncidentForgotten():
                return "change/forget_incident", {}
            case _:
                assert_never(action)

    def take(self, wanted: Lease, *, over: bool) -> ServerCopy:
        """Take the lease and make the folder where the incident is kept on the server."""
        self._lease = wanted
        values: dict[str, Value] = {
            "who": wanted.who,
            "since": self.survey().clock,
            "over": "yes" if over else "",
        }
        try:
            records = self._change("change/take_lease", values, 60)
        except ServerRefused as error:
            self._lease = None
            if error.reason == "held":
                raise LeaseHeld("Another responder was faster", error.because) from error
            raise
        return ServerCopy(_copied(records))

    def release(self) -> None:
        """Give the lease up and leave the whole journal there."""
        if self._lease:
            self._change("change/release_lease", {}, 60, last=True)
            self._lease = None

    def journal_copy(self, incident: str) -> tuple[str, tuple[str, ...]]:
        """The server's copy of the journal of an incident, the newest for ""."""
        values = {"state_folder": self.survey().state_folder, "incident": incident}
        found = answers.gathered(self.ask("read/journal", values, 120))
        names = found.all("incident", 1)
        lines = tuple(line for (line,) in found.all("line", 1))
        return (names[0][0] if names else "", lines)

    def text_of(self, folder: str, path: bytes) -> bytes:
        """The beginning of a file of a folder that was set aside: a sample for a person's eyes.

        Raises `ServerRefused` for a link, for what is no regular file, and for a path that leads
        out of the folder.
        """
        octal = "".join(f"\\0{byte:03o}" for byte in path)
        values: dict[str, Value] = {"folder": folder, "path": octal, "bytes": SAMPLE_BYTES}
        records = self.ask("read/sample", values, _SAMPLE_S)
        refused = answers.refusal(records)
        if refused:
            raise refused
        return answers.unpacked(*answers.gathered(records).one("sample", 2))[:SAMPLE_BYTES]

    def ask(self, name: str, values: Mapping[str, Value], deadline_s: float) -> tuple[Record, ...]:
        """The records that a script of `read/` answers with."""
        return self.transport.run(Request(script(name), values, (), deadline_s))

    def _change(
        self,
        name: str,
        values: Mapping[str, Value],
        deadline_s: float,
        tell: Tell = untold,
        *,
        last: bool = False,
    ) -> tuple[Record, ...]:
        """Send a script that changes; raises `ServerRefused` where it did not do it."""
        records, refused = self.attempt(name, values, deadline_s, tell, last=last)
        if refused:
            raise refused
        return records

    def attempt(
        self,
        name: str,
        values: Mapping[str, Value],
        deadline_s: float,
        tell: Tell,
        lines: tuple[str, ...] = (),
        *,
        last: bool = False,
    ) -> tuple[tuple[Record, ...], ServerRefused | None]:
        """Send a script that changes, with the lease's token and the journal's new lines.

        `lines` are a list of the script's own. Returns its records, and its refusal if it refused.
        """
        request = replace(self._entered(name, values, deadline_s, lines), last=last)
        records = self.transport.run(request, tell)
        self.journal.sent(_copied(records) or self._sent())
        if self._seen:
            self._seen = survey.after(records, self._seen)
        return records, answers.refusal(records)

    def _sent(self) -> int:
        return len(self.journal.records) - len(self.journal.unsent())

    def _entered(
        self, name: str, values: Mapping[str, Value], deadline_s: float, own: tuple[str, ...]
    ) -> Request:
        held = self._lease
        entered: dict[str, Value] = {
            **values,
            "state_folder": self.survey().state_folder,
            "incident": held.incident if held else "",
            "token": held.token if held else "",
            "journal_after": self._sent(),
        }
        lines = tuple(record.line for record in self.journal.unsent())
        # The dot ends the journal's lines; what is sent ends with one of its own.
        return Request(script(name), entered, (*lines, ".", *own) if own else lines, deadline_s)

    def _deadline_s(self) -> float:
        """Longer than everything that a script waits for together."""
        known = self.overrides
        return 3 * known.stop_patience_s + known.start_patience_s + 6 * known.tool_patience_s + 60

    def _places(self, action: FolderSetAside | FolderRestored) -> dict[str, Value]:
        known = self.survey().folder(action.role)
        path = known.path if known else action.folder
        return {"role": action.role, "path": path, "folder": action.folder, "aside": action.aside}

    def service_values(self) -> dict[str, Value]:
        """How the product is spoken to, as the survey found it."""
        product = self.survey().product
        dialect = product.dialect or "get"
        return {
            "tool": product.tool,
            "get_verb": dialect,
            "set_verb": "set" if dialect == "get" else "modify",
            "icewarpd": product.control,
            "install": product.folder,
            "module": self.overrides.smtp_module,
            "smtp_port": self.overrides.smtp_port,
            "tool_patience": self.overrides.tool_patience_s,
        }

    def _survey_values(self) -> dict[str, Value]:
        known = self.overrides
        return {
            "conf": known.conf or "",
            "install": known.install or "",
            "tool": known.tool or "",
            "icewarpd": known.icewarpd or "",
            "module": known.smtp_module,
            "smtp_port": known.smtp_port,
            "outgoing": known.outgoing or "",
            "retry": known.retry or "",
            "incoming": known.incoming or "",
            "temporary": known.temporary or "",
            "logs": known.logs or "",
            "state_folder": known.state_folder or "",
            "tool_patience": known.tool_patience_s,
            "variables": " ".join(SYSTEM),
            "account_variables": " ".join(ACCOUNT),
            "accounts": " ".join(self.accounts),
            "incoming_limit": INCOMING_LIMIT,
            "log_bytes": self.log_bytes,
            "signs_patience": 1,
        }


def _copied(records: tuple[Record, ...]) -> int:
    found = answers.gathered(records).all("copied", 1)
    return (answers.number(found[-1][0]) or 0) if found else 0
