"""A small mail tree on disk, and the publishing script run in it as the adapter runs it."""

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from playbook.mail.icewarp.ledger import Entry, read_ledger
from playbook.mail.icewarp.pack import LINUX
from playbook.mail.survey import Role
from playbook.transports.base import Request, Value
from playbook.transports.dialects.posix import COMMAND, encode
from playbook.transports.frame import ScriptRecord
from playbook.transports.local import Local

LANGUAGES = ("perl", "python3", "sh")
CASE = "20261124-021837-4dfe"
TOKEN = "0badcafe"
MAIL = b"Received: from a by b\r\nFrom: ada@example.org\r\nSubject: %d\r\n\r\nbody %d\r\n"


def stem(number: int) -> str:
    """A stem as the server makes one."""
    return f"20261124021837{number:04d}"


@dataclass
class Place:
    """A queue set aside, its live queue, a state folder with our lease, and a sink."""

    root: Path
    language: str = "perl"
    role: Role = Role.OUTGOING
    values: dict[str, Value] = field(default_factory=dict)
    incident: str = CASE
    other_aside: Path | None = None

    def __post_init__(self) -> None:
        for folder in (self.aside, self.live, self.sink, self.state / "incidents" / CASE):
            folder.mkdir(parents=True)
        (self.root / "logs").mkdir()
        (self.state / "lease").symlink_to(f"{CASE} me 1 {TOKEN}")
        # The interpreter that runs the tests is the python3 that the script finds.
        os.environ["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"

    @property
    def aside(self) -> Path:
        return self.other_aside or self.root / "mail" / f"_{self.role}.{self.incident}"

    @property
    def live(self) -> Path:
        return self.root / "mail" / f"_{self.role}"

    @property
    def sink(self) -> Path:
        return self.root / "sink"

    @property
    def state(self) -> Path:
        return self.root / ".respond"

    @property
    def staging(self) -> Path:
        return self.root / "mail" / f".respond-{self.incident}-{self.role}"

    @property
    def memory(self) -> Path:
        """What the server knows of everything given back."""
        return self.state / "given-back"

    @property
    def ledger(self) -> Path:
        return self.state / "incidents" / self.incident / "given-back"

    def mails(self, count: int, ending: str = ".tmp") -> list[Path]:
        """So many good mails in the folder set aside; every third in a folder below."""
        made = []
        for number in range(count):
            folder = self.aside / "retry" if number % 3 == 2 else self.aside
            folder.mkdir(exist_ok=True)
            path = folder / f"{stem(number)}{ending}"
            path.write_bytes(MAIL % (number, number))
            if self.role is Role.INCOMING:
                path.with_name(f"{stem(number)}.dat").write_bytes(b"\x00\xff%d" % number)
            made.append(path)
        return made

    def request(self, files: list[Path], **more: Value) -> Request:
        """The request that gives these files back."""
        values: dict[str, Value] = {
            "role": self.role,
            "aside": str(self.aside),
            "folder": str(self.live),
            "retry": "",
            "languages": self.language,
            "seconds": 60,
            "interval": "0",
            "waits": "",
            "default_from": "",
            "count": len(files),
            "state_folder": str(self.state),
            **self.held,
            "logs": str(self.root / "logs"),
            **self.values,
            **more,
        }
        lines = [
            f"{path.stat().st_size} {os.fsencode(path.relative_to(self.aside)).hex()}"
            for path in files
        ]
        return Request(LINUX.script("change/reinject"), values, (".", *lines), 120)

    @property
    def held(self) -> dict[str, Value]:
        """What every script that changes is told of the lease."""
        return {"incident": self.incident, "token": TOKEN, "journal_after": 0}

    def ask(self, name: str, *lines: str, **values: Value) -> tuple[ScriptRecord, ...]:
        """What a script that changes answers, besides the journal's count."""
        told: dict[str, Value] = {"state_folder": str(self.state), **self.held, **values}
        request = Request(LINUX.script(name), told, (".", *lines), 120)
        records = Local(elevate=False).run(request)
        return tuple(each for each in records if each.kind != "copied")

    def drop_lines(self, beginning: str) -> None:
        """Take lines out of the ledger, as a cut before they were written leaves it."""
        lines = self.ledger.read_text().splitlines(keepends=True)
        self.ledger.write_text("".join(each for each in lines if not each.startswith(beginning)))

    def give(self, files: list[Path], **more: Value) -> tuple[ScriptRecord, ...]:
        """Give the files back, and say what the script answered besides the journal's count."""
        records = Local(elevate=False).run(self.request(files, **more))
        return tuple(each for each in records if each.kind != "copied")

    def consume(self) -> None:
        """Take every mail that is ready out of the live queue, as the server does."""
        for path in list(self.live.rglob("*.tmp")):
            envelope = path.with_suffix(".dat")
            if self.role is Role.INCOMING and not envelope.exists():
                continue
            number = len(list(self.sink.iterdir()))
            path.rename(self.sink / f"{number}-{path.name}")
            if self.role is Role.INCOMING:
                envelope.rename(self.sink / f"{number}-{envelope.name}")

    def delivered(self) -> Iterator[bytes]:
        """The bytes of every mail that is in the sink or ready in the live queue."""
        for folder in (self.sink, self.live):
            for path in sorted(folder.rglob("*.tmp")):
                yield path.read_bytes()

    def entries(self) -> tuple[Entry, ...]:
        """What the ledger holds as published, given what is in staging."""
        left = {int(each.name.partition(".")[0]) for each in self.staging.iterdir()}
        return read_ledger(self.ledger.read_bytes()).published(left, tuple(Role))


def begin(place: Place, incident: str, aside: Path | None = None) -> None:
    """Another incident takes the lease, of the same queue or of a folder that was adopted."""
    place.incident, place.other_aside = incident, aside
    (place.state / "incidents" / incident).mkdir(parents=True)
    place.aside.mkdir(exist_ok=True)
    (place.state / "lease").unlink(missing_ok=True)
    (place.state / "lease").symlink_to(f"{incident} me 1 {TOKEN}")


__all__ = ["CASE", "COMMAND", "LANGUAGES", "MAIL", "TOKEN", "Place", "begin", "encode", "stem"]
