"""Giving mail back: slice by slice, each a round trip; the ledger on the server is the truth."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from playbook.errors import (
    AnswerUnreadable,
    DeadlinePassed,
    LineLost,
    ServerRefused,
    StoppedByPerson,
)
from playbook.mail import pace
from playbook.mail.actions import MailReinjected
from playbook.mail.icewarp.ledger import (
    Entry,
    Ledger,
    read_deliveries,
    read_ledger,
    refused_for_our_address,
    reinjected,
)
from playbook.mail.reinjection import MailList, Piece, ReinjectionState
from playbook.mail.scripts import answers
from playbook.mail.scripts.custody import Custody
from playbook.mail.survey import Role, Survey
from playbook.progress import Tell
from playbook.smtplog.refusals import MOST_REFUSALS_OF_US
from playbook.transports.base import Value

LANGUAGES: Final = "perl python3 sh"

_LOOK_S: Final = 5
_SLICES_BETWEEN_LOOKS: Final = 6
_UNSETTLED = (LineLost, DeadlinePassed, AnswerUnreadable)
_GIVEN = "given "


@dataclass
class Reinjection:
    """What is known of the mail given back in an incident, and how more of it is given."""

    custody: Custody
    survey: Callable[[], Survey]
    good: MailList
    interrupted: Callable[[], str]
    watching: Callable[[int, int], bool]
    now: Callable[[], float] = time.monotonic
    _text: bytes = b""
    _told: set[bytes] = field(default_factory=set)
    _before: frozenset[str] | None = None

    def look(self, roles: tuple[Role, ...], patience_s: int) -> ReinjectionState:
        """Look until all is settled or our address is refused, and at most so long."""
        seen = self._look(roles, 0)
        waited = 0
        while seen.unsettled and not blocked(seen) and waited < patience_s:
            if not self.watching(waited, patience_s):
                break
            # Soon at first, as a server that is well takes them at once; then ever less often.
            pause_s = min(1 + waited // 2, _LOOK_S, patience_s - waited)
            seen = self._look(roles, pause_s)
            waited += pause_s
        return seen

    def give(self, action: MailReinjected, tell: Tell) -> str:
        """Give back all that the action names, and say in a sentence how it went."""
        pieces = list(self.good.pieces(action))
        whole, begun_s, done = len(pieces), self.now(), 0
        per_minute = 0 if action.canary else action.per_minute
        size, slices, lost = pace.files_in_slice(per_minute), 0, 0
        while pieces:
            self._boundary(action, slices, done, whole)

            def told(line: str, before: int = done) -> None:
                count = line.removeprefix(_GIVEN)
                if line.startswith(_GIVEN) and count.isdecimal():
                    passed_s, so_far = self.now() - begun_s, before + int(count)
                    line = pace.progress(so_far, whole, passed_s, per_minute)
                tell(line)

            try:
                gone = self._slice(action, pieces[:size], waits=slices > 0, tell=told)
            except _UNSETTLED as error:
                tell(f"{error.what}; looking what was given back")
                gone = self._known(action, pieces[:size])
                lost = 0 if gone else lost + 1
                if lost > 1:
                    what = "The script that gives mail back ends without an answer"
                    raise ServerRefused("helper", what, str(error)) from error
            pieces = [each for each in pieces if each.path not in gone]
            done, slices = whole - len(pieces), slices + 1
        return self._sentence(action, whole)

    def _boundary(self, action: MailReinjected, slices: int, done: int, whole: int) -> None:
        """Between two slices: whether a person interrupts, and whether remote servers refuse us."""
        if slices and (because := self.interrupted()):
            what = f"Stopped with {done:,} of {whole:,} given back"
            raise StoppedByPerson(what, because)
        every = _SLICES_BETWEEN_LOOKS if action.per_minute else 1
        if action.role is Role.INCOMING or not slices or slices % every:
            return
        texts = blocked(self._look((Role.OUTGOING, Role.RETRY), 0))
        if texts:
            raise ServerRefused("blocked", "Remote servers refuse our address", "; ".join(texts))

    def _slice(
        self,
        action: MailReinjected,
        pieces: list[Piece],
        *,
        waits: bool,
        tell: Tell,
    ) -> set[bytes]:
        """One round trip: the paths of which is known what became of them."""
        values = {
            **values_of(action, self.survey()),
            "count": len(pieces),
            "waits": "yes" if waits else "",
        }
        lines = tuple(f"{each.size_bytes} {each.path.hex()}" for each in pieces)
        deadline_s = pace.SLICE_S + pace.interval_s(action.per_minute) + 600
        records, refused = self.custody.attempt("change/reinject", values, deadline_s, tell, lines)
        found: dict[str, list[bytes]] = {"published": [], "already": [], "kept": []}
        for record in records:
            if record.kind in found and record.fields:
                found[record.kind].append(record.fields[0].encode("utf-8", "surrogateescape"))
        # Whoever gave it back, and whenever: it left, and nobody needs to give it again.
        found["published"] += found.pop("already")
        for what, paths in found.items():
            self.good.became(action.role, action.aside, paths, what)
        if refused:
            raise refused
        return {*found["published"], *found["kept"]}

    def _known(self, action: MailReinjected, pieces: list[Piece]) -> set[bytes]:
        """Of these, what the ledger knows the end of."""
        ledger, published = self._tell_all(self._records(0))
        ended = {*(each.original for each in published), *ledger.before, *ledger.kept}
        system = self.custody.scripts.pack.system
        return {each.path for each in pieces if system.below(action.aside, each.path) in ended}

    def _look(self, roles: tuple[Role, ...], seconds: int) -> ReinjectionState:
        found = self._records(seconds)
        ledger, published = self._tell_all(found)
        here = {stem for stem, _ in found.all("here", 2)}
        logs = found.all("log", 2)
        deliveries = read_deliveries(answers.unpacked(*logs[-1]) if logs else b"")
        ours = tuple(each for each in published if each.role in roles)
        if self._before is None:
            self._before = refused_for_our_address(published, deliveries)
        return reinjected(ledger, ours, here, deliveries, roles, self._before)

    def _records(self, seconds: int) -> answers.Answers:
        seen = self.survey()
        folders = {each.role: each.target for each in seen.folders}
        values: dict[str, Value] = {
            "state_folder": seen.state_folder,
            "incident": self.custody.incident,
            "folder": folders.get(Role.OUTGOING, ""),
            "retry": folders.get(Role.RETRY, ""),
            "incoming": folders.get(Role.INCOMING, ""),
            "logs": seen.logs,
            "seconds": seconds,
            "ledger_from": len(self._text),
        }
        records = self.custody.scripts.ask("read/ledger", values, seconds + 300)
        found = answers.gathered(records)
        for _, packing, text in found.all("ledger", 3):
            self._text += answers.unpacked(packing, text)
        return found

    def _tell_all(self, found: answers.Answers) -> tuple[Ledger, tuple[Entry, ...]]:
        """Tell the list what the ledger knows: it is the truth also after a crash of ours."""
        ledger = read_ledger(self._text)
        left = {int(name.partition(".")[0]) for (name,) in found.all("left", 1)}
        published = ledger.published(left, tuple(Role))
        self._became("published", ((each.role, each.original) for each in published))
        before = ((role, path) for path, (role, _) in ledger.before.items())
        self._became("published", before)
        self._became("kept", ((role, path) for path, (role, _) in ledger.kept.items()))
        return ledger, published

    def _became(self, what: str, files: Iterable[tuple[Role, bytes]]) -> None:
        system = self.custody.scripts.pack.system
        known = {(each.role, each.path) for each in self.survey().aside}
        by_folder: dict[tuple[Role, str], list[bytes]] = {}
        for role, original in files:
            if original in self._told:
                continue
            for place, aside in known:
                path = system.within(aside, original) if place is role else None
                if path is not None:
                    by_folder.setdefault((role, aside), []).append(path)
            if what == "published":
                self._told.add(original)
        for (role, aside), paths in by_folder.items():
            self.good.became(role, aside, paths, what)

    def _sentence(self, action: MailReinjected, whole: int) -> str:
        seen = self._look((action.role,), 0)
        kept = f"; {seen.kept:,} stay aside ({seen.kept_why[0]})" if seen.kept else ""
        before = f"; {seen.before}" if seen.before else ""
        return f"{whole:,} done, {seen.published:,} given back in this incident{before}{kept}"


def values_of(action: MailReinjected, seen: Survey) -> dict[str, Value]:
    """What the script is told besides its list."""
    retry = seen.folder(Role.RETRY)
    interval_s = 0.0 if action.canary else pace.interval_s(action.per_minute)
    return {
        "role": action.role,
        "aside": action.aside,
        "folder": action.folder,
        "retry": retry.target if retry else "",
        "logs": seen.logs,
        "languages": LANGUAGES,
        "seconds": pace.SLICE_S,
        "interval": f"{interval_s:g}",
        "waits": "",
        "default_from": action.default_from,
        "count": action.count,
    }


def blocked(seen: ReinjectionState) -> tuple[str, ...]:
    """What remote servers said of our address, where so many said it that no more is given."""
    texts = tuple(f"{each.address}: {each.text}" for each in seen.refusals if each.of_us)
    return texts if len(texts) >= MOST_REFUSALS_OF_US else ()
