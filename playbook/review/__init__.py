"""The room where a person decides what the sorting could not: clusters, one decision each."""

from playbook.mail.server import Samples
from playbook.review.session import Progress, ReviewSession


def review(session: ReviewSession, samples: Samples) -> str:
    """Open the screen, wait until the person quits, and say in a sentence how it stands.

    The terminal is the screen's meanwhile: whatever shows progress there must be quiet before.
    """
    from playbook.review.screen import ReviewApp  # noqa: PLC0415 - only a screen needs Textual

    try:
        ReviewApp(session, samples).run()
    finally:
        session.settle()
    return told(session.progress())


def told(progress: Progress) -> str:
    """How a review stands, in a sentence."""
    left = progress.clusters - progress.decided
    files = progress.files - progress.decided_files
    rest = f"{left} left with {files:,} files" if left else "nothing is left"
    return f"{progress.decided} clusters decided, {rest}"
