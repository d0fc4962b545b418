"""What one attacked server is like: its accounts, its size and its faults, kept as one file."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from playbook.drill.faults import Fault

DOMAIN = "domaine.example"
HOST = f"mail.{DOMAIN}"
SERVER_ADDRESS = "198.51.100.25"
VICTIM = f"info@{DOMAIN}"
SECOND_VICTIM = f"compta@{DOMAIN}"
THIEF_ADDRESS = "41.202.24.147"
OFFICE_ADDRESS = "78.114.196.182"
ORDINARY_ACCOUNTS = tuple(
    f"{name}@{DOMAIN}"
    for name in ("a.durand", "c.petit", "direction", "j.lefebvre", "m.roux", "s.moreau", "ventes")
)
ACCOUNTS = (VICTIM, SECOND_VICTIM, *ORDINARY_ACCOUNTS)


@dataclass(frozen=True)
class Scenario:
    """The terms of one drill, shared by all its processes.

    `size` counts the messages in the outgoing queue at the start. `stolen` are the accounts whose
    passwords the thief has, the one that somebody noticed first. `set_exit_status` is
    what the tool returns after a `set` that succeeded; real ones are known to return non-zero.
    """

    size: int
    seed: int
    level: int
    faults: frozenset[Fault]
    smtp_port: int
    deliveries_per_s: float
    set_exit_status: int
    delivers_from_restart: bool = False
    accounts: tuple[str, ...] = ACCOUNTS
    stolen: tuple[str, ...] = (VICTIM,)

    def has(self, fault: Fault) -> bool:
        """Whether the server was started with this fault."""
        return fault in self.faults

    @property
    def version(self) -> str:
        """The product's version: an old one where the old words of the tool are drilled."""
        return "10.4.5" if self.has(Fault.TOOL_PRINTS_HELP) else "14.3.0.7"

    @property
    def domains(self) -> tuple[str, ...]:
        """The domains whose mail this server takes in, in the order of their first accounts."""
        return tuple(dict.fromkeys(account.partition("@")[2] for account in self.accounts))

    def is_local(self, address: str) -> bool:
        """Whether an address belongs to one of this server's domains."""
        return address.lower().partition("@")[2] in self.domains

    def write(self, file: Path) -> None:
        """Keep the scenario for the server's own processes."""
        known = asdict(self) | {"faults": sorted(fault.value for fault in self.faults)}
        file.write_text(json.dumps(known), encoding="ascii")

    @classmethod
    def read(cls, file: Path) -> "Scenario":
        """The scenario that `write` kept."""
        known = json.loads(file.read_bytes())
        wanted = frozenset(known.pop("faults"))
        known["faults"] = frozenset(fault for fault in Fault if fault.value in wanted)
        for name in ("accounts", "stolen"):
            known[name] = tuple(known[name])
        return cls(**known)


def first_password(account: str, seed: int) -> str:
    """The password that an account has at the beginning; `info` and `compta` have weak ones."""
    name, year = account.partition("@")[0], 2000 + seed % 100
    return f"{name}{year}" if name in {"info", "compta"} else f"Ete-{name}-{year}"
