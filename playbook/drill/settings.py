"""The product's settings: read whole, changed under a lock, replaced by one rename."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from playbook.drill.process import locked

Values = dict[str, str]


@dataclass
class Settings:
    """Variables of the system, of each domain and of each account, by lower-case name."""

    system: Values
    domains: dict[str, Values]
    accounts: dict[str, Values]

    def account_called(self, name: str) -> str | None:
        """The account's address for an address, an alias or a bare login name."""
        wanted, _, domain = name.lower().partition("@")
        for address, values in self.accounts.items():
            login, _, home = address.partition("@")
            if domain in {"", home} and wanted in {login, *values["u_alias"].split(";")}:
                return address
        return None


def read_settings(file: Path) -> Settings:
    """The settings as they are now; takes no lock and writes nothing."""
    return Settings(**json.loads(file.read_bytes()))


def write_settings(file: Path, settings: Settings) -> None:
    """Replace the settings by one rename."""
    draft = file.with_suffix(".draft")
    draft.write_text(json.dumps(asdict(settings)), encoding="utf-8")
    draft.rename(file)


@contextmanager
def changing(file: Path) -> Iterator[Settings]:
    """The settings, to be changed in place by one process at a time."""
    with locked(file.with_suffix(".lock")):
        settings = read_settings(file)
        yield settings
        write_settings(file, settings)
