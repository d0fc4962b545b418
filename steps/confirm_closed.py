"""See that the leak is closed."""

from dataclasses import dataclass, replace
from typing import ClassVar

from playbook.detection.signs import (
    Suspicion,
    aliases_of,
    logins,
    nameless_logins,
    suspicions_in,
)
from playbook.engine.findings import CompromisedAccounts
from playbook.engine.inputs import ClosedElsewhere, WatchTime
from playbook.engine.step import Step
from playbook.incident.obligations import smtp_stopped, suspect
from playbook.mail.actions import SmtpStarted, SmtpStopped
from playbook.mail.server import Reader
from playbook.mail.survey import Activity
from playbook.plan import Action, Change, Hindrance, Plan
from playbook.smtplog.accounts import is_among, is_same_account
from playbook.text import counted


@dataclass(frozen=True)
class Quiet:
    """What was seen while somebody watched: nothing, if the leak is closed.

    `logins` and `submissions` are those of the account, also from an earlier watch since which
    nothing was changed against it; `before` says that they are all of such a one. `others` send
    like stolen accounts. `blind` says why a login might not have been seen.
    """

    watched_s: int
    running: bool
    logins: tuple[str, ...]
    submissions: tuple[str, ...]
    others: tuple[Suspicion, ...] = ()
    blind: tuple[str, ...] = ()
    before: bool = False


@dataclass(frozen=True)
class ConfirmClosed(Step[Quiet, None]):
    """Watch for a minute and a half: no login of the account, no mail by it, and SMTP up.

    It is the only proof that the thief is out: everything before it was done, this is seen. Quiet
    alone proves nothing: the log must be seen to live, to be read whole, and to name who logs in.
    What was seen once counts until something was changed against it.
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
        seen = server.watch(self.time.seconds)
        accounts = server.survey().accounts
        aliases = aliases_of(accounts)
        mine = self.stolen.addresses
        return Quiet(
            seen.watched_s,
            seen.smtp.running,
            logins(seen.sessions, mine, aliases),
            tuple(
                f"a new queue file of {address}"
                for address in mine
                if any(is_same_account(each, address, aliases) for each, _ in seen.queued)
            ),
            tuple(
                each
                for each in suspicions_in(seen, accounts)
                if each.is_strong and not is_among(each.account, mine, aliases)
            ),
            tuple(self._blind(seen)),
        )

    def joined(self, earlier: Quiet, seen: Quiet) -> Quiet:
        """What this watch saw, and what an earlier one did."""
        return replace(
            seen,
            logins=_once(earlier.logins + seen.logins),
            submissions=_once(earlier.submissions + seen.submissions),
            before=seen.running
            and not (seen.logins or seen.submissions)
            and bool(earlier.logins or earlier.submissions),
        )

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
                f"{whom} was quiet, but {', '.join(others[:3])} sends like a stolen account",
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

    def _blind(self, seen: Activity) -> list[str]:
        reasons = list(seen.blind)
        if seen.foreseen:
            reasons.append("what will be seen then cannot be foreseen")
        if seen.skipped:
            reasons.append(
                f"a person ended the watch after {seen.watched_s} of {self.time.seconds} s"
            )
        if nameless := nameless_logins(seen.sessions):
            said = counted(nameless, "login is", "logins are")
            reasons.append(f"{said} without a name in the log")
        return reasons


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


def _once(texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))
