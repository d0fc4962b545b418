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
            "perl_program": (
                "change/reinject_memory.pl",
                "change/reinject_copy.pl",
                "change/reinject.pl",
            ),
            "python_program": ("change/reinject_memory.py", "change/reinject.py"),
        },
    },
    before={
        "read/survey": ("way.sh",),
        "change/set_aside": ("rights.sh", "make_like.sh", "carry.sh"),
        "change/restore_folder": ("rights.sh", "make_like.sh", "given_back.sh"),
        "change/remove_empty": ("rights.sh",),
        "change/remove_settled": ("rights.sh",),
        "change/forget_incident": ("rights.sh",),
        "change/reinject": (
            "rights.sh",
            "make_like.sh",
            "change/reinject_memory.plain.sh",
            "change/reinject.plain.sh",
        ),
    },
)
