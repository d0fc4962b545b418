"""The ready inventory file of a drill."""

import getpass
import json
import os
from pathlib import Path

from playbook.drill.front import Front
from playbook.drill.layout import Layout
from playbook.drill.scenario import Scenario

HOST_NAME = "drill"
CONFIRM_S = 3
# Nothing listens there: a drill asks nobody on the Internet about blacklists.
NO_RESOLVER = "127.0.0.1:1"


def write_inventory(file: Path, layout: Layout, scenario: Scenario, front: Front | None) -> None:
    """Write how to reach the attacked server, under the host name `drill`."""
    reached: dict[str, str | int] = {"address": "127.0.0.1", "transport": "local"}
    if front is not None:
        reached = {
            "address": "127.0.0.1",
            "port": front.port,
            "user": getpass.getuser(),
            "transport": "ssh",
            "key_file": str(front.key_file),
            "known_hosts": str(front.known_hosts),
        }
    product: dict[str, str | int] = {
        "conf": str(layout.conf),
        "smtp_port": scenario.smtp_port,
        "confirm_s": CONFIRM_S,
    }
    # The server belongs to whoever runs the drill, so nobody has to become root.
    common: dict[str, str | int] = {
        "product": "icewarp",
        "resolver": NO_RESOLVER,
        "elevate": os.geteuid() == 0,
    }
    tables = {
        f"hosts.{HOST_NAME}": reached | common,
        f"hosts.{HOST_NAME}.icewarp": product,
    }
    file.write_text("\n".join(_table(*table) for table in tables.items()), encoding="utf-8")


def _table(name: str, values: dict[str, str | int]) -> str:
    # A JSON string of printable characters is a TOML basic string.
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in values.items()]
    return f"[{name}]\n" + "".join(lines)
