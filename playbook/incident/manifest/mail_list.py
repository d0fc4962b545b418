"""The good mail of an incident's manifest, as whoever gives it back asks for it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from playbook.errors import ServerRefused
from playbook.incident.manifest import removal
from playbook.incident.manifest.store import Manifest
from playbook.incident.manifest.values import QueuedFile
from playbook.mail.actions import MailReinjected
from playbook.mail.reinjection import Piece
from playbook.mail.survey import Role
from playbook.triage.verdicts import Verdict


@dataclass(frozen=True)
class ManifestMailList:
    """Gives out the good files of a manifest, and marks in it what became of them."""

    manifest: Manifest

    def pieces(self, action: MailReinjected) -> tuple[Piece, ...]:
        """The files that the action gives back: oldest first, the canary of many recipients.

        Raises `ServerRefused` where the good files are not those that the action was shown with.
        """
        if self.manifest.digest(Verdict.GOOD) != action.digest:
            raise ServerRefused(
                "list",
                "The list of good mail is not the one that was shown",
                "files were sorted or decided since",
                "`respond resume` shows the new list.",
            )
        waiting = [
            each
            for each in self.manifest.files(Verdict.GOOD, action.role)
            if not each.given and each.folder == action.aside
        ]
        chosen = spread(waiting, action.count) if action.canary else waiting[: action.count]
        return tuple(Piece(each.path, each.size_bytes) for each in chosen)

    def settled(self, aside: str) -> tuple[bytes, ...]:
        """The paths of a folder that nobody needs any more."""
        return removal.settled_paths(self.manifest, aside)

    def removed(self, aside: str, sums: Iterable[tuple[bytes, str]]) -> None:
        """Keep the sums of files that are gone."""
        removal.removed(self.manifest, aside, sums)

    def became(self, role: Role, aside: str, paths: Iterable[bytes], what: str) -> None:
        """Note that files were given back, or cannot be."""
        self.manifest.mark(role, paths, what, aside)


def spread(files: Sequence[QueuedFile], count: int) -> list[QueuedFile]:
    """The first files for as many different domains of recipients as there are, oldest first.

    One remote server that is down, or lists us, says little about the others.
    """
    first: dict[str, QueuedFile] = {}
    for each in files:
        first.setdefault(each.recipient.rpartition("@")[2], each)
    chosen = list(first.values())[:count]
    paths = {each.path for each in chosen}
    return [*chosen, *(each for each in files if each.path not in paths)][:count]
