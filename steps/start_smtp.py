"""Start SMTP again."""

from dataclasses import dataclass
from typing import ClassVar

from playbook.engine.findings import AccountsClosed, CompromisedAccounts, QueuesSetAside, SmtpDown
from playbook.engine.step import Step
from playbook.incident.obligations import SMTP
from playbook.mail.actions import SmtpStarted, SmtpStopped
from playbook.mail.server import Reader
from playbook.plan import Action, Change, Hindrance, Plan
from steps.shared.setting_aside import SmtpState


@dataclass(frozen=True)
class StartSmtp(Step[SmtpState, None]):
    """Start the SMTP module again, and put its watchdog back as it was.

    Not before every compromised account is closed and every queue folder is set aside: a start
    would open the leak again.
    """

    acts: ClassVar[tuple[type[Action], ...]] = (SmtpStarted,)

    closed: AccountsClosed | None
    aside: QueuesSetAside | None
    down: SmtpDown | None
    stolen: CompromisedAccounts | None = None

    def probe(self, server: Reader) -> SmtpState:
        """Processes, port and watchdog."""
        seen = server.survey()
        return SmtpState(seen.smtp, seen.watchdog)

    def plan(self, seen: SmtpState) -> Plan:
        """Start it, unless it runs with its watchdog as it was."""
        watchdog = self.down.watchdog if self.down else seen.watchdog
        if seen.smtp.running and seen.watchdog == watchdog:
            return Plan((), "SMTP is seen up, and its watchdog is as it was", pays=(SMTP,))
        start = Change(
            SmtpStarted(watchdog),
            "the company's mail goes on; the leak is closed",
            SmtpStopped(),
            warns=tuple(map(_another, self.stolen.others if self.stolen else ())),
            pays=(SMTP,),
        )
        up = "SMTP is up, but its watchdog is not as it was"
        because = up if seen.smtp.running else "SMTP is down"
        return Plan((start,), because, refuses=self._open())

    def _open(self) -> Hindrance | None:
        missing = [
            what
            for what, found in (
                ("the compromised account is not closed", self.closed),
                ("the queue is not set aside", self.aside),
            )
            if found is None
        ]
        if not missing:
            return None
        return Hindrance(
            f"A start would open the leak again: {' and '.join(missing)}",
            "Mend that and resume; to start all the same, give a reason with --override.",
            overridable=True,
        )


def _another(account: str) -> str:
    return (
        f"{account} looks compromised too, and can send from the first minute: contain it first, "
        f"`respond compromised-account {account}`"
    )
