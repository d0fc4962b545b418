"""One mail server: how it is reached, and what of its product is not where it usually is."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta

Port = Annotated[int, Meta(ge=1, le=65535)]
Seconds = Annotated[int, Meta(ge=1, le=3600)]
RemotePath = Annotated[str, Meta(pattern=r"^/[^\x00-\x1f]*$")]
Addresses = Annotated[str, Meta(pattern=r"^[0-9A-Fa-f.:]+(,[0-9A-Fa-f.:]+)*$")]
Word = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_.,-]+$")]


@dataclass(frozen=True)
class IceWarpOverrides:
    """What a person knows better about an IceWarp server than the server says.

    Every path is one on the server. `None` means that the server itself is asked.
    `public_addresses`, with commas, are those that the world sees it send from, where they are on
    no interface of it.
    """

    conf: RemotePath | None = None
    install: RemotePath | None = None
    tool: RemotePath | None = None
    icewarpd: RemotePath | None = None
    smtp_module: Word = "smtp"
    smtp_port: Port = 25
    outgoing: RemotePath | None = None
    retry: RemotePath | None = None
    incoming: RemotePath | None = None
    temporary: RemotePath | None = None
    logs: RemotePath | None = None
    state_folder: RemotePath | None = None
    other_modules: Word = "pop3,control,im"
    tool_patience_s: Seconds = 10
    stop_patience_s: Seconds = 60
    start_patience_s: Seconds = 40
    confirm_s: Seconds = 90
    public_addresses: Addresses | None = None


@dataclass(frozen=True)
class Host:
    """A mail server as the inventory names it.

    `None` leaves the answer to the user's ssh configuration, and then to the defaults of
    OpenSSH. `sudo_password` is a command that prints the password, never the password.
    Without `elevate` the scripts run as the user who logs in. `resolver` is the name server that
    is asked about blacklists, `ADDRESS[:PORT]`; `None` means those of this machine.
    """

    name: str
    address: str
    port: Port | None = None
    user: str | None = None
    transport: Literal["ssh", "local"] = "ssh"
    product: Literal["icewarp"] = "icewarp"
    key_file: Path | None = None
    known_hosts: Path | None = None
    ssh_config: Path | None = None
    sudo_password: tuple[str, ...] | None = None
    elevate: bool = True
    resolver: str | None = None
    icewarp: IceWarpOverrides = field(default_factory=IceWarpOverrides)
