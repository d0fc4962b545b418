"""What the review screen asks, and the page over the whole screen."""

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from playbook.incident.manifest.decisions import SPLITS

_BOX = """
{name} {{ align: center middle; background: ansi_default; }}
#box {{ width: 60; max-width: 95%; height: auto; border: heavy ansi_default; padding: 0 1;
    background: ansi_default; }}
"""


class Sure(ModalScreen[bool]):
    """A question that only `y` answers with yes."""

    CSS = _BOX.format(name="Sure")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "dismiss(True)", "yes"),
        Binding("n,escape,enter,q,g,s", "dismiss(False)", "no"),
    ]

    def __init__(self, question: str) -> None:
        super().__init__()
        self._question = question

    def compose(self) -> ComposeResult:
        """The question and its keys."""
        with Vertical(id="box"):
            yield Static(Text(f"{self._question}\n\ny yes   n no"))


class Parting(ModalScreen[str | None]):
    """By what a cluster is split; what has one value only cannot be chosen."""

    CSS = _BOX.format(name="Parting")
    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(str(number), f"choose('{by}')", by) for number, by in enumerate(SPLITS, 1)),
        Binding("escape,q,p,n", "dismiss(None)", "not at all"),
    ]

    def __init__(self, counts: dict[str, int]) -> None:
        super().__init__()
        self._counts = counts

    def compose(self) -> ComposeResult:
        """A line a trait."""
        rows = [
            f"{number}  {by:<8} {count:,} different" if count > 1 else f"-  {by:<8} all the same"
            for number, (by, count) in enumerate(self._counts.items(), 1)
        ]
        with Vertical(id="box"):
            yield Static(Text("\n".join(("Split by", *rows, "", "1-4 choose   Esc not at all"))))

    def action_choose(self, by: str) -> None:
        """Split by this trait, if the files differ in it; else nothing happens."""
        if self._counts[by] > 1:
            self.dismiss(by)


class Reading(ModalScreen[None]):
    """A long text over the whole screen."""

    CSS = """
    Reading { background: ansi_default; }
    #page { height: 1fr; background: ansi_default; }
    #heading { height: 1; text-style: reverse; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,w,enter,question_mark", "dismiss", "back"),
        Binding("j,down", "scroll(1)", "down"),
        Binding("k,up", "scroll(-1)", "up"),
        Binding("space,pagedown", "scroll(20)", "page down"),
        Binding("b,pageup", "scroll(-20)", "page up"),
    ]

    def __init__(self, heading: str, text: str) -> None:
        super().__init__()
        self._heading = heading
        self._text = text

    def compose(self) -> ComposeResult:
        """The heading with its keys, and the text."""
        heading = f"{self._heading}   (Esc back, arrows and space scroll)"
        yield Static(Text(heading, no_wrap=True), id="heading")
        with VerticalScroll(id="page", can_focus=False):
            yield Static(Text(self._text))

    def action_scroll(self, lines: int) -> None:
        """Scroll by so many lines."""
        self.query_one("#page", VerticalScroll).scroll_relative(y=lines, animate=False)
