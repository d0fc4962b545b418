"""Removing settled mail: slice by slice, each file's SHA-256 known before it is gone."""

from typing import Final

from playbook.errors import ServerRefused
from playbook.mail.actions import SettledMailRemoved
from playbook.mail.digest import digest_of
from playbook.mail.reinjection import MailList
from playbook.mail.scripts.custody import Custody
from playbook.progress import Tell

_SLICE_FILES: Final = 5_000


def remove(custody: Custody, mail: MailList, action: SettledMailRemoved, tell: Tell) -> str:
    """Remove the files that the action names, and say how many.

    Raises `ServerRefused` where the list is not the one that was shown, and a `TransportError`;
    what was removed until then is noted, and the rest is removed when it is asked for again.
    """
    paths = mail.settled(action.aside)
    if digest_of(paths) != action.digest:
        raise ServerRefused("list", "The list of settled mail is not the one that was shown")
    gone = 0
    for first in range(0, len(paths), _SLICE_FILES):
        some = paths[first : first + _SLICE_FILES]
        lines = tuple(path.hex() for path in some)
        values = {"aside": action.aside}
        records, refused = custody.attempt("change/remove_settled", values, 600, tell, lines)
        sums = {
            record.fields[1].encode("utf-8", "surrogateescape"): record.fields[0]
            for record in records
            if record.kind == "removed"
        }
        gone += len(sums)
        mail.removed(action.aside, sums.items())
        if refused:
            raise refused
        tell(f"{gone:,} of {len(paths):,} removed")
    return f"{gone:,} removed; their SHA-256 are kept"
