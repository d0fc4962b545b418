"""The keys of the review screen, and where "next" leads."""

from collections.abc import Container, Sequence
from typing import Final

from textual.binding import Binding, BindingType

from playbook.incident.manifest.values import Cluster

KEYS: Final = "g good  s spam  l later  p split  u undo  w why  1-3 mail  Enter whole  q quit"
BINDINGS: Final[list[BindingType]] = [
    Binding("g", "decide('good')", "good"),
    Binding("s", "decide('spam')", "spam"),
    Binding("l", "later", "later"),
    Binding("p", "split", "split"),
    Binding("u", "undo", "undo"),
    Binding("w,question_mark", "why", "why"),
    Binding("n", "next", "next open"),
    Binding("j,down", "move(1)", "down"),
    Binding("k,up", "move(-1)", "up"),
    Binding("1", "mail(0)", "mail 1"),
    Binding("2", "mail(1)", "mail 2"),
    Binding("3", "mail(2)", "mail 3"),
    Binding("enter", "whole", "whole mail"),
    Binding("space,pagedown", "scroll(1)", "scroll"),
    Binding("b,pageup", "scroll(-1)", "scroll back"),
    Binding("q", "quit", "quit"),
    Binding("ctrl+c,ctrl+q", "quit", "quit", priority=True),
]


def next_open(clusters: Sequence[Cluster], after: int, later: Container[str]) -> int:
    """The next open cluster below, or from the top again; those for later come last."""
    count = len(clusters)
    places = [place % count for place in range(after + 1, after + 1 + count)]
    still_open = [place for place in places if not clusters[place].decided]
    fresh = [place for place in still_open if clusters[place].id not in later]
    return next(iter(fresh or still_open), max(after, 0))
