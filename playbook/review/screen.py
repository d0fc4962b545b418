"""The review screen: clusters on the left, what speaks for and against on the right, mails below.

A key decides the cluster that is shown and goes on to the next open one. Everything that a mail
says reaches the terminal as `Text`, made harmless: no markup, no escape, no link.
"""

import time
from collections.abc import Callable
from typing import Final

from rich.text import Text
from textual.app import App, ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from playbook.errors import BadInput
from playbook.incident.manifest.decisions import SPLITS
from playbook.incident.manifest.values import Cluster
from playbook.mail.server import Samples
from playbook.review.facts import ClusterFacts
from playbook.review.fetching import Fetching
from playbook.review.keys import BINDINGS, KEYS, next_open
from playbook.review.panes import LOOK, all_that_is_known, brief, row, rule
from playbook.review.questions import Parting, Reading, Sure
from playbook.review.session import ReviewSession, progress_of
from playbook.review.titles import short
from playbook.text import one_line
from playbook.triage.verdicts import Verdict

# From so many files on, "good" is asked twice: what is given back cannot be called back.
MANY_FILES: Final = 500
# A key that is held down, or was typed ahead, must not decide what nobody has seen.
SETTLE_S: Final = 0.35


class ReviewApp(App[None]):
    """The screen of one session; it ends when the person quits."""

    ENABLE_COMMAND_PALETTE = False
    CSS = LOOK
    BINDINGS = BINDINGS

    def __init__(
        self, session: ReviewSession, samples: Samples, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(ansi_color=True)
        self.session = session
        self._clock = clock
        self._fetching = Fetching(samples, self._arrived_in_thread)
        self._clusters: tuple[Cluster, ...] = ()
        self._at = 0
        self._mail = 0
        self._later: set[str] = set()
        self._facts: ClusterFacts | None = None
        self._settled_at = 0.0

    def compose(self) -> ComposeResult:
        """Progress, list and panes, what happened last, keys."""
        yield Static(id="progress")
        clusters = OptionList(id="clusters")
        clusters.can_focus = False
        with Horizontal(id="body"):
            yield clusters
            with Vertical(id="right"):
                with VerticalScroll(id="evidence", can_focus=False):
                    yield Static(id="facts")
                yield Static(id="rule")
                with VerticalScroll(id="mail", can_focus=False):
                    yield Static(id="text")
        yield Static(id="told")
        yield Static(Text(KEYS), id="keys")

    def on_mount(self) -> None:
        """Show the first open cluster, so that one can begin at once."""
        self._fetching.start()
        self._fill()
        self._show(self._next_open(-1))

    def on_unmount(self) -> None:
        """Let the samples' thread end."""
        self._fetching.end()

    # What the keys do.

    def action_decide(self, word: str) -> None:
        """Decide the cluster shown; "good" of very many files is asked twice."""
        cluster = self._here()
        if cluster is None or self._clock() - self._settled_at < SETTLE_S:
            return
        verdict = Verdict(word)
        if verdict is Verdict.GOOD and cluster.files >= MANY_FILES:
            question = f"Give all {cluster.files:,} files of this cluster back to be sent?"
            self.push_screen(Sure(question), lambda yes: self._decide(cluster, verdict, sure=yes))
        else:
            self._decide(cluster, verdict, sure=True)

    def action_later(self) -> None:
        """Leave it undecided and go on; it comes round again after the others."""
        if cluster := self._here():
            self._later.add(cluster.id)
            self._tell(f"{short(cluster)}: later")
            self._fill()
            self._show(self._next_open(self._at))

    def action_split(self) -> None:
        """Ask by what to split."""
        if cluster := self._here():
            counts = {by: self.session.parts(cluster, by) for by in SPLITS}
            self.push_screen(Parting(counts), lambda by: self._split(cluster, by))

    def action_undo(self) -> None:
        """Take the last act back and show what it was about."""
        try:
            undone = self.session.undo()
        except BadInput as error:
            self._tell(str(error))
            return
        self._fill()
        if undone is None:
            self._tell("Nothing is left to undo")
            return
        act, said = undone
        self._later.discard(act.cluster)
        self._tell(f"{one_line(act.title, 50)}: {said}")
        ids = [each.id for each in self._clusters]
        self._show(ids.index(act.cluster) if act.cluster in ids else self._next_open(-1))

    def action_why(self) -> None:
        """What the verdicts mean, and all that is known of this cluster."""
        self.push_screen(Reading("Why", all_that_is_known(self._facts)))

    def action_whole(self) -> None:
        """The sample, over the whole screen."""
        cluster = self._here()
        if cluster and cluster.id in self._fetching.texts:
            texts = self._fetching.texts[cluster.id]
            self.push_screen(Reading(f"Mail {self._mail + 1}", texts[self._mail]))
        else:
            self.action_why()

    def on_resize(self) -> None:
        """The list's lines are cut to its width."""
        if self._clusters:
            self._fill()
            self.query_one("#clusters", OptionList).highlighted = self._at

    def action_next(self) -> None:
        """The next open cluster."""
        self._show(self._next_open(self._at))

    def action_move(self, by: int) -> None:
        """The cluster below or above."""
        self._show(min(max(self._at + by, 0), len(self._clusters) - 1))

    def action_mail(self, number: int) -> None:
        """One of the samples."""
        if self._facts and number < len(self._facts.examples):
            self._mail = number
            self._show_mail()

    def action_scroll(self, by: int) -> None:
        """Scroll the sample by a page."""
        pane = self.query_one("#mail", VerticalScroll)
        pane.scroll_relative(y=by * max(pane.size.height - 1, 1), animate=False)

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """A click in the list, or our own move."""
        if event.option_index != self._at:
            self._show(event.option_index)

    # What happens then.

    def _decide(self, cluster: Cluster, verdict: Verdict, *, sure: bool | None) -> None:
        if not sure:
            self._tell("Nothing was decided")
            return
        try:
            self.session.decide(cluster, verdict)
        except BadInput as error:
            self._tell(str(error))
            return
        self._later.discard(cluster.id)
        self._fill()
        self._tell(f"{short(cluster)}: {verdict.value}   (u takes it back)")
        self._show(self._next_open(self._at))

    def _split(self, cluster: Cluster, by: str | None) -> None:
        if by is None:
            return
        try:
            parts = self.session.split(cluster, by)
        except BadInput as error:
            self._tell(str(error))
            return
        self._fill()
        self._tell(f"Split by {by} into {len(parts)} clusters")
        ids = [each.id for each in self._clusters]
        self._show(min(ids.index(part) for part in parts))

    def _here(self) -> Cluster | None:
        return self._clusters[self._at] if self._clusters else None

    def _next_open(self, after: int) -> int:
        """The next open cluster below, or from the top again; those for later come last."""
        return next_open(self._clusters, after, self._later)

    def _fill(self) -> None:
        """Read the clusters again, and write the list and the progress."""
        self._clusters = self.session.clusters()
        options = self.query_one("#clusters", OptionList)
        options.clear_options()
        options.add_options([Option(self._row(place)) for place in range(len(self._clusters))])
        said = progress_of(self._clusters)
        self.query_one("#progress", Static).update(Text(f"{said}   {self.session.case.name}"))

    def _row(self, place: int) -> Text:
        cluster = self._clusters[place]
        width = max(self.size.width * 30 // 100, 22) - 3
        is_later = cluster.id in self._later
        return row(cluster, width, is_here=place == self._at, is_later=is_later)

    def _show(self, place: int) -> None:
        """Show a cluster: its evidence at once, its samples when they have come."""
        cluster = self._clusters[place] if self._clusters else None
        if cluster is None:
            self.query_one("#facts", Static).update(Text("Nothing is doubtful."))
            return
        before, self._at, self._mail = self._at, place, 0
        options = self.query_one("#clusters", OptionList)
        options.highlighted = place
        for each in {before, place} & set(range(len(self._clusters))):
            options.replace_option_prompt_at_index(each, self._row(each))
        self._facts = self.session.facts(cluster)
        self.query_one("#facts", Static).update(brief(self._facts))
        self.query_one("#evidence", VerticalScroll).scroll_home(animate=False)
        wanted = [(cluster.id, self._facts.examples)]
        after = self._clusters[self._next_open(place)]
        if after.id != cluster.id and not after.decided:
            wanted.append((after.id, self.session.examples(after)))
        self._fetching.want(wanted)
        self._show_mail()
        self._settled_at = self._clock()

    def _show_mail(self) -> None:
        if self._facts is None:
            return
        id_, files = self._facts.cluster.id, self._facts.examples
        text = self._fetching.shown(id_, self._mail)
        self.query_one("#text", Static).update(Text(text))
        self.query_one("#rule", Static).update(rule(files, self._mail))
        self.query_one("#mail", VerticalScroll).scroll_home(animate=False)

    def _arrived_in_thread(self, name: str) -> None:
        self.call_later(self._arrived, name)

    def _arrived(self, name: str) -> None:
        if self._facts and self._facts.cluster.id == name:
            self._show_mail()

    def _tell(self, text: str) -> None:
        self.query_one("#told", Static).update(Text(one_line(text, 300)))
