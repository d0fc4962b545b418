"""The faults an attacked server can be started with, and what a responder must make of each."""

from enum import Enum
from typing import Self


class Fault(Enum):
    """One way in which a mail server or the line to it misbehaves.

    `value` is the name on the command line, `does` says what the server does, and `must` says
    what whoever responds to the incident has to do about it.
    """

    does: str
    must: str

    def __new__(cls, name: str, does: str, must: str) -> Self:
        """Give a member its name on the command line as value and its two sentences."""
        member = object.__new__(cls)
        member._value_ = name
        member.does = does
        member.must = must
        return member

    STOP_RETURNS_EARLY = (
        "stop-returns-early",
        (
            "Stopping SMTP reports success at once; the port closes soon, but the process "
            "goes on delivering and taking mail from open sessions for some seconds."
        ),
        "Touch the queue only when the process has ended and the port is closed.",
    )
    STOP_HANGS = (
        "stop-hangs",
        ("SMTP closes its port but ignores the stop command and SIGTERM, and goes on delivering."),
        (
            "Name the process and offer to kill it; while it lives, close the account, "
            "rename nothing and end red."
        ),
    )
    WATCHDOG_RESTARTS_AT_RENAME = (
        "watchdog-restarts-at-rename",
        (
            "A supervisor that no setting switches off starts SMTP once when `_outgoing` is "
            "gone, and that SMTP delivers from the renamed folder until it is stopped."
        ),
        ("Check process, port and open files again after the rename, and stop SMTP once more."),
    )
    TOOL_HANGS = (
        "tool-hangs",
        ("Setting a password never returns and holds its output open; everything else answers."),
        "Give up after the deadline and block the account's submission instead.",
    )
    TOOL_PRINTS_HELP = (
        "tool-prints-help",
        (
            "The server is old: `get` and `set` print the help text and exit 0; only "
            "`display` and `modify` work."
        ),
        "Recognise the help text and use the old words.",
    )
    DIRECTORY_ACCOUNT = (
        "directory-account",
        (
            "The account logs in against a directory: a new local password is stored and "
            "stops nobody."
        ),
        "Block the account's submission locally and say what to do in the directory.",
    )
    POLICY_REFUSES = (
        "policy-refuses",
        "Every new password is refused by the password policy.",
        "Block the account's submission instead and say so.",
    )
    RETRY_ELSEWHERE = (
        "retry-elsewhere",
        "`path.dat` keeps the retry queue, with most of the spam, outside `_outgoing`.",
        "Set both folders aside before SMTP starts again.",
    )
    OUTGOING_IS_A_LINK = (
        "outgoing-is-a-link",
        "`_outgoing` is a symbolic link; SMTP refuses to start while the link dangles.",
        "Rename what the link points to and leave a folder where it pointed.",
    )
    NEW_OUTGOING_APPEARS = (
        "new-outgoing-appears",
        (
            "Another module makes a new `_outgoing` with good mail in it as soon as the old "
            "one is renamed, before SMTP starts."
        ),
        ("Take the new folder for what it is: leave its mail where it is, to be delivered."),
    )
    START_FAILS_ON_FULL_INCOMING = (
        "start-fails-on-full-incoming",
        ("`_incoming` holds 5,200 pairs, and SMTP does not start while it holds more than 5,000."),
        "Set `_incoming` aside before the start, and lose none of it.",
    )
    SECOND_ACCOUNT = (
        "second-account",
        "The thief sends through a second account, too, which nobody named.",
        "Find the second account in queue and log, and close it before SMTP starts.",
    )
    LINE_CUT = (
        "line-cut",
        ("The SSH connection is dropped once, after a script arrived and before its answer."),
        "Connect again, look at what is there, and go on from that.",
    )
    REMOTE_REFUSES_ADDRESS = (
        "remote-refuses-address",
        (
            "From the next start of SMTP on, other servers refuse everything with a 550 that names "
            "our address; what they refuse waits in the retry queue."
        ),
        "Stop giving mail back after three such refusals, show their words, and lose nothing.",
    )
    STEM_EXISTS = (
        "stem-exists",
        (
            "The new `_outgoing` holds a mail under the file name of a good mail that was set "
            "aside; nobody answers where it goes, so it stays there."
        ),
        "Give the good mail back without overwriting the other one, or leave it and say so.",
    )
    DISK_FULL_AT_REINJECTION = (
        "disk-full-at-reinjection",
        (
            "From the next start of SMTP on, nothing that a session runs can write a byte to a "
            "file; folders and renames still work."
        ),
        "Stop giving mail back, lose nothing and send nothing twice, and say what is missing.",
    )
    DISK_FULL = (
        "disk-full",
        ("Nothing that a session runs can write a byte to a file; folders and renames still work."),
        "Contain all the same, or say before SMTP is down why that cannot be done.",
    )
    ODD_LOG = (
        "odd-log",
        (
            "The SMTP log has the form of an old server: the address column padded, the server's "
            "own address behind `Connected`, and lines among it that say nothing."
        ),
        "Read it like any other: find the thief, sort the queue, and see that it is quiet.",
    )
