"""See that the leak is closed."""

from dataclasses import dataclass
from typing import ClassVar

from playbook.detection.signs import Suspicion
from playbook.engine.findings import CompromisedAccounts
from playbook.engine.inputs import ClosedElsewhere, WatchTime
from playbook.engine.step import Step
from playbook.incident.obligations import smtp_stopped, suspect
from playbook.mail.actions import SmtpStarted, SmtpStopped
from playbook.mail.server import Reader
from playbook.plan import Action, Change, Hindrance, Plan
from steps.shared.watching import Quiet, joined, watched


@dataclass(frozen=True)
class ConfirmClosed(Step[Quiet, None]):
    """Watch for a minute and a half: no login of the account, no mail by it, and SMTP up.

    It is the only proof that the attacker is out: everything before it was done, this is seen.
    Quiet alone proves nothing: the log must be seen to live, to be read whole, and to name who
    logs in. What was seen once counts until something was changed against it.
    """

    remembers: ClassVar[bool] = True
    acts: ClassVar[tuple[type[Action], ...]] = (SmtpStopped,)
    by_hand: ClassVar[tuple[str, ...]] = (
        "watch the SMTP log and the new _outgoing for the account",
    )

    stolen: CompromisedAccounts
    time: WatchTime
    elsewhere: ClosedElsewhere | None = None

    def probe(self, server: Reader) -> Quiet:
        """Watch the log and the new queue."""
        return watched(server, self.time.seconds, self.stolen.addresses)

    def joined(self, earlier: Quiet, seen: Quiet) -> Quiet:
        """What this watch saw, and what an earlier one did."""
        return joined(earlier, seen)

    def plan(self, seen: Quiet) -> Plan:
        """Nothing where it was quiet; else stopping SMTP again is offered."""
        owes = tuple(
            suspect(each.account, f": {'; '.join(each.reasons)}") for each in self._open(seen)
        )
        whom = ", ".join(self.stolen.addresses)
        quiet = f"nothing of {whom} in {seen.watched_s} s, and SMTP is up"
        signs = (*seen.logins, *seen.submissions)
        if seen.before:
            return Plan((), quiet, refuses=_seen_before(signs), owes=owes)
        if signs or not seen.running:
            down = () if seen.running else ("SMTP is not up",)
            offers = (_STOP,) if seen.running else ()
            return Plan(offers, "the leak is not closed", fails=_leak((*signs, *down)), owes=owes)
        return Plan((), quiet, unproven=self._unproven(seen, whom), owes=owes)

    def _unproven(self, seen: Quiet, whom: str) -> Hindrance | None:
        """Why nothing being seen does not show that nothing was there."""
        others = [each.account for each in self._open(seen)]
        if others:
            return Hindrance(
                f"{whom} was quiet, but {', '.join(others[:3])} sends like a compromised account",
                f"Contain it: `respond compromised-account {others[0]}`.",
            )
        if seen.blind:
            return Hindrance(
                f"Not proven that {whom} is closed, because {'; '.join(seen.blind)}",
                "Mend that, then `respond resume --from confirm_closed`.",
            )
        return None

    def _open(self, seen: Quiet) -> tuple[Suspicion, ...]:
        closed = self.elsewhere
        return tuple(each for each in seen.others if not (closed and closed.knows(each.account)))


_STOP = Change(
    SmtpStopped(),
    "nothing leaves while it is down",
    SmtpStarted(None),
    offered=True,
    owes=(smtp_stopped(),),
)


def _leak(wrong: tuple[str, ...]) -> Hindrance:
    return Hindrance(
        f"The leak is not closed: {'; '.join(wrong[:3])}",
        "Stop SMTP, look at the account, then `respond resume --from stop_smtp`.",
    )


def _seen_before(signs: tuple[str, ...]) -> Hindrance:
    return Hindrance(
        f"An earlier watch saw {'; '.join(signs[:3])}, and nothing was changed against it since",
        "Close it again: `respond resume --from stop_smtp`; where you closed it by other means, "
        "say how with --override.",
        overridable=True,
    )
