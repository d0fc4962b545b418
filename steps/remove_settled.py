"""Remove the settled mail of the queue that was set aside."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import ClassVar

from playbook.engine.inputs import Retention
from playbook.engine.step import Step
from playbook.incident.manifest.questions import waiting
from playbook.incident.manifest.removal import settled as settled_in
from playbook.incident.manifest.store import Manifest
from playbook.incident.manifest.values import Settled
from playbook.incident.obligations import RETENTION, retention
from playbook.mail.actions import SettledMailRemoved
from playbook.mail.server import Reader
from playbook.plan import Action, Change, Hindrance, Irreversible, Plan
from playbook.text import counted


@dataclass(frozen=True)
class SettledState:
    """What of each folder is settled, what is not, and the server's clock (Unix seconds)."""

    settled: tuple[Settled, ...]
    waiting: int
    clock: int


@dataclass(frozen=True)
class RemoveSettled(Step[SettledState, None]):
    """Remove the spam, and what was given back, from where the queue was set aside.

    Only what is settled goes, after the time that evidence is kept, and a SHA-256 of each file
    stays in the incident. Doubtful mail, and files that are no mail, stay where they are.
    """

    patience_s: ClassVar[float] = 0.0
    acts: ClassVar[tuple[type[Action], ...]] = (SettledMailRemoved,)

    retention: Retention
    manifest: Manifest

    def probe(self, server: Reader) -> SettledState:
        """What the manifest holds as spam or given back, and as neither."""
        settled, waits = settled_in(self.manifest), waiting(self.manifest).whole
        return SettledState(settled, waits, server.survey().clock)

    def plan(self, seen: SettledState) -> Plan:
        """Remove it a folder at a time, once it was kept for long enough."""
        changes = tuple(
            Change(
                SettledMailRemoved(each.role, each.folder, each.files, each.digest),
                "spam is no use to anybody, and what was given back lies here twice",
                Irreversible("what is removed is gone; only its SHA-256 is kept"),
            )
            for each in seen.settled
        )
        whole = sum(each.files for each in seen.settled)
        words = counted(whole, "file is settled", "files are settled")
        if not changes:
            return Plan((), "nothing that is settled is left", pays=(RETENTION,))
        early = self._too_early(seen)
        owes = (retention(self._until),) if early else ()
        return Plan(changes, words, refuses=self._waits(seen) or early, owes=owes)

    @property
    def _until(self) -> datetime:
        return self.retention.opened_at + timedelta(days=self.retention.days)

    def _waits(self, seen: SettledState) -> Hindrance | None:
        if not seen.waiting:
            return None
        return Hindrance(
            f"{counted(seen.waiting, 'mail is', 'mails are')} still in doubt, "
            "or good and not given back",
            "Decide them (`respond review`) and give them back (`respond reinject`) first.",
            overridable=True,
        )

    def _too_early(self, seen: SettledState) -> Hindrance | None:
        if datetime.fromtimestamp(seen.clock, UTC) >= self._until:
            return None
        return Hindrance(
            f"The spam is evidence, and is kept until {self._until:%Y-%m-%d}",
            "Close the incident then, or say another time with --keep-days.",
            overridable=True,
        )
