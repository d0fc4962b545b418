"""One watch over a mail server: what its log and its queue have grown by."""

from collections.abc import Callable, Mapping

from playbook.mail.icewarp import survey
from playbook.mail.icewarp.smtp_logs import LogExcerpt
from playbook.mail.scripts import answers
from playbook.mail.survey import Activity, Role, Survey
from playbook.transports.base import Value
from playbook.transports.frame import ScriptRecord

_Ask = Callable[[str, Mapping[str, Value], float], tuple[ScriptRecord, ...]]


class Watch:
    """One watch: where the log ended, and what came since.

    `ask` runs a script of `read/`; `service` are the values that say how the product is spoken to.
    """

    def __init__(
        self, ask: _Ask, seen: Survey, service: Mapping[str, Value], log_end: tuple[str, ...]
    ) -> None:
        self._ask = ask
        self._seen = seen
        self._service = service
        self._log = log_end
        self._excerpt = b""
        self._submitters: tuple[tuple[str, int], ...] = ()
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
        }
        found = answers.gathered(self._ask("read/watch", values, seconds + 60))
        self._smtp = survey.module(found.one("module", 4))
        name, size = found.one("log_end", 2)
        self._log = (name, size)
        for _, packing, text in found.all("log", 3):
            self._excerpt += answers.unpacked(packing, text)
        self._submitters = survey.submitters(found)
        return 0 if first else seconds

    def seen(self, watched: int, *, skipped: bool) -> Activity:
        """What was seen up to now."""
        queued = survey.queued_by_account(self._submitters)
        log = LogExcerpt(self._log[0], self._excerpt)
        return Activity(watched, self._smtp, log, queued, skipped)
