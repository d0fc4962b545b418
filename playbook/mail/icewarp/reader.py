"""What an IceWarp server on Linux shows: every question that can be asked of it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from playbook.errors import ServerRefused
from playbook.hosts.host import IceWarpOverrides
from playbook.mail.actions import MailAction
from playbook.mail.icewarp import manual, queue_files, settings, smtp_logs, survey
from playbook.mail.icewarp.acts import act_of
from playbook.mail.icewarp.formats.queue_file import parse_message
from playbook.mail.icewarp.pack import LINUX
from playbook.mail.icewarp.variables import ACCOUNT, MAIL_PORTS, SYSTEM, service_values
from playbook.mail.icewarp.watching import Watch
from playbook.mail.reinjection import ReinjectionState
from playbook.mail.scripts import answers, custody
from playbook.mail.scripts.pack import Pack
from playbook.mail.scripts.remote import RemoteScripts
from playbook.mail.server import SAMPLE_BYTES, Description
from playbook.mail.settings import Asked, Settings
from playbook.mail.survey import Activity, Evidence, Role, Survey
from playbook.progress import Tell, untold
from playbook.smtplog.deliveries import Delivery
from playbook.smtplog.reading import LogReading
from playbook.smtplog.sessions import Session
from playbook.transports.base import Transport, Value
from playbook.transports.frame import ScriptRecord
from playbook.triage.features import Features
from playbook.triage.messages import QueueMessage

# Past so many pairs a start of SMTP may fail; one more is enough to know.
INCOMING_LIMIT: Final = 5001

# The end of the SMTP log that a survey reads, besides what a watch reads of it.
_LOG_BYTES: Final = 4_000_000

# What a person sees of a mail, and how long the screen lets the server search for it.
_SAMPLE_S: Final = 15

_SLICE_S: Final = 5


@dataclass
class IceWarpReader:
    """A mail server that runs IceWarp on Linux, reached through a transport, and only read.

    `accounts` are those that a survey is asked about, as they were named. `watching` is told how
    long a watch has gone on, and says whether to go on.
    """

    transport: Transport
    overrides: IceWarpOverrides
    accounts: tuple[str, ...] = ()
    watching: Callable[[int, int], bool] = lambda seconds, of: True
    pack: Pack = LINUX
    _seen: Survey | None = None
    _log_end: tuple[str, ...] = ("", "0")

    @property
    def scripts(self) -> RemoteScripts:
        """The scripts for this server."""
        return RemoteScripts(self.transport, self.pack)

    def survey(self) -> Survey:
        """What is there, as last seen."""
        if self._seen is None:
            records = self.ask("read/survey", self._survey_values(), 120)
            self._seen = survey.survey(records, self.accounts, _LOG_BYTES)
        return self._seen

    def begin_with(self, seen: Survey) -> None:
        """Take a survey that was just made, instead of making another."""
        self._seen = seen

    def look_again(self) -> None:
        """Forget what was seen."""
        self._seen = None

    def learn(self, records: tuple[ScriptRecord, ...]) -> None:
        """Know the server as a change left it, by what its script answered."""
        if self._seen:
            self._seen = survey.after(records, self._seen)
        for record in records:
            if record.kind == "log_end":
                self._log_end = (*record.fields, "", "0")[:2]

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
        records = self.ask("read/evidence", {**self._service(), **values}, 60)
        items = answers.gathered(records).all("item", 2)
        return Evidence(
            tuple((name, text.encode("utf-8", "surrogateescape")) for name, text in items)
        )

    def watch(self, seconds: int) -> Activity:
        """Watch in slices of a few seconds, so that a line that is lost costs one slice.

        The log is read from where it ended before SMTP was started, if this run started it.
        """
        watch = Watch(self.ask, self.survey(), self._service(), self._log_end)
        watched = 0
        while watched < seconds:
            if not self.watching(watched, seconds):
                return watch.seen(watched, skipped=True)
            watched += watch.slice(min(_SLICE_S, seconds - watched))
        return watch.seen(watched, skipped=False)

    def queue_files(self, folder: str, tell: Tell = untold) -> Iterator[Features]:
        """The features of every file below a folder, taken on the server in one pass."""
        return queue_files.scan(self.transport, folder, tell, self.pack)

    def smtp_log(
        self, days: int, tell: Tell = untold, reading: LogReading | None = None
    ) -> Iterator[Session | Delivery]:
        """The sessions and deliveries of the last days, by the server's clock."""
        seen = self.survey()
        since = smtp_logs.first_day(seen.clock, days)
        return smtp_logs.sessions(self.transport, seen.logs, since, tell, self.pack, reading)

    def reinjected(self, roles: tuple[Role, ...], patience_s: int) -> ReinjectionState:
        """Nothing: whoever only looks holds no incident whose mail was given back."""
        return ReinjectionState()

    def journal_copy(self, incident: str) -> tuple[str, tuple[str, ...]]:
        """The server's copy of the journal of an incident, the newest for ""."""
        return custody.journal_copy(self.scripts, self.survey().state_folder, incident)

    def has_folder(self, folder: str) -> bool:
        """Whether this folder is there."""
        try:
            self.text_of(folder, b"x")
        except ServerRefused as refused:
            return refused.reason != "absent"
        return True

    def sample(self, folder: str, path: bytes) -> QueueMessage:
        """The beginning of a message of a folder that was set aside, for a person's eyes."""
        return parse_message(self.text_of(folder, path))

    def text_of(self, folder: str, path: bytes) -> bytes:
        """The first bytes of a file of a folder that was set aside.

        Raises `ServerRefused` for a link, for what is no regular file, and for a path that leads
        out of the folder.
        """
        values: dict[str, Value] = {"folder": folder, "path": path, "bytes": SAMPLE_BYTES}
        records = self.ask("read/sample", values, _SAMPLE_S)
        refused = answers.refusal(records)
        if refused:
            raise refused
        return answers.unpacked(*answers.gathered(records).one("sample", 2))[:SAMPLE_BYTES]

    def settings(self, wanted: Asked) -> Settings:
        """The settings asked for, in one script: accounts are counted where they lie."""
        return settings.read(self.ask, self._service(), wanted)

    def describe(self, action: MailAction, seen: Survey | None = None) -> Description:
        """The script that would be sent for an action, its values, and a person's commands."""
        seen = seen or self.survey()
        act = act_of(action)
        told = act.values(action, seen, self.overrides)
        values = {name: str(value) for name, value in told.items()}
        lines = act.manual[self.pack.system.name](action, seen, self.overrides)
        return Description(act.script, self.pack.script(act.script).text, values, lines)

    def evidence_by_hand(self, seen: Survey | None = None) -> tuple[str, ...]:
        """What a person types to keep what a stop would destroy."""
        return manual.evidence(seen or self.survey(), self.overrides)

    def way_out(
        self, closed: frozenset[str], *, seen: Survey | None = None, watchdog: bool | None = None
    ) -> str:
        """The command that closes what is open and then starts SMTP, where this program is lost."""
        seen = seen or self.survey()
        was_on = bool(seen.watchdog) if watchdog is None else watchdog
        return manual.way_out(seen, closed, watchdog=was_on)

    def ask(
        self, name: str, values: Mapping[str, Value], deadline_s: float
    ) -> tuple[ScriptRecord, ...]:
        """The records that a script of `read/` answers with."""
        return self.scripts.ask(name, values, deadline_s)

    def _service(self) -> dict[str, Value]:
        return service_values(self.survey(), self.overrides)

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
            "log_bytes": _LOG_BYTES,
            "signs_patience": 1,
        }
