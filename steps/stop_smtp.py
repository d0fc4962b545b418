"""Stop SMTP."""

from dataclasses import dataclass
from typing import ClassVar

from playbook.engine.findings import SmtpDown
from playbook.engine.inputs import Consent, EarlierIncidents
from playbook.engine.step import Step
from playbook.mail.actions import SmtpStopped
from playbook.mail.server import Reader
from playbook.plan import Action, Plan
from steps.shared.setting_aside import SmtpState, stop


@dataclass(frozen=True)
class StopSmtp(Step[SmtpState, SmtpDown]):
    """Stop the SMTP module, and keep its watchdog from starting it again.

    A stop counts when the process is gone and the port is closed, not when the control script
    returns. The module holds the attacker's sessions, which outlive a changed password.
    """

    acts: ClassVar[tuple[type[Action], ...]] = (SmtpStopped,)

    consent: Consent
    earlier: EarlierIncidents | None = None

    def probe(self, server: Reader) -> SmtpState:
        """Processes, port and watchdog."""
        seen = server.survey()
        return SmtpState(seen.smtp, seen.watchdog)

    def plan(self, seen: SmtpState) -> Plan:
        """Stop it, unless it is seen stopped with its watchdog off."""
        if seen.smtp.stopped and not seen.watchdog:
            return Plan((), "SMTP is seen stopped, and its watchdog is off")
        was = SmtpState(seen.smtp, self._watchdog(seen))
        down = "SMTP is down, and its watchdog would start it again"
        because = down if seen.smtp.stopped else "SMTP is running"
        return Plan((stop(was, kill=self.consent.kill),), because)

    def finding(self, before: SmtpState, after: SmtpState) -> SmtpDown:
        """What the watchdog was: before an earlier incident switched it off, where one did."""
        return SmtpDown(self._watchdog(before))

    def _watchdog(self, seen: SmtpState) -> bool | None:
        return True if self.earlier and self.earlier.watchdog_was_on else seen.watchdog
