"""The card of a host: what is worth knowing of a mail server before the night."""

import json
from pathlib import Path

from playbook.mail.survey import Survey


def card_of(seen: Survey) -> dict[str, str]:
    """What is worth knowing of a server before the night: as words, by name."""
    folders = {f"folder {each.role}": f"{each.kind} {each.target}" for each in seen.folders}
    return {
        "host": seen.host,
        "version": seen.product.version,
        "dialect": seen.product.dialect,
        "tool": seen.product.tool,
        "control": seen.product.control,
        "watchdog": str(seen.watchdog),
        "nodes": ", ".join(seen.nodes),
        "state folder": seen.state_folder,
        **folders,
    }


def keep(home: Path, host: str, card: dict[str, str]) -> tuple[str, ...]:
    """Keep the card of a host, and say in what it differs from the one kept before."""
    path = home / "hosts" / f"{host.replace('/', '_')}.json"
    before: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.write_text(json.dumps(card, indent=1))
    return tuple(
        f"{name} was {before[name]!r} and is {card.get(name, '')!r}"
        for name in before
        if before[name] != card.get(name, "")
    )
