"""What stands in the panes of the review screen: as `Text`, so that nothing in it is markup."""

import os
from collections.abc import Sequence
from typing import Final

from rich.text import Text

from playbook.incident.manifest.values import Cluster, QueuedFile
from playbook.review.facts import ClusterFacts, brief_rows, reasons, rows
from playbook.review.titles import label, title
from playbook.text import counted, one_line
from playbook.triage.verdicts import Verdict

_MARKS: Final = {Verdict.GOOD: ("g", "green"), Verdict.SPAM: ("s", "red"), None: (" ", "")}
_WHY: Final = """\
good   These files are given back: the server sends them to their recipients.
spam   They stay set aside, are never sent, and are removed when the incident is closed.
later  They stay doubtful: neither sent nor bounced, until somebody decides.
split  Decide by sender, subject, address or day: for a cluster that is good in part.

One decision counts for every file of the cluster. Each is written down at once: quit at any
time, and `respond review` goes on. u takes back what was decided last, also of another day.
In doubt say later: good mail that waits can be sent tomorrow, spam that was sent is sent.

Move: arrows, j, k, n (next open). Mail: 1 2 3, space and PageDown scroll. ? is this page."""
LOOK: Final = """\
Screen { layout: vertical; background: ansi_default; color: ansi_default; }
#progress { height: 1; text-style: bold; }
#told { height: 1; color: ansi_yellow; }
#keys { height: 1; text-style: reverse; }
#body { height: 1fr; }
#clusters { width: 30%; min-width: 22; max-width: 60; height: 1fr; border: none; padding: 0;
    background: ansi_default; scrollbar-size-vertical: 1; }
#clusters > .option-list--option { color: ansi_default; }
#clusters > .option-list--option-highlighted { background: ansi_blue; color: ansi_bright_white;
    text-style: bold; }
#right { width: 1fr; padding: 0 0 0 1; }
#evidence { height: auto; max-height: 50%; background: ansi_default; }
#rule { height: 1; text-style: bold; }
#mail { height: 1fr; background: ansi_default; }
VerticalScroll { scrollbar-size-vertical: 1; }
"""


def row(cluster: Cluster, width: int, *, is_here: bool, is_later: bool) -> Text:
    """Two lines of the list: how many and whose, then what tells it from its neighbours."""
    mark, colour = _MARKS[cluster.decided]
    if cluster.decided is None and is_later:
        mark, colour = "l", "yellow"
    first, last = label(cluster)
    return Text.assemble(
        (f"{mark}{'>' if is_here else ' '}", f"bold {colour}".strip()),
        one_line(f"{cluster.files:,} {first}", width - 1),
        f"\n  {one_line(last, width - 1)}",
    )


def rule(files: Sequence[QueuedFile], number: int) -> Text:
    """The line above a sample: which of them it is, and its name on the server."""
    path = one_line(os.fsdecode(files[number].path.rpartition(b"/")[2]), 40)
    return Text(f"── mail {number + 1} of {len(files)} ── {path}")


def brief(found: ClusterFacts) -> Text:
    """What helps to decide a cluster: how many, why it is doubtful, and the rows that differ."""
    cluster = found.cluster
    decided = f"   decided: {cluster.decided.value}" if cluster.decided else ""
    text = Text()
    text.append(f"{counted(cluster.files, 'file')}{decided}", "bold")
    for each in reasons(found):
        text.append(f"\n- {each}", "bold" if each.startswith("but ") else "")
    if found.submitters > 1:
        text.append(f"\n- of {found.submitters:,} accounts: p splits them", "yellow")
    for name, value in brief_rows(found):
        text.append(f"\n{name:<9}", "cyan")
        text.append(value)
    return text


def all_that_is_known(found: ClusterFacts | None) -> str:
    """What the verdicts mean, and then all that is known of a cluster, if there is one."""
    if found is None:
        return _WHY
    facts = (f"{name}: {value}" for name, value in rows(found))
    return "\n".join((_WHY, "", title(found.cluster), *reasons(found), "", *facts))
