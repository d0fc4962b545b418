"""End the sessions that are still logged in."""

from dataclasses import dataclass
from typing import ClassVar

from playbook.detection.signs import aliases_of, logins_from_here
from playbook.engine.findings import CompromisedAccounts
from playbook.engine.inputs import SessionModules
from playbook.engine.step import Step
from playbook.mail.actions import SessionsEnded
from playbook.mail.server import Reader
from playbook.plan import Action, Change, Irreversible, Plan

_KEPT = "OAuth refresh tokens are not ended by this (their default life is 100 days)"


@dataclass(frozen=True)
class WebmailSigns:
    """Submissions of compromised accounts from the server itself, where webmail sends."""

    submissions: tuple[str, ...]


@dataclass(frozen=True)
class EndSessions(Step[WebmailSigns, None]):
    """End sessions that are still logged in, if the attacker came through webmail.

    A new password does not end a session. Restarting the modules does, for everybody, so it is
    done only where the log shows submissions from the server itself, or on request.
    """

    acts: ClassVar[tuple[type[Action], ...]] = (SessionsEnded,)

    modules: SessionModules
    stolen: CompromisedAccounts

    def probe(self, server: Reader) -> WebmailSigns:
        """What the log's excerpt says of submissions from 127.0.0.1."""
        seen = server.survey()
        aliases = aliases_of(seen.accounts)
        sessions, accounts = seen.signs.sessions, self.stolen.addresses
        return WebmailSigns(logins_from_here(sessions, accounts, aliases, seen.addresses))

    def plan(self, seen: WebmailSigns) -> Plan:
        """Restart the modules once, or leave everybody logged in."""
        if not (seen.submissions or self.modules.always):
            return Plan((), f"nothing points to webmail; nobody was logged out. {_KEPT}")
        why = seen.submissions[0] if seen.submissions else "it was asked for"
        if not self.modules.names:
            unnamed = "no module is named to be restarted (session_modules)"
            return Plan((), f"{why}, and {unnamed}; nobody was logged out. {_KEPT}")
        change = Change(
            SessionsEnded(self.modules.names),
            why,
            Irreversible("whoever was logged out logs in again"),
            once=True,
        )
        return Plan((change,), _KEPT)
