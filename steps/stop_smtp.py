"""Stop SMTP."""

from dataclasses import dataclass
from typing import ClassVar

from playbook.engine.inputs import Consent
from playbook.engine.step import Step
from playbook.mail.actions import SmtpStarted, SmtpStopped
from playbook.mail.server import Module, Reader
from playbook.plan import Change, Debt, Plan


@dataclass(frozen=True)
class SmtpState:
    """The SMTP module, and whether its watchdog is on (None: it has none)."""

    smtp: Module
    watchdog: bool | None


@dataclass(frozen=True)
class SmtpDown:
    """SMTP was seen stopped; `watchdog` is what its watchdog was before."""

    watchdog: bool | None


@dataclass(frozen=True)
class StopSmtp(Step[SmtpState, SmtpDown]):
    """Stop the SMTP module, and keep its watchdog from starting it again.

    A stop counts when the process is gone and the port is closed, not when the control script
    returns. The module holds the thief's sessions, which outlive a changed password.
    """

    by_hand: ClassVar[tuple[str, ...]] = (
        "/opt/icewarp/tool.sh set system c_system_tools_watchdog_smtp 0",
        "/opt/icewarp/icewarpd.sh --stop smtp",
        "wait until no smtp process is left and port 25 is closed",
    )

    consent: Consent

    def probe(self, server: Reader) -> SmtpState:
        """Processes, port and watchdog."""
        seen = server.survey()
        return SmtpState(seen.smtp, seen.watchdog)

    def plan(self, seen: SmtpState) -> Plan:
        """Stop it, unless it is seen stopped with its watchdog off."""
        if seen.smtp.stopped and not seen.watchdog:
            return Plan((), "SMTP is seen stopped, and its watchdog is off")
        return Plan((stop(seen, kill=self.consent.kill),), "SMTP is running")

    def leaves(self, before: SmtpState, after: SmtpState) -> SmtpDown:
        """What the watchdog was."""
        return SmtpDown(before.watchdog)


def stop(seen: SmtpState, *, kill: bool) -> Change:
    """The stop; where it does not end by itself, ending its processes is offered."""
    undo = SmtpStarted(seen.watchdog)
    debt = Debt("smtp", "SMTP is stopped and its watchdog is off")
    if kill:
        why = "nothing leaves while it is down; a process that stays is ended"
        return Change(SmtpStopped(kill=True), why, undo, owes=(debt,))
    processes = ", ".join(map(str, seen.smtp.pids)) or "none seen"
    by_force = Change(
        SmtpStopped(kill=True),
        f"it does not end by itself (processes: {processes})",
        undo,
        offered=True,
        owes=(debt,),
    )
    return Change(
        SmtpStopped(), "nothing leaves while it is down", undo, otherwise=by_force, owes=(debt,)
    )
