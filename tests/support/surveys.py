"""A survey of a server in good order, to be altered by a test."""

from playbook.mail.survey import (
    Account,
    Kind,
    Module,
    PasswordPolicy,
    Product,
    QueueFolder,
    Role,
    Signs,
    Survey,
)

ACCOUNT = "info@domaine.example"

SURVEY = Survey(
    host="mail1",
    root=True,
    clock=1_764_000_000,
    product=Product(
        name="icewarp",
        version="14.3",
        system="Linux",
        dialect="get",
        tool_answers=True,
        tool="/opt/icewarp/tool.sh",
        control="/opt/icewarp/icewarpd.sh",
        folder="/opt/icewarp",
    ),
    smtp=Module("smtp", (), listening=False),
    watchdog=True,
    policy=PasswordPolicy(),
    accounts=(Account(ACCOUNT, ACCOUNT),),
    folders=(
        QueueFolder(
            Role.OUTGOING,
            "/opt/icewarp/mail/_outgoing",
            Kind.FOLDER,
            "/opt/icewarp/mail/_outgoing",
            "7",
        ),
    ),
    aside=(),
    volumes=(),
    incoming_pairs=0,
    incoming_of_accounts=0,
    nodes=(),
    settings=(),
    signs=Signs(),
    holder=None,
    state_folder="/opt/icewarp/.respond",
    logs="/opt/icewarp/logs",
    addresses=(),
)
