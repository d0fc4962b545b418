"""The commands for a server that nobody has looked at yet: the usual folders, and placeholders."""

from collections.abc import Mapping
from typing import Final

from playbook.hosts.host import IceWarpOverrides
from playbook.mail.actions import (
    EmptyFolderRemoved,
    FolderRestored,
    FolderSetAside,
    IncidentForgotten,
    MailAction,
    MailReinjected,
    PasswordReset,
    SessionsEnded,
    SettledMailRemoved,
    SmtpStarted,
    SmtpStopped,
    SubmissionSet,
)
from playbook.mail.icewarp import manual
from playbook.mail.icewarp.acts import act_of
from playbook.mail.icewarp.pack import LINUX
from playbook.mail.scripts.pack import Pack
from playbook.mail.survey import Account, Module, PasswordPolicy, Product, Role, Signs, Survey
from playbook.secret import PasswordShape

_INSTALL: Final = "/opt/icewarp"
_QUEUE: Final = f"{_INSTALL}/mail/_outgoing"
_ASIDE: Final = f"{_QUEUE}.INCIDENT"

_USUAL: Final = Survey(
    host="SERVER",
    root=True,
    clock=0,
    product=Product(
        name="icewarp",
        version="",
        system="Linux",
        dialect="get",
        tool_answers=True,
        tool=f"{_INSTALL}/tool.sh",
        control=f"{_INSTALL}/icewarpd.sh",
        folder=_INSTALL,
    ),
    smtp=Module("smtp", (), listening=False),
    watchdog=True,
    policy=PasswordPolicy(),
    accounts=(Account("ACCOUNT", "ACCOUNT"),),
    folders=(),
    aside=(),
    volumes=(),
    incoming_pairs=0,
    incoming_of_accounts=0,
    nodes=(),
    settings=(),
    signs=Signs(),
    holder=None,
    state_folder=f"{_INSTALL}/.respond",
    logs=f"{_INSTALL}/logs",
    addresses=(),
)

_EXAMPLES: Final[Mapping[type[MailAction], MailAction]] = {
    type(each): each
    for each in (
        SmtpStopped(),
        SmtpStarted(watchdog=True),
        PasswordReset("ACCOUNT", PasswordShape()),
        SubmissionSet("ACCOUNT", allowed=False),
        FolderSetAside(Role.OUTGOING, _QUEUE, _ASIDE),
        FolderRestored(Role.OUTGOING, _QUEUE, _ASIDE),
        SessionsEnded(("pop3", "control", "im")),
        MailReinjected(Role.OUTGOING, _ASIDE, _QUEUE, 0, ""),
        EmptyFolderRemoved(Role.OUTGOING, _ASIDE),
        SettledMailRemoved(Role.OUTGOING, _ASIDE, 0, ""),
        IncidentForgotten("INCIDENT"),
    )
}


def example(kind: type[MailAction]) -> MailAction:
    """An action of a kind, with placeholders."""
    return _EXAMPLES[kind]


def generic(kind: type[MailAction], pack: Pack = LINUX) -> tuple[str, ...]:
    """What a person types for an action of this kind, with placeholders in capitals."""
    action = example(kind)
    return act_of(action).manual[pack.system.name](action, _USUAL, IceWarpOverrides())


def generic_evidence() -> tuple[str, ...]:
    """What a person types to keep what a stop would destroy."""
    return manual.evidence(_USUAL, IceWarpOverrides())
