"""See that the leak is closed."""

from dataclasses import dataclass
from typing import ClassVar

from playbook.detection.signs import aliases_of, logins
from playbook.engine.findings import CompromisedAccounts
from playbook.engine.inputs import WatchTime
from playbook.engine.step import Step
from playbook.incident.obligations import smtp_stopped
from playbook.mail.actions import SmtpStarted, SmtpStopped
from playbook.mail.server import Reader
from playbook.plan import Change, Hindrance, Plan
from playbook.smtplog.accounts import is_same_account


@dataclass(frozen=True)
class Quiet:
    """What was seen while somebody watched: nothing, if the leak is closed."""

    watched_s: int
    running: bool
    logins: tuple[str, ...]
    submissions: tuple[str, ...]
    skipped: bool


@dataclass(frozen=True)
class ConfirmClosed(Step[Quiet, None]):
    """Watch for a minute and a half: no login of the account, no mail by it, and SMTP up.

    It is the only proof that the thief is out: everything before it was done, this is seen.
    """

    by_hand: ClassVar[tuple[str, ...]] = (
        "watch the SMTP log and the new _outgoing for the account",
    )

    stolen: CompromisedAccounts
    time: WatchTime

    def probe(self, server: Reader) -> Quiet:
        """Watch the log and the new queue."""
        seen = server.watch(self.time.seconds)
        aliases = aliases_of(server.survey().accounts)
        return Quiet(
            seen.watched_s,
            seen.smtp.running,
            logins(seen.sessions, self.stolen.addresses, aliases),
            tuple(
                f"a new queue file of {address}"
                for address in self.stolen.addresses
                if any(is_same_account(each, address, aliases) for each, _ in seen.queued)
            ),
            seen.skipped,
        )

    def plan(self, seen: Quiet) -> Plan:
        """Nothing where it was quiet; else stopping SMTP again is offered."""
        wrong = (*seen.logins, *seen.submissions, *(() if seen.running else ("SMTP is not up",)))
        if not wrong:
            whom = ", ".join(self.stolen.addresses)
            how = f"nothing of {whom} in {seen.watched_s} s, and SMTP is up"
            return Plan((), f"a person ended the watch: {how}" if seen.skipped else how)
        stop = Change(
            SmtpStopped(),
            "nothing leaves while it is down",
            SmtpStarted(None),
            offered=True,
            owes=(smtp_stopped(),),
        )
        fails = Hindrance(
            f"The leak is not closed: {'; '.join(wrong[:3])}",
            "Stop SMTP, look at the account, then `respond resume --from stop_smtp`.",
        )
        offers = (stop,) if seen.running else ()
        return Plan(offers, "the leak is not closed", fails=fails)
