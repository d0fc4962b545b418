"""The operating system of a mail server, as far as its paths and its scripts are concerned."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class System:
    """How paths are written there, and the name of the folder that holds its scripts.

    Paths of folders are text, as a server says them, with bytes that are not UTF-8 as surrogates;
    paths of queue files are bytes.
    """

    name: str
    separator: str

    def joined(self, folder: str, *names: str) -> str:
        """The path of what lies in a folder, level by level."""
        return self.separator.join((folder.removesuffix(self.separator), *names))

    def below(self, folder: str, path: bytes) -> bytes:
        """The whole path of a file, by its path below a folder."""
        return self._beginning(folder) + path

    def within(self, folder: str, whole: bytes) -> bytes | None:
        """The path of a file below a folder, by its whole path; None where it lies elsewhere."""
        beginning = self._beginning(folder)
        return whole.removeprefix(beginning) if whole.startswith(beginning) else None

    def _beginning(self, folder: str) -> bytes:
        return self.joined(folder, "").encode("utf-8", "surrogateescape")


LINUX: Final = System("linux", "/")
