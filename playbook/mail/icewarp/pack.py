"""IceWarp's scripts, a pack for each system that they are written for."""

from typing import Final

from playbook.mail import system
from playbook.mail.scripts.pack import Pack

QUEUE_FILES: Final = (
    "read/queue_messages.pl",
    "read/queue_content.pl",
    "read/queue_similarity.pl",
    "read/queue_files.pl",
)

LINUX: Final = Pack(
    "playbook.mail.icewarp",
    system.LINUX,
    programs={
        "read/queue_files": {
            "queue_files_pl": QUEUE_FILES,
            "queue_files_py": ("read/queue_files.py",),
        },
        "change/reinject": {
            "perl_program": ("change/reinject.pl",),
            "python_program": ("change/reinject.py",),
        },
    },
    plain={"change/reinject": ("change/reinject.plain.sh",)},
)
