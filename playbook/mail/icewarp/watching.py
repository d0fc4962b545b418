"""One watch over a mail server: what its log and its queue have grown by."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby
from typing import Final

from playbook.mail.icewarp import survey
from playbook.mail.icewarp.smtp_logs import LogExcerpt
from playbook.mail.icewarp.variables import SMTP_LOG
from playbook.mail.scripts import answers
from playbook.mail.survey import Activity, Role, Survey
from playbook.smtplog.deliveries import Delivery
from playbook.smtplog.sessions import Session
from playbook.text import counted
from playbook.transports.base import Value
from playbook.transports.frame import ScriptRecord

_Ask = Callable[[str, Mapping[str, Value], float], tuple[ScriptRecord, ...]]

# What a watch keeps of a log; a flood of an hour is not needed to see who floods.
_MOST_BYTES: Final = 128_000_000

# What an SMTP log of these kinds does not tell (source: the product's logging options).
_KINDS: Final = {"0": "is off", "2": "is a summary without logins"}


class Watch:
    """One watch: where the log ended, and what came since.

    `ask` runs a script of `read/`; `service` are the values that say how the product is spoken to.
    What was seen in one slice counts to the end: a queue file may be sent before the next one.
    """

    def __init__(
        self, ask: _Ask, seen: Survey, service: Mapping[str, Value], log_end: tuple[str, ...]
    ) -> None:
        self._ask = ask
        self._seen = seen
        self._service = service
        self._log = log_end
        self._pieces: list[tuple[str, bytes]] = []
        self._unread = 0
        self._submitters: Counter[str] = Counter()
        self._smtp = seen.smtp

    def slice(self, seconds: int) -> int:
        """Watch a little longer; the first look only finds the end of the log."""
        first = not self._log[0]
        seen = self._seen
        folders = {each.role: each.target for each in seen.folders}
        values: dict[str, Value] = {
            **self._service,
            "logs": seen.logs,
            "outgoing": folders.get(Role.OUTGOING, ""),
            "retry": folders.get(Role.RETRY, ""),
            "signs_patience": 1,
            "seconds": seconds,
            "log_name": self._log[0],
            "log_offset": self._log[1],
            "knock": "" if self._pieces else "yes",
        }
        found = answers.gathered(self._ask("read/watch", values, seconds + 60))
        with survey.strictly():
            self._smtp = survey.module(found.one("module", 4))
            self._log = found.one("log_end", 2)
            for _, missing in found.all("gap", 2):
                self._unread += max(answers.number(missing) or 0, 1)
            for name, packing, text in found.all("log", 3):
                self._keep(name, answers.unpacked(packing, text))
            for text, count in survey.submitters(found):
                self._submitters[text] = max(self._submitters[text], count)
        return 0 if first else seconds

    def _keep(self, name: str, piece: bytes) -> None:
        room = _MOST_BYTES - sum(len(each) for _, each in self._pieces)
        self._unread += max(len(piece) - room, 0)
        self._pieces.append((name, piece[:room]))

    def seen(self, watched: int, *, skipped: bool) -> Activity:
        """What was seen up to now, and why that would not show everything."""
        queued = survey.queued_by_account(tuple(self._submitters.items()))
        log = _Logs(tuple(self._pieces))
        return Activity(watched, self._smtp, log, queued, skipped, tuple(self._blind()))

    def _blind(self) -> Iterator[str]:
        kind = dict(self._seen.settings).get(SMTP_LOG, "")
        if kind in _KINDS:
            yield f"the SMTP log {_KINDS[kind]} ({SMTP_LOG} is {kind})"
        elif not any(piece for _, piece in self._pieces):
            yield "the SMTP log did not grow, though SMTP was connected to"
        if self._unread:
            yield f"{counted(self._unread, 'byte')} of the SMTP log could not be read"


class _Logs:
    """The sessions in the pieces of several logs, read out of them each time they are asked for."""

    def __init__(self, pieces: tuple[tuple[str, bytes], ...]) -> None:
        self._pieces = pieces

    def __iter__(self) -> Iterator[Session | Delivery]:
        for name, group in groupby(self._pieces, lambda each: each[0]):
            yield from LogExcerpt(name, _joined(group))


def _joined(pieces: Iterable[tuple[str, bytes]]) -> bytes:
    return b"".join(piece for _, piece in pieces)
